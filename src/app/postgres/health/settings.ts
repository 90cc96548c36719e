// Settings of the server that a run leans on.
import { sql } from "../../../sql/sql.ts";
import { bad, type Check, good, warn } from "../../health.ts";

/** Work, journal, heartbeat, and the command's own. */
const sessionsOfARun = 4;

const connections: Check = {
  title: "free connections",
  async ask(session) {
    const [row] = await session.query<{ free: number; limit: number }>(sql`
      select pg_catalog.current_setting('max_connections')::int as limit,
        pg_catalog.current_setting('max_connections')::int - pg_catalog.current_setting('superuser_reserved_connections')::int
          - (select count(*)::int from pg_catalog.pg_stat_activity where backend_type = 'client backend' or backend_type is null) as free`);
    const { free = 0, limit = 0 } = row ?? {};
    const fix = "Raise max_connections, or put the application behind a pooler.";
    if (free < sessionsOfARun) return bad(`${free} of ${limit} are free; a run needs ${sessionsOfARun}`, fix);
    return free < 2 * sessionsOfARun
      ? warn(`only ${free} of ${limit} are free; each run needs ${sessionsOfARun}`, fix)
      : good(`${free} of ${limit}; a run needs ${sessionsOfARun}`);
  },
};

const checkInterval: Check = {
  title: "client_connection_check_interval",
  async ask(session) {
    const [row] = await session.query<{ value: string }>(sql`select pg_catalog.current_setting('client_connection_check_interval') as value`);
    return row?.value !== undefined && row.value !== "0"
      ? good("a killed process gives its locks back within half a second")
      : warn("is not supported here: a killed process keeps waiting for locks until the network notices", null);
  },
};

const autovacuum: Check = {
  title: "autovacuum",
  async ask(session) {
    const [row] = await session.query<{ on: boolean }>(sql`select pg_catalog.current_setting('autovacuum')::bool as on`);
    return row?.on
      ? good("is on; it takes away what backfills leave")
      : warn("is off: each backfill leaves a dead row for every row that it fills", "alter system set autovacuum = on; select pg_reload_conf();");
  },
};

const idle: Check = {
  title: "idle transactions",
  async ask(session) {
    const [row] = await session.query<{ value: string }>(
      sql`select reset_val as value from pg_catalog.pg_settings where name = 'idle_in_transaction_session_timeout'`,
    );
    return row?.value !== undefined && row.value !== "0"
      ? good("are ended by the server")
      : warn(
          "are never ended: one forgotten in a client holds up a step until it is found",
          "Set idle_in_transaction_session_timeout for the application's role, say to 60 s.",
        );
  },
};

const eventTriggers: Check = {
  title: "event triggers",
  async ask(session) {
    const rows = await session.query<{ name: string }>(sql`select evtname::text as name from pg_catalog.pg_event_trigger where evtenabled <> 'D' order by 1`);
    return rows.length === 0
      ? good("none")
      : warn(
          `${rows.map(({ name }) => name).join(", ")} run with every change of a definition, under its locks`,
          "Make sure that they are quick and refuse nothing of schema hotstick.",
        );
  },
};

const wraparound: Check = {
  title: "transaction numbers",
  async ask(session) {
    const [row] = await session.query<{ age: number }>(
      sql`select pg_catalog.age(datfrozenxid)::float8 as age from pg_catalog.pg_database where datname = current_database()`,
    );
    const millions = Math.round((row?.age ?? 0) / 1e6);
    return millions < 1_000
      ? good(`${millions} million of 2,000 million in use`)
      : warn(`${millions} million of 2,000 million in use; autovacuum against wraparound does not give way to a lock`, "Let VACUUM FREEZE catch up first.");
  },
};

export const settings: readonly Check[] = [connections, checkInterval, autovacuum, idle, eventTriggers, wraparound];
