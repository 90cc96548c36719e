// Building and dropping an index while everybody works, on plain and on partitioned tables.
import type { ObjectName, Schema, Table } from "../../schema/model.ts";
import { derivedName, hiddenPrefix, keyOf } from "../../schema/names.ts";
import { ident, literal, raw, sql } from "../../sql/sql.ts";
import type { IndexSpec } from "../../step/change.ts";
import type { StepCore } from "../../step/step.ts";
import type { DraftStep } from "../dialect.ts";
import { accessExclusive, catalogStep, concurrentStep } from "./core.ts";
import { at, text } from "./writing.ts";

/** An index as this dialect builds it: everything after the table's name. */
export interface IndexBody {
  readonly unique: boolean;
  /** `using btree (…) include (…) where …`. */
  readonly body: string;
}

export function bodyOf(spec: IndexSpec): IndexBody {
  const keys = spec.keys.map((key) => {
    const what = key.column !== undefined ? text(ident(key.column)) : `(${key.expression})`;
    return [what, key.collation && `collate ${key.collation}`, key.operatorClass, key.order, key.nulls && `nulls ${key.nulls}`].filter(Boolean).join(" ");
  });
  const parts = [`using ${text(ident(spec.method ?? "btree"))} (${keys.join(", ")})`];
  if (spec.include) parts.push(`include (${spec.include.map((name) => text(ident(name))).join(", ")})`);
  if (spec.nullsNotDistinct) parts.push("nulls not distinct");
  if (spec.where !== undefined) parts.push(`where (${spec.where})`);
  return { unique: spec.unique ?? false, body: parts.join(" ") };
}

/** `concurrently` for one table; `only` for a partitioned parent without its partitions. */
const create = (name: string, table: ObjectName, index: IndexBody, form: "concurrently" | "only"): string =>
  text(
    sql`create ${raw(index.unique ? "unique " : "")}index ${raw(form === "concurrently" ? "concurrently " : "")}${ident(name)} on ${raw(form === "only" ? "only " : "")}${at(table)} ${raw(index.body)}`,
  );

/**
 * `done` only for a valid index of that name on that very table; an invalid one is what a failed build leaves; a name that
 * belongs to something else is never touched.
 */
export const indexProbe = (table: ObjectName, name: string): string =>
  text(sql`
    select case
      when c.oid is null then 'absent'
      when c.relkind not in ('i', 'I') or i.indrelid is distinct from pg_catalog.to_regclass(${literal(text(at(table)))}) then 'other'
      when i.indisvalid and i.indisready then 'done'
      else 'broken' end as state
    from (select 1) one
    left join pg_catalog.pg_namespace n on n.nspname = ${literal(table.schema)}
    left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = ${literal(name)}
    left join pg_catalog.pg_index i on i.indexrelid = c.oid`);

const goneProbe = (table: ObjectName, name: string): string =>
  text(sql`select case when pg_catalog.to_regclass(${literal(text(ident(table.schema, name)))}) is null then 'done' else 'absent' end as state`);

const dropConcurrently = (table: ObjectName, name: string): string => text(sql`drop index concurrently if exists ${ident(table.schema, name)}`);

const buildOne = (table: ObjectName, name: string, index: IndexBody, why: string, rows: number | null): StepCore =>
  concurrentStep({
    title: `build ${index.unique ? "unique " : ""}index ${name} on ${keyOf(table)}`,
    why,
    table,
    statement: create(name, table, index, "concurrently"),
    repair: [dropConcurrently(table, name)],
    probe: indexProbe(table, name),
    work: "build",
    estimate: { rows, ms: rows === null ? null : Math.round(rows / 250) },
  });

const dropOne = (table: ObjectName, name: string, why: string): StepCore =>
  concurrentStep({
    title: `drop index ${name} of ${keyOf(table)}`,
    why,
    table,
    statement: dropConcurrently(table, name),
    repair: [],
    probe: goneProbe(table, name),
    work: "instant",
  });

/** Direct partitions of a table, in name order. */
export const partitionsOf = (schema: Schema, table: ObjectName): readonly Table[] =>
  Object.values(schema.tables)
    .filter((other) => other.partitionOf && keyOf(other.partitionOf.parent) === keyOf(table))
    .sort((a, b) => (keyOf(a.name) < keyOf(b.name) ? -1 : 1));

/** What a partition's part of an index is called. */
export type PartName = (partition: Table) => string;

/** The names that the parts of an existing index have, made into others; a part that is not there gets a name of its own. */
export const partNames =
  (schema: Schema, index: ObjectName, made: (name: string) => string): PartName =>
  (partition) => {
    const parentOf = (name: ObjectName): ObjectName | null =>
      Object.values(schema.tables)
        .flatMap((table) => (table.name.schema === name.schema ? table.indexes : []))
        .find((each) => each.name === name.name)?.parent ?? null;
    const descends = (name: ObjectName): boolean => {
      if (keyOf(name) === keyOf(index)) return true;
      const parent = parentOf(name);
      return parent !== null && descends(parent);
    };
    const part = partition.indexes.find((each) => each.parent !== null && descends(each.parent));
    return made(part?.name ?? derivedName([index.name, partition.name.name]));
  };

/**
 * Builds an index. On a partitioned table CONCURRENTLY is refused by the server, so the parent's index is made first on the parent
 * alone (invalid), each partition's is built concurrently and attached; the last one makes the parent's valid.
 */
export function buildIndex(
  schema: Schema,
  table: Table,
  name: string,
  index: IndexBody,
  why: string,
  rows: number | null = null,
  partName: PartName = (partition) => derivedName([name, partition.name.name]),
): readonly DraftStep[] {
  if (table.kind !== "partitioned") return [{ ...buildOne(table.name, name, index, why, rows), undo: [dropOne(table.name, name, "Takes the build back.")] }];
  const onlyParent = catalogStep({
    title: `declare index ${name} on ${keyOf(table.name)} without its partitions`,
    why: "The server builds no index of a partitioned table concurrently; this one becomes valid when each partition's is attached.",
    locks: [{ table: table.name, mode: "SHARE", strong: true }],
    statements: [create(name, table.name, index, "only")],
  });
  const undoParent = catalogStep({
    title: `drop index ${name} of ${keyOf(table.name)}`,
    why: "An index of a partitioned table cannot be dropped concurrently; its partitions' go with it.",
    locks: [accessExclusive(table.name)],
    statements: [text(sql`drop index if exists ${ident(table.name.schema, name)}`)],
  });
  const parts = partitionsOf(schema, table.name).flatMap((partition) => [
    ...buildIndex(schema, partition, partName(partition), index, why, null, partName),
    {
      ...catalogStep({
        title: `attach index ${partName(partition)} to ${name}`,
        why: "The parent's index becomes valid with the last partition's. The partition's index is locked for that instant, and every statement on the partition opens it.",
        locks: [accessExclusive(partition.name)],
        statements: [text(sql`alter index ${ident(table.name.schema, name)} attach partition ${ident(partition.name.schema, partName(partition))}`)],
      }),
      undo: [],
    },
  ]);
  // Walked back in reverse, the partitions' indexes are attached and cannot be dropped by themselves: dropping the parent's takes them along.
  return [{ ...onlyParent, undo: [undoParent] }, ...parts.map((part) => ({ ...part, undo: [] }))];
}

/** The same index in one transaction, for tables that are new or empty; partitions' parts have the names of the online form. */
export function plainIndex(
  schema: Schema,
  table: Table,
  name: string,
  index: IndexBody,
  partName: PartName = (partition) => derivedName([name, partition.name.name]),
): readonly string[] {
  if (table.kind !== "partitioned")
    return [text(sql`create ${raw(index.unique ? "unique " : "")}index ${ident(name)} on ${at(table.name)} ${raw(index.body)}`)];
  const parts = partitionsOf(schema, table.name).flatMap((partition) => [
    ...plainIndex(schema, partition, partName(partition), index, partName),
    text(sql`alter index ${ident(table.name.schema, name)} attach partition ${ident(partition.name.schema, partName(partition))}`),
  ]);
  return [create(name, table.name, index, "only"), ...parts];
}

/** Drops an index while everybody works; the steps to build it again are its undo. */
export function dropIndex(schema: Schema, table: Table, name: string, restore: IndexBody | null, why: string, partName?: PartName): readonly DraftStep[] {
  const undo = restore ? buildIndex(schema, table, name, restore, "Built again as it was.", null, partName).map(({ undo: _undo, ...core }) => core) : [];
  if (table.kind !== "partitioned") return [{ ...dropOne(table.name, name, why), undo }];
  const step = catalogStep({
    title: `drop index ${name} of ${keyOf(table.name)}`,
    why: "An index of a partitioned table cannot be dropped concurrently.",
    locks: [
      { table: table.name, mode: "ACCESS EXCLUSIVE", strong: true },
      ...partitionsOf(schema, table.name).map((partition) => ({ table: partition.name, mode: "ACCESS EXCLUSIVE", strong: true })),
    ],
    statements: [text(sql`drop index if exists ${ident(table.name.schema, name)}`)],
  });
  return [{ ...step, undo }];
}

/** Names that begin with this are Hotstick's until the run ends. */
export const temporaryName = (kind: string, name: string): string => derivedName([`${hiddenPrefix}${kind}`, name]);
