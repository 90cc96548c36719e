// The templates of a walk along a table's key.
import type { ObjectName, Table } from "../../../schema/model.ts";
import { keyOf, sameName } from "../../../schema/names.ts";
import { ident, join, literal, raw, type Sql, sql } from "../../../sql/sql.ts";
import type { BatchesAct, StepCore } from "../../../step/step.ts";
import { at, text } from "../writing.ts";
import type { ShapeContext } from "./context.ts";

export interface Walk {
  /** Changes the rows of a batch: `set …`, and the condition on a row; or null. */
  readonly apply: {
    readonly set: readonly Sql[];
    readonly where: Sql /** For a batch that the server refuses whole: without the rows that cannot be changed. */;
    readonly careful?: Sql;
  } | null;
  /** Selects a bad row: the condition, and the words for it; or null. */
  readonly check: { readonly where: Sql; readonly problem: Sql } | null;
  /** Walks only these rows, by an index over them, until none is left; null: all rows, once. */
  readonly only: Sql | null;
}

/** Measured: batches of 1,000 rows cost 40 % more than of 10,000; the time target finds the size between. */
const firstRows = 1000;

/**
 * A batch that meets a locked row soon lets go of its own and is tried again. Were it patient, its rows' writers would wait as long,
 * and one that holds the locked row would find a deadlock after deadlock_timeout (1 s by default) and die of it in our place.
 */
export const batchTimeouts: StepCore["timeouts"] = { lock: "budget", statement: 0 };

/** How the next bound and the last key are found. */
interface Bounds {
  readonly bound: Sql;
  readonly last: Sql;
}

function keyBounds(table: Sql, names: readonly Sql[], only: Sql | null): Bounds {
  const asText = keyAsText(names);
  const among = only ? sql` and ${only}` : raw("");
  return {
    bound: sql`select ${asText} from ${table} where {{after}}${among} order by ${join(names)} offset {{limit}} - 1 limit 1`,
    last: sql`select ${asText} from ${table}${only ? sql` where ${only}` : raw("")} order by ${join(names.map((name) => sql`${name} desc`))} limit 1`,
  };
}

/**
 * Without a key a table is walked by place. A range on ctid is scanned in physical order and stops early (14+), while a sequential
 * scan may start in the middle (synchronize_seqscans); so there is always a range, and no sort.
 */
function placeBounds(table: Sql, only: Sql | null): Bounds {
  const rows = only
    ? sql`select ctid from ${table} where {{after}} and ${only} order by ctid limit {{limit}}`
    : sql`select ctid from ${table} where {{after}} and ctid >= '(0,0)'::pg_catalog.tid limit {{limit}}`;
  return {
    bound: sql`select max(place)::text as k1 from (${rows}) rows (place) having count(*) = {{limit}}`,
    last: sql`select '(' || pg_catalog.pg_relation_size(${literal(text(table))}::pg_catalog.regclass) / pg_catalog.current_setting('block_size')::int8 || ',0)' as k1`,
  };
}

const keyAsText = (names: readonly Sql[]): Sql => join(names.map((name, i) => sql`${name}::text as ${raw(`k${i + 1}`)}`));

/** The tables that are walked: a table without a key is walked leaf by leaf, since a place means nothing across partitions. */
export const walked = (context: ShapeContext): readonly ObjectName[] => {
  if (context.key.length > 0) return [context.table.name];
  const below = (table: Table): readonly Table[] => {
    const direct = Object.values(context.schema.tables).filter(
      (other) => (other.partitionOf && sameName(other.partitionOf.parent, table.name)) || other.inherits.some((parent) => sameName(parent, table.name)),
    );
    return [...(table.kind === "partitioned" ? [] : [table]), ...direct.flatMap(below)];
  };
  return below(context.table)
    .map((table) => table.name)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
};

/** @param table one of `walked`. */
export function walk(context: ShapeContext, table: ObjectName, what: Walk): BatchesAct {
  const byPlace = context.key.length === 0;
  const from = byPlace && context.table.kind !== "partitioned" ? sql`only ${at(table)}` : at(table);
  const key = byPlace ? [{ name: "ctid", type: "pg_catalog.tid" }] : context.key.map(({ name, type }) => ({ name, type }));
  const names = key.map(({ name }) => (byPlace ? raw("ctid") : ident(name)));
  const { bound, last } = byPlace ? placeBounds(from, what.only) : keyBounds(from, names, what.only);
  const update = (set: readonly Sql[], where: Sql): string => text(sql`update ${from} set ${join(set)} where {{after}} and {{upto}} and (${where})`);
  return {
    kind: "batches",
    table,
    key,
    bound: text(bound),
    last: text(byPlace ? placeBounds(at(table), what.only).last : last),
    apply: what.apply ? update(what.apply.set, what.apply.where) : null,
    ...(what.apply?.careful ? { careful: update(what.apply.set, what.apply.careful) } : {}),
    check: what.check
      ? text(sql`select ${keyAsText(names)}, ${what.check.problem} as problem from ${from} where {{after}} and {{upto}} and (${what.check.where}) limit 10`)
      : null,
    remaining: what.only ? text(sql`select 1 from ${from} where ${what.only} limit 1`) : null,
    targetMs: 100,
    firstRows,
  };
}
