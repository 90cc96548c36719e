// The archive of what the drop takes away, and how its values find their rows again.
import { homeNamespace, keyOf, nameFor } from "../../../schema/names.ts";
import { ident, join, literal, raw, type Sql, sql } from "../../../sql/sql.ts";
import type { StepCore } from "../../../step/step.ts";
import { lastingColumns, markers, oldColumns, originals, stayingColumns } from "../../shape/columns.ts";
import { catalogStep } from "../core.ts";
import { at, text } from "../writing.ts";
import { batchTimeouts, walk, walked } from "./batches.ts";
import type { ShapeContext } from "./context.ts";

/** Archives are named after run and table; a second drop of the same run makes its own anew. */
export const archiveName = (context: ShapeContext): Sql =>
  ident(homeNamespace, nameFor("archive_{{run}}", [context.table.name.schema, context.table.name.name]));

const values = (context: ShapeContext): readonly string[] => [...new Set([...oldColumns(context.shape).map((old) => old.retired), ...markers(context.shape)])];

/**
 * The image of what stays: of the new shape where there is one, else of all columns that stay. A row that was deleted and inserted
 * again under the same key differs in it, or holds the very same values.
 */
function image(context: ShapeContext, row: Sql = raw("")): Sql {
  const fresh = lastingColumns(context.shape).map((column) => column.spec.name);
  const stays = stayingColumns(context.shape, context.table).map((column) => column.name);
  const names = fresh.length > 0 ? fresh : stays;
  return names.length === 0 ? raw("''") : sql`pg_catalog.md5(row(${join(names.map((name) => sql`${row}${ident(name)}`))})::text)`;
}

/** Names in an archive begin like our hidden columns, so that none is a key's. */
const place = { table: raw("hotstick_table"), row: raw("hotstick_place"), version: raw("hotstick_version"), image: raw("hotstick_image") };
const keyName = (i: number): Sql => raw(`hotstick_k${i + 1}`);

/** One statement under one snapshot that locks nobody; the fence keeps the archived columns still until the drop. */
export function archiveStep(context: ShapeContext): StepCore {
  const { key, size, group } = context;
  const name = archiveName(context);
  const list: readonly Sql[] = [
    ...key.map((column, i) => sql`${ident(column.name)} as ${keyName(i)}`),
    sql`tableoid as ${place.table}`,
    sql`ctid as ${place.row}`,
    sql`xmin as ${place.version}`,
    ...values(context).map((value) => ident(value)),
    sql`${image(context)} as ${place.image}`,
  ];
  const unique = key.length > 0 ? join(key.map((_, i) => keyName(i))) : sql`${place.table}, ${place.row}`;
  return {
    ...catalogStep({
      title: `archive ${originals(context.shape, context.table)
        .map(({ column }) => column.name)
        .join(", ")} of ${keyOf(context.table.name)}`,
      why: "undo restores from it. One snapshot, and no lock that anybody notices.",
      locks: [],
      statements: [
        text(sql`drop table if exists ${name}`),
        text(sql`create table ${name} as select ${join(list)} from ${at(context.table.name)}`),
        text(sql`create unique index on ${name} (${unique})`),
        text(sql`analyze ${name}`),
        text(
          sql`insert into hotstick.archives (run, step, source, archive, rows) select {{run}}, 'drop', ${literal(keyOf(context.table.name))}, ${literal(text(name))}, count(*) from ${name} on conflict (run, step, source) do update set rows = excluded.rows, at = excluded.at, bound = excluded.bound`,
        ),
      ],
      estimate: { rows: size.rows < 0 ? null : size.rows, ms: size.rows < 0 ? null : Math.round(size.rows / 250) },
      group,
      mark: "archive",
    }),
    work: "scan",
    timeouts: { lock: 30_000, statement: 0 },
  };
}

/**
 * Gives archived values back. By key alone a row that was inserted again would get a dead row's value: the row version must precede
 * the archive's snapshot, or what stays of the row must be as it was then.
 */
export function restoreSteps(context: ShapeContext): readonly StepCore[] {
  const { key, size, group } = context;
  const match =
    key.length > 0
      ? join(
          key.map((column, i) => sql`archived.${keyName(i)} = restored.${ident(column.name)}`),
          " and ",
        )
      : sql`archived.${place.table} = restored.tableoid and archived.${place.row} = restored.ctid and archived.${place.version} = restored.xmin`;
  const proof = sql`(hotstick.precedes(restored.xmin, '{{archived}}') or archived.${place.image} = ${image(context, raw("restored."))})`;
  const set = join(values(context).map((name) => sql`${ident(name)} = archived.${ident(name)}`));
  return walked(context).map((table) => {
    const from = key.length === 0 && context.table.kind !== "partitioned" ? sql`only ${at(table)}` : at(table);
    // Inside, the archive's rows bear the names of the key, so that a batch's range cuts both tables by their own indexes.
    const kept = [place.table, place.version, place.image, ...values(context).map((name) => ident(name))];
    const named =
      key.length > 0 ? key.map((column, i) => ({ inside: ident(column.name), outside: keyName(i) })) : [{ inside: raw("ctid"), outside: place.row }];
    const inside = join([...named.map((name) => sql`${name.outside} as ${name.inside}`), ...kept]);
    const outside = join([...named.map((name) => sql`kept.${name.inside} as ${name.outside}`), ...kept]);
    const archived = sql`(select ${outside} from (select ${inside} from ${archiveName(context)}) as kept where {{after}} and {{upto}}) as archived`;
    return {
      title: `restore ${originals(context.shape, context.table)
        .map(({ column }) => column.name)
        .join(", ")} of ${keyOf(table)} from the archive`,
      act: {
        ...walk(context, table, { apply: null, check: null, only: null }),
        apply: text(sql`update ${from} as restored set ${set} from ${archived} where {{after}} and {{upto}} and ${match} and ${proof}`),
      },
      probe: null,
      locks: [],
      work: "batched",
      timeouts: batchTimeouts,
      why: "A value is given back only where the row is provably the one that was archived; the others are computed from the new shape.",
      estimate: { rows: size.rows < 0 ? null : size.rows, ms: size.rows < 0 ? null : Math.round(size.rows / 60), holdMs: null },
      group,
      mark: null,
    };
  });
}
