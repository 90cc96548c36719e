// Facts about tables: how big, whether empty, and what our role may do to them.

import { quoteName } from "../../../dialects/postgres/quoting.ts";
import type { RightsFact, SizeFact } from "../../../schema/facts.ts";
import type { ObjectName } from "../../../schema/model.ts";
import { sql } from "../../../sql/sql.ts";
import type { Session } from "../../driver.ts";
import { classify } from "../errors.ts";

/** A table that does not exist (yet): an earlier operation of the same plan may make it. */
export const sizeOfNothing: SizeFact = { rows: 0, bytes: 0, partitions: 0 };
export const rightsOfNothing: RightsFact = { owner: true, seesAllRows: true, create: true };

const namesOf = (tables: readonly ObjectName[]): string => JSON.stringify(tables.map(({ schema, name }) => ({ schema, name })));

interface SizeRow extends Record<string, unknown> {
  readonly schema: string;
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly partitions: number;
}

/**
 * Rows as the planner estimates them: the density that the last ANALYZE found, times the pages of now. One descendant that was never
 * counted makes the whole unknown, but for one without pages, which has no rows.
 */
export const readSizes = (session: Session, tables: readonly ObjectName[]): Promise<readonly SizeRow[]> =>
  session.query<SizeRow>(sql`
    with recursive tree as (
      select c.oid as root, c.oid from jsonb_to_recordset(${namesOf(tables)}::jsonb) as w(schema text, name text)
      join pg_catalog.pg_namespace n on n.nspname = w.schema join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
      union select t.root, i.inhrelid from tree t join pg_catalog.pg_inherits i on i.inhparent = t.oid
    ), leaf as (
      select t.root, t.oid, c.reltuples, c.relpages, pg_catalog.pg_relation_size(t.oid) / current_setting('block_size')::int8 as pages, pg_catalog.pg_total_relation_size(t.oid) as bytes
      from tree t join pg_catalog.pg_class c on c.oid = t.oid where c.relkind <> 'p'
    )
    select n.nspname as schema, c.relname as name, coalesce(sum(l.bytes), 0)::float8 as bytes, (count(l.oid) filter (where l.oid <> c.oid))::int as partitions,
      case when bool_or(l.reltuples < 0 and l.pages > 0) then -1
        else coalesce(round(sum(case when l.pages = 0 then 0 when l.relpages > 0 then l.reltuples * l.pages / l.relpages else l.reltuples end)), 0) end::float8 as rows
    from (select distinct root from tree) r join pg_catalog.pg_class c on c.oid = r.root join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join leaf l on l.root = r.root
    group by 1, 2, c.oid`);

interface RightsRow extends Record<string, unknown>, RightsFact {
  readonly schema: string;
  readonly name: string;
}

/** Ownership is what ALTER TABLE asks for: the owner, a member of the owner, or a superuser. */
export const readRights = (session: Session, tables: readonly ObjectName[]): Promise<readonly RightsRow[]> =>
  session.query<RightsRow>(sql`
    select n.nspname as schema, c.relname as name, pg_catalog.pg_has_role(c.relowner, 'USAGE') as owner,
      not c.relrowsecurity or me.rolsuper or me.rolbypassrls or (pg_catalog.pg_has_role(c.relowner, 'USAGE') and not c.relforcerowsecurity) as "seesAllRows",
      pg_catalog.has_schema_privilege(n.oid, 'CREATE') as create
    from jsonb_to_recordset(${namesOf(tables)}::jsonb) as w(schema text, name text)
    join pg_catalog.pg_namespace n on n.nspname = w.schema join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
    join pg_catalog.pg_roles me on me.rolname = current_user`);

const emptiness = (table: ObjectName): string => `select not exists (select from ${quoteName([table.schema, table.name])}) as empty`;

/** Somebody's ACCESS EXCLUSIVE must not hold up a plan for ever. */
const patience = "set local lock_timeout = '10s'";

async function isEmpty(session: Session, table: ObjectName): Promise<boolean> {
  try {
    const results = await session.script(["begin read only", patience, emptiness(table), "commit"]);
    return results[2]?.[0]?.["empty"] === true;
  } catch (error) {
    if (!session.closed) await session.script(["rollback"]);
    // Not allowed to look, or to see every row: the careful answer is that there are some.
    if (classify(error) === "denied") return false;
    throw error;
  }
}

/** For each table whether it and its descendants hold no row at all; the tables must exist. */
export async function readEmptiness(session: Session, tables: readonly ObjectName[]): Promise<readonly boolean[]> {
  if (tables.length === 0) return [];
  try {
    const results = await session.script(["begin read only", patience, ...tables.map(emptiness), "commit"]);
    return results.slice(2, -1).map((rows) => rows[0]?.["empty"] === true);
  } catch (error) {
    if (!session.closed) await session.script(["rollback"]);
    if (classify(error) !== "denied") throw error;
    const answers: boolean[] = [];
    for (const table of tables) answers.push(await isEmpty(session, table));
    return answers;
  }
}
