// Triggers of one kind fire in the order of their names here: ours have to be there, fire, and sort last.
import { quoteName } from "../../dialects/postgres/quoting.ts";
import type { Row, Session } from "../../drivers/driver.ts";
import type { ObjectName } from "../../schema/model.ts";
import { homeNamespace, keyOf } from "../../schema/names.ts";
import { join, sql } from "../../sql/sql.ts";
import type { Template } from "../../step/step.ts";
import type { Disturbance, DisturbancesRequest } from "../engine.ts";
import { lost, unheard } from "../sync-lost.ts";

interface Fired extends Row {
  /** Whose rows it fires for: the table, a partition or a child of it. */
  readonly namespace: string;
  readonly relation: string;
  readonly name: string;
  readonly inserts: boolean;
  readonly updates: boolean;
  readonly ours: boolean;
  readonly enabled: boolean;
}

/** In the order in which they fire: by the bytes of their names. @see https://www.postgresql.org/docs/current/trigger-definition.html */
const firedBefore = (session: Session, tables: readonly ObjectName[]): Promise<readonly Fired[]> =>
  session.query<Fired>(sql`
    with recursive relations as (
      select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where ${join(
        tables.map(({ schema, name }) => sql`(n.nspname = ${schema} and c.relname = ${name})`),
        " or ",
      )}
      union select i.inhrelid from pg_catalog.pg_inherits i join relations r on r.oid = i.inhparent
    )
    select n.nspname::text as namespace, c.relname::text as relation, t.tgname::text as name, t.tgtype & 4 <> 0 as inserts, t.tgtype & 16 <> 0 as updates,
      f.nspname = ${homeNamespace} and t.tgname like '%hotstick\\_sync\\_%' as ours, t.tgenabled <> 'D' as enabled
    from relations r join pg_catalog.pg_trigger t on t.tgrelid = r.oid join pg_catalog.pg_class c on c.oid = r.oid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_proc p on p.oid = t.tgfoid
      join pg_catalog.pg_namespace f on f.oid = p.pronamespace
    where not t.tgisinternal and t.tgtype & 3 = 3 and t.tgtype & 20 <> 0 order by 1, 2, t.tgname collate "C"`);

const place = ({ namespace, relation }: Fired): ObjectName => ({ schema: namespace, name: relation });

/** Made by expand and not there. */
function missing(tables: readonly ObjectName[], rows: readonly Fired[], laid: readonly Template[]): readonly Disturbance[] {
  return laid.flatMap((text): readonly Disturbance[] => {
    const [, quoted = "", event = ""] = /^create trigger ("(?:[^"]|"")+") before (insert|update)\b/.exec(text) ?? [];
    const name = quoted.slice(1, -1).replaceAll('""', '"');
    const table = tables.find(({ schema, name: of }) => text.includes(` on ${quoteName([schema, of])} for each row `));
    if (table === undefined || !name.includes("hotstick_sync_")) return [];
    const stands = rows.some(
      (row) => row.ours && row.namespace === table.schema && row.relation === table.name && (event === "insert" ? row.inserts : row.updates),
    );
    return stands ? [] : [lost(name, keyOf(table), event)];
  });
}

const silent = (row: Fired): Disturbance => {
  const table = keyOf(place(row));
  return {
    trigger: `${table}.${row.name}`,
    message: `The trigger ${row.name} is switched off: since then no ${row.inserts ? "INSERT" : "UPDATE"} of ${table} is kept in step.`,
    fix: `alter table ${quoteName([row.namespace, row.relation])} enable always trigger ${quoteName([row.name])};`,
  };
};

function behind(row: Fired, rows: readonly Fired[]): readonly Disturbance[] {
  if (row.ours) return row.enabled ? [] : [silent(row)];
  const before = rows
    .slice(0, rows.indexOf(row))
    .find(
      ({ ours, namespace, relation, inserts, updates }) =>
        ours && namespace === row.namespace && relation === row.relation && ((inserts && row.inserts) || (updates && row.updates)),
    );
  if (before === undefined || !row.enabled) return [];
  const on = quoteName([row.namespace, row.relation]);
  return [
    unheard(
      row.name,
      keyOf(place(row)),
      before.name,
      `drop trigger ${quoteName([row.name])} on ${on}; and make it again when the run is over, or under a name that sorts first.`,
    ),
  ];
}

export async function disturbances(session: Session, { tables, laid }: DisturbancesRequest): Promise<readonly Disturbance[]> {
  if (tables.length === 0) return [];
  const rows = await firedBefore(session, tables);
  return [...missing(tables, rows, laid), ...rows.flatMap((row) => behind(row, rows))];
}
