// Which pending migrations can be planned together, and which tables each of them touches. Pure.

import type { Capabilities } from "../dialects/dialect.ts";
import type { Operation as Read } from "../operations/operation.ts";
import type { Interpreted } from "../plan/interpret.ts";
import { Made, makes, reshapes } from "../plan/made.ts";
import type { Migration, Plan } from "../plan/plan.ts";
import type { StatementFact } from "../schema/facts.ts";
import type { ObjectName, Schema } from "../schema/model.ts";
import { keyOf, parseName } from "../schema/names.ts";
import type { Change } from "../step/change.ts";

/** What judging needs of the world before all of these. */
export interface Before {
  readonly schema: Schema;
  /** That an unqualified name means. */
  readonly namespace: string;
  readonly statement: (text: string) => StatementFact;
  readonly capabilities: Pick<Capabilities, "exchangesNames">;
}

/** SQL that changes nothing but the tables that it names; of all other SQL nobody knows what it leaves behind. */
const contained: ReadonlySet<string> = new Set([
  "create table",
  "create table as",
  "create index",
  "insert",
  "update",
  "delete",
  "alter table",
  "drop index",
  "create trigger",
  "comment",
]);

/** Tables whose definition is known only by reading the database again; null: none is known. */
type Changed = ReadonlySet<string> | null;

function changedBy(text: string, changed: Changed, { statement, namespace }: Before): Changed {
  const fact = statement(text);
  const named = fact.ok && contained.has(fact.what) ? [...fact.tables, ...fact.creates] : [];
  return changed === null || named.length === 0
    ? null
    : new Set([...changed, ...named.map(({ schema, name }) => keyOf({ schema: schema ?? namespace, name }))]);
}

type Operation = Migration["operations"][number];
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);
const tableNames = (operation: Operation): readonly string[] =>
  [
    operation["table"],
    ...(Array.isArray(operation["foreignKeys"]) ? operation["foreignKeys"].map((key: { readonly table?: unknown }) => key.table) : []),
  ].filter((name) => typeof name === "string");

/** Whether the operation means only tables that are still as they were read; a table of a family changes with its relatives. */
function isKnown(operation: Operation, changed: Changed, { schema, namespace }: Before): boolean {
  if (changed?.size === 0) return true;
  return tableNames(operation).every((name) => {
    const key = keyOf(parseName(name, namespace));
    const table = schema.tables[key];
    return (
      changed !== null && !changed.has(key) && (table === undefined || (table.kind === "table" && table.partitionOf === null && table.inherits.length === 0))
    );
  });
}

/** The longest beginning that can be planned on one reading of the schema, in this mode. */
export function plannedTogether(migrations: readonly Migration[], before: Before, mode: Plan["mode"] = "phased"): readonly Migration[] {
  let changed: Changed = new Set();
  const made = new Set<string>();
  const followed = new Made(before.capabilities);
  for (const [i, { operations }] of migrations.entries()) {
    for (const operation of operations) {
      const key = typeof operation["table"] === "string" ? keyOf(parseName(operation["table"], before.namespace)) : "";
      const refused = followed.follow(operation as unknown as Read, before.namespace, before.statement).length > 0;
      if (i > 0 && (refused || (reshapes.has(operation.kind) && made.has(key)))) return migrations.slice(0, i);
      // One run lays all shapes of a table together; plain migrations change it one after another.
      if (makes.has(operation.kind) || (mode === "plain" && reshapes.has(operation.kind))) made.add(key);
      if (operation.kind === "run") changed = null;
      else if (operation.kind === "sql") changed = texts(operation["statements"]).reduce((all: Changed, text) => changedBy(text, all, before), changed);
      // A migration that is the first has nothing to be parted from.
      else if (i > 0 && !isKnown(operation, changed, before)) return migrations.slice(0, i);
    }
  }
  return migrations;
}

function tablesOf(change: Change): readonly ObjectName[] {
  switch (change.kind) {
    case "create-table":
      return [change.table, ...(change.spec.foreignKeys ?? []).map(({ table }) => parseName(table, change.table.schema))];
    case "statements":
      return [...change.statements, ...(change.undo ?? []).filter((undo) => undo !== null)].flatMap(({ tables }) => tables.map(({ table }) => table));
    case "module":
      return [];
    default:
      return "shape" in change ? [change.shape.table] : [change.table];
  }
}

/** Tables that exist and that each migration touches, by its name. */
export function touchedTables({ changes }: Interpreted, schema: Schema): ReadonlyMap<string, readonly ObjectName[]> {
  const touched = new Map<string, Map<string, ObjectName>>();
  for (const { migration, change } of changes) {
    const tables = touched.get(migration) ?? new Map<string, ObjectName>();
    touched.set(migration, tables);
    for (const table of tablesOf(change)) if (schema.tables[keyOf(table)] !== undefined) tables.set(keyOf(table), table);
  }
  return new Map([...touched].map(([name, tables]) => [name, [...tables.values()]]));
}
