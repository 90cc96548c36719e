// Adds a column: at once where the server can (no default, or a constant one), filled in batches where rows need a value of their own.
import { addColumn as added, bareColumn, editTable } from "../schema/edit.ts";
import { keyOf } from "../schema/names.ts";
import type { ColumnSpec } from "../step/shape.ts";
import {
  checkExpression,
  checkNewName,
  checkTable,
  checkType,
  expressionOf,
  expressionQuestion,
  refusal,
  settledType,
  tableOf,
  typeQuestion,
} from "./column-checks.ts";
import type { OperationDefinition, World } from "./definition.ts";
import { defined, readColumn } from "./read.ts";
import { shapeChanges } from "./shape-changes.ts";

export interface AddColumn {
  readonly kind: "add-column";
  readonly table: string;
  readonly column: ColumnSpec;
  /** What existing rows get, and rows of old code that leaves the column out; over the row's other columns. */
  readonly fill?: string;
}

const fillQuestion = (operation: AddColumn, world: World) => {
  const { table } = checkTable(operation.table, world);
  return table && operation.fill !== undefined ? expressionQuestion(table, operation.fill, table.columns, operation.column.type) : null;
};

const defaultQuestion = (operation: AddColumn, world: World) => {
  const { table } = checkTable(operation.table, world);
  return table && operation.column.default !== undefined ? expressionQuestion(table, operation.column.default, [], operation.column.type) : null;
};

export const addColumn: OperationDefinition<AddColumn> = {
  kind: "add-column",
  summary: "add a column, filled online where rows need a value",
  read: (fields) =>
    defined<AddColumn>({ kind: "add-column", table: fields.text("table"), column: fields.object("column", readColumn), fill: fields.optionalText("fill") }),
  questions(operation, world) {
    const questions = [fillQuestion(operation, world), defaultQuestion(operation, world)].filter((question) => question !== null);
    return [typeQuestion(operation.column), ...questions];
  },
  check(operation, world) {
    const { table, findings } = checkTable(operation.table, world);
    if (!table) return findings;
    const { column } = operation;
    const subject = `${keyOf(table.name)}.${column.name}`;
    const all = [...checkNewName(table, column.name, world), ...checkType(column, world, subject)];
    const fill = fillQuestion(operation, world);
    if (fill) all.push(...checkExpression(fill, world, subject));
    const byDefault = defaultQuestion(operation, world);
    const fact = byDefault ? checkExpression(byDefault, world, subject).filter((finding) => finding.rule !== "volatile-expression") : [];
    all.push(...fact);
    if (column.notNull && column.default === undefined && operation.fill === undefined && !column.generated && !column.identity)
      all.push(
        refusal(
          "no-value",
          "column",
          subject,
          `${subject} may not be NULL, but existing rows and old code have no value for it.`,
          "Give the column a default, or the operation a fill expression.",
        ),
      );
    if (operation.fill !== undefined && (column.generated || column.identity))
      all.push(refusal("no-value", "column", subject, `${subject} is computed by the server, so it cannot be filled.`, "Leave fill out."));
    if (column.generated?.kind === "stored" || column.identity)
      all.push({
        ...refusal(
          "rewrites-table",
          "column",
          subject,
          `Adding a ${column.identity ? "identity" : "stored generated"} column rewrites ${keyOf(table.name)} while nobody can read or write it.`,
          column.identity
            ? "Add a plain column with a fill expression."
            : "Use a plain column with a fill expression, or a virtual generated column (PostgreSQL 18).",
        ),
        acceptable: true,
      });
    return all;
  },
  effect: (operation, world) =>
    editTable(world.schema, tableOf(operation.table, world), (table) =>
      added(table, {
        ...bareColumn(operation.column.name, operation.column.type, 0),
        notNull: operation.column.notNull ?? false,
        default: operation.column.default ?? null,
        generated: operation.column.generated ?? null,
      }),
    ),
  changes(operation, world) {
    const table = tableOf(operation.table, world);
    const fill = fillQuestion(operation, world);
    const byDefault = defaultQuestion(operation, world);
    const volatileDefault = byDefault !== null && expressionOf(byDefault, world).volatility === "volatile";
    if (!fill && !volatileDefault) return [{ phase: "expand", change: { kind: "add-column", table, column: operation.column } }];
    // A volatile default given with ADD COLUMN rewrites the table: it becomes the fill of each row instead.
    const expression = fill ? expressionOf(fill, world) : byDefault ? expressionOf(byDefault, world) : null;
    return shapeChanges(table, {
      kind: "supply",
      column: operation.column.name,
      adds: settledType(operation.column, world),
      fill: expression,
      notNull: operation.column.notNull ?? false,
      enforce: "retire",
    });
  },
};
