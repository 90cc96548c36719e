// Settings of the server that a run leans on.

import { isMariadb } from "../../../dialects/mysql/capabilities.ts";
import type { Session } from "../../../drivers/driver.ts";
import { settingOf } from "../../../drivers/mysql/server.ts";
import { sql } from "../../../sql/sql.ts";
import { bad, type Check, good, warn } from "../../health.ts";
import { heldGrants } from "../grants.ts";
import { globalVariables, isOn } from "../variables.ts";

/** Work, journal, heartbeat, and the command's own; and for a moment the one that ends a statement. */
const sessionsOfARun = 5;

async function freeConnections(session: Session): Promise<{ readonly free: number; readonly limit: number; readonly fix: string }> {
  const value = await globalVariables(session, ["max_connections", "max_user_connections"]);
  const limit = Number(value("max_connections"));
  const [used] = await session.query<{ Value: string }>(sql`show global status where variable_name = 'Threads_connected'`);
  // The session's value is the account's own limit where it has one. An account sees at least its own connections.
  const [mine] = await session.query<{ limit: string; used: string }>(sql`
    select @@session.max_user_connections as \`limit\`, (select count(*) from information_schema.processlist where user = substring_index(current_user(), '@', 1)) as used`);
  const free = limit - Number(used?.Value ?? 0);
  const own = Number(mine?.limit ?? 0);
  const left = own - Number(mine?.used ?? 0);
  if (own > 0 && left < free) return { free: left, limit: own, fix: "Raise max_user_connections of this account." };
  return { free, limit, fix: "Raise max_connections, or put the application behind a pooler." };
}

const connections: Check = {
  title: "free connections",
  async ask(session) {
    const { free, limit, fix } = await freeConnections(session);
    if (free < sessionsOfARun) return bad(`${free} of ${limit} are free; a run needs ${sessionsOfARun}`, fix);
    return free < 2 * sessionsOfARun
      ? warn(`only ${free} of ${limit} are free; each run needs ${sessionsOfARun}`, fix)
      : good(`${free} of ${limit}; a run needs ${sessionsOfARun}`);
  },
};

const readOnly: Check = {
  title: "read_only",
  async ask(session) {
    const names = ["read_only", "super_read_only", "innodb_read_only"];
    const value = await globalVariables(session, names);
    const on = names.filter((name) => isOn(value(name)));
    return on.length === 0
      ? good("is off")
      : bad(
          `${on.join(" and ")} ${on.length === 1 ? "is" : "are"} on: this is a replica, or was closed for writes`,
          "Give the URL of the primary, or: set global read_only = 0;",
        );
  },
};

const instant: Check = {
  title: "instant changes of columns",
  async ask(session) {
    const setting = await settingOf(session);
    return setting === undefined ? good("are allowed") : bad(setting.message, setting.fix);
  },
};

const strict: Check = {
  title: "sql_mode",
  async ask(session) {
    const mode = (await globalVariables(session, ["sql_mode"]))("sql_mode") ?? "";
    const modes = mode.split(",");
    if (modes.includes("ORACLE"))
      return warn("is ORACLE: routines and triggers that were made under it are written in another language, which is not searched for columns", null);
    return modes.includes("STRICT_TRANS_TABLES") || modes.includes("STRICT_ALL_TABLES") || modes.includes("TRADITIONAL")
      ? good("is strict")
      : warn(
          "is not strict: a value that an application gives and that does not fit is cut or replaced without an error, and an insert that leaves out a NOT NULL column gets '' or 0. A run carries such values along",
          "Let the applications connect with STRICT_TRANS_TABLES. Sessions of a run do so by themselves.",
        );
  },
};

const checking: Check = {
  title: "checks of keys",
  async ask(session) {
    const names = ["foreign_key_checks", "unique_checks", "check_constraint_checks"];
    const value = await globalVariables(session, names);
    const off = names.filter((name) => value(name) !== null && !isOn(value(name)));
    return off.length === 0
      ? good("are made")
      : warn(
          `${off.join(", ")} ${off.length === 1 ? "is" : "are"} off for every new connection: rows that break a constraint come in, and stop a run where it attaches one`,
          off.map((name) => `set global ${name} = 1;`).join(" "),
        );
  },
};

/** The server's default, bytes. */
const usualLog = 134_217_728;

const onlineLog: Check = {
  title: "innodb_online_alter_log_max_size",
  async ask(session) {
    const bytes = Number((await globalVariables(session, ["innodb_online_alter_log_max_size"]))("innodb_online_alter_log_max_size"));
    const megabytes = `${Math.round(bytes / 1_048_576)} MB`;
    const meaning =
      "of what others write to a table is kept while an index is built on it; if that is too little the build ends with error 1799 and begins anew";
    return bytes >= usualLog
      ? good(`${megabytes} ${meaning}`)
      : warn(`only ${megabytes} ${meaning}`, `set global innodb_online_alter_log_max_size = ${usualLog}; or more`);
  },
};

const letterCase: Check = {
  title: "lower_case_table_names",
  async ask(session) {
    const value = (await globalVariables(session, ["lower_case_table_names"]))("lower_case_table_names");
    return value === "0"
      ? good("is 0: names of tables are as they are written")
      : warn(
          `is ${value}: letters of tables' names are not told apart here, as they are on other servers`,
          "Write names of tables in lower case in migrations.",
        );
  },
};

const timeZones: Check = {
  title: "time zones",
  async ask(session) {
    const [row] = await session.query<{ known: number }>(sql`select convert_tz('2000-01-01 00:00:00', 'UTC', 'Europe/Berlin') is not null as known`);
    return row?.known === 1
      ? good("are known by name")
      : warn(
          "are not known by name: convert_tz() with one gives NULL, in SQL of your own too",
          "As an administrator, on the server: mariadb-tzinfo-to-sql /usr/share/zoneinfo | mariadb mysql (mysql_tzinfo_to_sql on MySQL). Or write offsets.",
        );
  },
};

const limits: Check = {
  title: "lock budget",
  async ask(session) {
    return isMariadb((await heldGrants(session)).version)
      ? good("kept by max_statement_time, to the millisecond")
      : good("kept by KILL QUERY from a second connection: this server counts waits for locks in whole seconds");
  },
};

export const settings: readonly Check[] = [readOnly, connections, instant, limits, strict, checking, onlineLog, letterCase, timeZones];
