// Renames a column: the new name is a second column, kept equal in both directions until the old one is dropped.
import { findColumn, renameColumn as renamed } from "../schema/edit.ts";
import { keyOf } from "../schema/names.ts";
import { checkColumn, checkNewName, checkTable, refusal, tableOf } from "./column-checks.ts";
import type { OperationDefinition } from "./definition.ts";
import { oldColumn, shapeChanges } from "./shape-changes.ts";
import { specOf } from "./spec-of.ts";

export interface RenameColumn {
  readonly kind: "rename-column";
  readonly table: string;
  readonly from: string;
  readonly to: string;
}

export const renameColumn: OperationDefinition<RenameColumn> = {
  kind: "rename-column",
  summary: "rename a column while both names work",
  read: (fields) => ({ kind: "rename-column", table: fields.text("table"), from: fields.text("from"), to: fields.text("to") }),
  questions: () => [],
  check(operation, world) {
    const { table, findings } = checkTable(operation.table, world);
    if (!table) return findings;
    const column = findColumn(table, operation.from);
    const all = [...checkColumn(table, operation.from), ...checkNewName(table, operation.to, world)];
    if (column?.generated)
      all.push(
        refusal(
          "generated-column",
          "column",
          `${keyOf(table.name)}.${column.name}`,
          `${column.name} is computed by the server, so nobody can write it under a second name.`,
          `Add ${operation.to} with the same expression, then drop ${column.name}.`,
        ),
      );
    return all;
  },
  effect: (operation, world) => renamed(world.schema, tableOf(operation.table, world), operation.from, operation.to),
  changes(operation, world) {
    const { table } = checkTable(operation.table, world);
    const column = table ? findColumn(table, operation.from) : undefined;
    if (!table || !column) throw new TypeError(`${operation.table}.${operation.from} was not checked`);
    return shapeChanges(table.name, {
      kind: "copy",
      old: oldColumn(column.name, false, world.nameBytes),
      new: { hidden: operation.to, spec: specOf(column, operation.to) },
    });
  },
};
