// Who stands between us and a lock: those who hold a conflicting one, and those already waiting for one.

import type { ObjectName } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import { sql } from "../../sql/sql.ts";
import type { Backend, Blocker, Session } from "../driver.ts";

/** https://www.postgresql.org/docs/current/explicit-locking.html, table "Conflicting Lock Modes"; weakest first. */
const modes = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;
type Mode = (typeof modes)[number];
const from = (weakest: Mode): readonly Mode[] => modes.slice(modes.indexOf(weakest));
const conflicts: Readonly<Record<Mode, readonly Mode[]>> = {
  "ACCESS SHARE": from("ACCESS EXCLUSIVE"),
  "ROW SHARE": from("EXCLUSIVE"),
  "ROW EXCLUSIVE": from("SHARE"),
  "SHARE UPDATE EXCLUSIVE": from("SHARE UPDATE EXCLUSIVE"),
  SHARE: from("ROW EXCLUSIVE").filter((mode) => mode !== "SHARE"),
  "SHARE ROW EXCLUSIVE": from("ROW EXCLUSIVE"),
  EXCLUSIVE: from("ROW SHARE"),
  "ACCESS EXCLUSIVE": modes,
};

/** `ACCESS EXCLUSIVE` as pg_locks writes it: `AccessExclusiveLock`. */
const inCatalog = (mode: string): string => `${mode.toLowerCase().replaceAll(/(?:^| )(.)/g, (_, letter: string) => letter.toUpperCase())}Lock`;
const fromCatalog: ReadonlyMap<string, string> = new Map(modes.map((mode) => [inCatalog(mode), mode]));

const isMode = (mode: string): mode is Mode => (modes as readonly string[]).includes(mode);

interface BlockerRow extends Record<string, unknown> {
  readonly pid: number | null;
  readonly gid: string | null;
  readonly user: string;
  readonly application: string;
  readonly state: string;
  readonly age: number;
  readonly query: string;
  readonly schema: string;
  readonly name: string;
  readonly mode: string;
  readonly maintenance: boolean;
}

/**
 * Oldest transaction first. Partitions and inheritance children count with their parent, as LOCK TABLE takes them along. Parallel workers
 * hold what their leader holds, and a WAL sender's short locks are not worth naming. A prepared transaction is found by the lock on its own
 * number, which it holds under the same virtual transaction. What our role may not see of others is empty, and then an autovacuum is not
 * known to be one.
 * @param wanted modes as LOCK TABLE writes them: `ACCESS EXCLUSIVE`.
 */
export async function blockers(session: Session, wanted: readonly { readonly table: ObjectName; readonly mode: string }[]): Promise<readonly Blocker[]> {
  const request = wanted.map(({ table, mode }) => {
    if (!isMode(mode)) throw new TypeError(`${mode} is not a lock mode`);
    return { schema: table.schema, name: table.name, modes: conflicts[mode].map(inCatalog) };
  });
  const rows = await session.query<BlockerRow>(sql`
    with recursive wanted as (
      select c.oid, w.modes from jsonb_to_recordset(${JSON.stringify(request)}::jsonb) as w(schema text, name text, modes text[])
      join pg_catalog.pg_namespace n on n.nspname = w.schema join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
    ), tree as (
      select oid, modes from wanted union select i.inhrelid, t.modes from tree t join pg_catalog.pg_inherits i on i.inhparent = t.oid
    )
    select distinct on (coalesce(a.xact_start, p.prepared), l.pid, p.gid, n.nspname, c.relname)
      l.pid, p.gid, coalesce(a.usename, p.owner, '')::text as user, coalesce(a.application_name, '') as application,
      case when p.gid is not null then 'prepared' else coalesce(a.state, a.backend_type, '') end as state,
      coalesce(extract(epoch from clock_timestamp() - coalesce(a.xact_start, p.prepared)) * 1000, 0)::float8 as age,
      coalesce(a.query, '') as query, n.nspname as schema, c.relname as name, l.mode,
      coalesce(a.backend_type = 'autovacuum worker' and a.query not like '%(to prevent wraparound)', false) as maintenance
    from tree t
    join pg_catalog.pg_locks l on l.locktype = 'relation' and l.relation = t.oid and l.mode = any(t.modes)
      and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
    join pg_catalog.pg_class c on c.oid = t.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_stat_activity a on a.pid = l.pid
    left join pg_catalog.pg_locks x on l.pid is null and x.pid is null and x.locktype = 'transactionid' and x.granted and x.virtualtransaction = l.virtualtransaction
    left join pg_catalog.pg_prepared_xacts p on p.transaction = x.transactionid
    where l.pid is distinct from pg_backend_pid() and a.leader_pid is null and a.backend_type is distinct from 'walsender'
    order by coalesce(a.xact_start, p.prepared) nulls last, l.pid, p.gid, n.nspname, c.relname,
      array_position(array['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock', 'ShareUpdateExclusiveLock'], l.mode) nulls last`);
  return rows.map(({ age, schema, name, mode, ...row }) => ({
    ...row,
    ageMs: Math.round(age),
    relation: keyOf({ schema, name }),
    mode: fromCatalog.get(mode) ?? mode,
  }));
}

interface WaitRow extends Record<string, unknown> {
  readonly pid: number;
  readonly user: string;
  readonly application: string;
  readonly state: string;
  readonly age: number;
  readonly query: string;
  readonly schema: string | null;
  readonly name: string | null;
  readonly kind: string;
}

/** What a lock is on, for people; a row's holder is waited for by its transaction's number. */
const kinds: Readonly<Record<string, string>> = { transactionid: "a row", tuple: "a row", relation: "the table", advisory: "an advisory lock" };

/** A prepared transaction has no process and is number 0 in pg_blocking_pids. */
export async function waitedFor(session: Session, backend: Backend): Promise<readonly Blocker[]> {
  const rows = await session.query<WaitRow>(sql`
    select b.pid, coalesce(a.usename, '')::text as user, coalesce(a.application_name, '') as application,
      case when b.pid = 0 then 'prepared' else coalesce(a.state, a.backend_type, '') end as state,
      coalesce(extract(epoch from clock_timestamp() - a.xact_start) * 1000, 0)::float8 as age, coalesce(a.query, '') as query, o.schema, o.name,
      coalesce((select l.locktype from pg_catalog.pg_locks l where l.pid = ${backend.pid} and not l.granted limit 1), '') as kind
    from (select distinct unnest(pg_catalog.pg_blocking_pids(${backend.pid})) as pid) b
    left join pg_catalog.pg_stat_activity a on a.pid = b.pid and b.pid <> 0
    left join (
      select n.nspname as schema, c.relname as name from pg_catalog.pg_locks l
      join pg_catalog.pg_class c on c.oid = l.relation join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where l.pid = ${backend.pid} and l.locktype in ('tuple', 'relation') order by l.granted, l.locktype = 'tuple' desc limit 1
    ) o on true
    order by age desc, b.pid`);
  return rows.map(({ age, kind, pid, schema, name, ...row }) => ({
    ...row,
    relation: schema === null || name === null ? "" : keyOf({ schema, name }),
    pid: pid === 0 ? null : pid,
    gid: pid === 0 ? "see pg_prepared_xacts" : null,
    ageMs: Math.round(age),
    mode: kinds[kind] ?? "a lock",
    maintenance: false,
  }));
}
