// Drops a column in steps that can be walked back: first new code may leave it out, then it is fenced, then archived and dropped.
import { dropColumns, findColumn } from "../schema/edit.ts";
import { keyOf } from "../schema/names.ts";
import { checkColumn, checkExpression, checkTable, expressionOf, expressionQuestion, refusal, tableOf } from "./column-checks.ts";
import type { OperationDefinition, World } from "./definition.ts";
import { defined } from "./read.ts";
import { oldColumn, shapeChanges } from "./shape-changes.ts";

export interface DropColumn {
  readonly kind: "drop-column";
  readonly table: string;
  readonly column: string;
  /** What the column holds in rows of new code, which leaves it out; over the row's other columns. Needed where it may not be NULL and has no default. */
  readonly down?: string;
}

const downQuestion = (operation: DropColumn, world: World) => {
  const { table } = checkTable(operation.table, world);
  const column = table ? findColumn(table, operation.column) : undefined;
  if (!table || !column || operation.down === undefined) return null;
  return expressionQuestion(
    table,
    operation.down,
    table.columns.filter((other) => other !== column),
    column.type,
  );
};

export const dropColumn: OperationDefinition<DropColumn> = {
  kind: "drop-column",
  summary: "drop a column, with its values archived",
  read: (fields) => defined<DropColumn>({ kind: "drop-column", table: fields.text("table"), column: fields.text("column"), down: fields.optionalText("down") }),
  questions(operation, world) {
    const question = downQuestion(operation, world);
    return question ? [question] : [];
  },
  check(operation, world) {
    const { table, findings } = checkTable(operation.table, world);
    if (!table) return findings;
    const all = [...checkColumn(table, operation.column)];
    const column = findColumn(table, operation.column);
    const subject = `${keyOf(table.name)}.${operation.column}`;
    if (column?.notNull && column.default === null && !column.identity && !column.generated && operation.down === undefined)
      all.push(
        refusal(
          "no-value",
          "column",
          subject,
          `${subject} may not be NULL and has no default, so new code could not insert without it.`,
          "Give the operation a down expression, e.g. down: \"''\"; it is stored for rows of new code until the column is gone.",
        ),
      );
    const question = downQuestion(operation, world);
    if (question) all.push(...checkExpression(question, world, subject));
    if (table.columns.length === 1)
      all.push(refusal("last-column", "column", subject, `${subject} is the only column of its table.`, "Drop the table instead."));
    return all;
  },
  effect: (operation, world) => dropColumns(world.schema, tableOf(operation.table, world), [operation.column]),
  changes(operation, world) {
    const question = downQuestion(operation, world);
    return shapeChanges(tableOf(operation.table, world), {
      kind: "leave",
      old: oldColumn(operation.column, false, world.nameBytes),
      supply: question ? expressionOf(question, world) : null,
    });
  },
};
