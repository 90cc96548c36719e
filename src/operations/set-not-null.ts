// Forbids NULL in a column: filled and watched first, enforced once old code is gone.
import { editTable, findColumn } from "../schema/edit.ts";
import { keyOf } from "../schema/names.ts";
import { checkColumn, checkExpression, checkTable, expressionOf, expressionQuestion, refusal, tableOf } from "./column-checks.ts";
import type { OperationDefinition, World } from "./definition.ts";
import { defined } from "./read.ts";
import { shapeChanges } from "./shape-changes.ts";

export interface SetNotNull {
  readonly kind: "set-not-null";
  readonly table: string;
  readonly column: string;
  /** What rows that hold NULL get, existing ones and those of old code; over the row's other columns. Without it a NULL row stops the run. */
  readonly fill?: string;
  /** `expand`: enforced for every writer at once, old code included. Default `retire`. */
  readonly enforce?: "expand" | "retire";
}

const fillQuestion = (operation: SetNotNull, world: World) => {
  const { table } = checkTable(operation.table, world);
  const column = table ? findColumn(table, operation.column) : undefined;
  if (!table || !column || operation.fill === undefined) return null;
  return expressionQuestion(
    table,
    operation.fill,
    table.columns.filter((other) => other !== column),
    column.type,
  );
};

export const setNotNull: OperationDefinition<SetNotNull> = {
  kind: "set-not-null",
  summary: "forbid NULL in a column without blocking writers",
  read: (fields) =>
    defined<SetNotNull>({
      kind: "set-not-null",
      table: fields.text("table"),
      column: fields.text("column"),
      fill: fields.optionalText("fill"),
      enforce: fields.choice("enforce", ["expand", "retire"]),
    }),
  questions(operation, world) {
    const question = fillQuestion(operation, world);
    return question ? [question] : [];
  },
  check(operation, world) {
    const { table, findings } = checkTable(operation.table, world);
    if (!table) return findings;
    const all = [...checkColumn(table, operation.column)];
    const column = findColumn(table, operation.column);
    const subject = `${keyOf(table.name)}.${operation.column}`;
    if (column?.notNull) all.push(refusal("already-so", "column", subject, `${subject} is NOT NULL already.`, "Remove the operation."));
    if (column?.generated)
      all.push(
        refusal(
          "generated-column",
          "column",
          subject,
          `${subject} is computed by the server, so rows cannot be filled.`,
          "Change its expression so that it never gives NULL.",
        ),
      );
    const question = fillQuestion(operation, world);
    if (question) all.push(...checkExpression(question, world, subject));
    if (operation.enforce === "expand")
      all.push({
        rule: "enforced-early",
        severity: "warn",
        subject: { kind: "column", name: subject },
        message: `From expand on, every write that leaves ${subject} NULL fails, also of old code that updates another column of such a row.`,
        fix: "Leave enforce out to enforce it at retire.",
      });
    return all;
  },
  effect: (operation, world) =>
    editTable(world.schema, tableOf(operation.table, world), (table) => ({
      ...table,
      columns: table.columns.map((column) => (column.name === operation.column ? { ...column, notNull: true } : column)),
    })),
  changes(operation, world) {
    const question = fillQuestion(operation, world);
    return shapeChanges(tableOf(operation.table, world), {
      kind: "supply",
      column: operation.column,
      adds: null,
      fill: question ? expressionOf(question, world) : null,
      notNull: true,
      enforce: operation.enforce ?? "retire",
    });
  },
};
