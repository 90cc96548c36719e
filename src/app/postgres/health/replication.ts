// Who receives what this server writes, and what that means for a run.
import { sql } from "../../../sql/sql.ts";
import { type Check, good, some, warn } from "../../health.ts";

const replicas: Check = {
  title: "replicas",
  async ask(session) {
    const rows = await session.query<{ name: string; sync: string }>(
      sql`select coalesce(nullif(application_name, ''), client_addr::text, 'a replica') as name, coalesce(sync_state, '') as sync from pg_catalog.pg_stat_replication order by 1`,
    );
    if (rows.length === 0) return good("none are connected");
    const waits = rows.some(({ sync }) => sync === "sync" || sync === "quorum") ? "; commits wait for them, so batches take longer" : "";
    return warn(
      `${some(rows.map(({ name }) => name))}${waits}; a strong lock is replayed there, and readers wait or are cancelled while long queries hold it up`,
      "Keep queries on replicas short while a run changes definitions, or name them in replicaUrls: then their readers are waited for.",
    );
  },
};

const publications: Check = {
  title: "logical replication",
  async ask(session) {
    const rows = await session.query<{ name: string }>(
      sql`select pubname::text as name from pg_catalog.pg_publication union all select subname::text from pg_catalog.pg_subscription where subdbid = (select oid from pg_catalog.pg_database where datname = current_database()) order by 1`,
    );
    return rows.length === 0
      ? good("none")
      : warn(
          `${some(rows.map(({ name }) => name))}: definitions are not replicated`,
          "Add new columns at subscribers before a run publishes rows that have them.",
        );
  },
};

const slots: Check = {
  title: "replication slots",
  async ask(session) {
    const rows = await session.query<{ name: string; gigabytes: number }>(sql`
      select slot_name::text as name, (pg_catalog.pg_wal_lsn_diff(case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn() else pg_catalog.pg_current_wal_lsn() end, restart_lsn) / 1073741824)::float8 as gigabytes
      from pg_catalog.pg_replication_slots where not active and restart_lsn is not null order by 2 desc`);
    if (rows.length === 0) return good("none lies idle");
    const kept = rows.map(({ name, gigabytes }) => `${name} (${gigabytes.toFixed(1)} GB)`);
    return warn(
      `nobody reads ${some(kept)}: the server keeps everything that a backfill writes for them`,
      "Drop slots that are not needed, or set max_slot_wal_keep_size.",
    );
  },
};

export const replication: readonly Check[] = [replicas, publications, slots];
