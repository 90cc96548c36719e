// Which pending migrations can be planned together, and which tables each of them touches. Pure.
import type { Interpreted } from "../plan/interpret.ts";
import type { Migration } from "../plan/plan.ts";
import type { ObjectName, Schema } from "../schema/model.ts";
import { keyOf, parseName } from "../schema/names.ts";
import type { Change } from "../step/change.ts";

/** What such an operation leaves behind is known only by reading the database again. */
const isOpaque = ({ kind }: Migration["operations"][number]): boolean => kind === "sql" || kind === "run";

/** The longest beginning that can be planned on one reading of the schema: nothing that needs the schema comes after SQL. */
export function plannedTogether(migrations: readonly Migration[]): readonly Migration[] {
  let opaque = false;
  const cut = migrations.findIndex(({ operations }) => {
    if (opaque && !operations.every(isOpaque)) return true;
    opaque ||= operations.some(isOpaque);
    return false;
  });
  return cut < 0 ? migrations : migrations.slice(0, cut);
}

function tablesOf(change: Change): readonly ObjectName[] {
  switch (change.kind) {
    case "create-table":
      return [change.table, ...(change.spec.foreignKeys ?? []).map(({ table }) => parseName(table, change.table.schema))];
    case "statements":
      return [...change.statements, ...(change.undo ?? [])].flatMap(({ tables }) => tables.map(({ table }) => table));
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
