// What is going on right now and would be in the way.
import { sql } from "../../../sql/sql.ts";
import { type Check, good, some, warn } from "../../health.ts";

const transactions: Check = {
  title: "long transactions",
  async ask(session) {
    const rows = await session.query<{ pid: number; who: string; minutes: number }>(sql`
      select pid, coalesce(nullif(application_name, ''), usename, backend_type, '')::text as who, (extract(epoch from clock_timestamp() - xact_start) / 60)::float8 as minutes from pg_catalog.pg_stat_activity
      where datname = current_database() and xact_start < clock_timestamp() - interval '5 minutes' order by xact_start`);
    const named = rows.map(({ pid, who, minutes }) => `pid ${pid} (${who}, ${Math.round(minutes)} min)`);
    return rows.length === 0
      ? good("none is older than five minutes")
      : warn(`${some(named)}; a step that needs their tables waits for them`, "End them, or start when they are done.");
  },
};

const prepared: Check = {
  title: "prepared transactions",
  async ask(session) {
    const rows = await session.query<{ gid: string }>(sql`select gid from pg_catalog.pg_prepared_xacts where database = current_database() order by prepared`);
    return rows.length === 0
      ? good("none")
      : warn(`${some(rows.map(({ gid }) => gid))} hold their locks until somebody ends them`, "commit prepared '…' or rollback prepared '…'.");
  },
};

const indexes: Check = {
  title: "invalid indexes",
  async ask(session) {
    const rows = await session.query<{ name: string }>(sql`
      select i.indexrelid::pg_catalog.regclass::text as name from pg_catalog.pg_index i where not i.indisvalid
        and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid) order by 1`);
    return rows.length === 0
      ? good("none")
      : warn(`${some(rows.map(({ name }) => name))} cost every write and serve no query`, "drop index concurrently, or build them again.");
  },
};

export const activity: readonly Check[] = [transactions, prepared, indexes];
