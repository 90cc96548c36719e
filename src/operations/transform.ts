// Turns columns into others: retype, split, merge, recode. Both shapes live side by side, each computed from what the other side wrote.
import type { Finding } from "../finding.ts";
import { addColumn, bareColumn, dropColumns, editTable, findColumn } from "../schema/edit.ts";
import type { Column, Table } from "../schema/model.ts";
import { derivedName, hiddenPrefix, keyOf, nameFor } from "../schema/names.ts";
import type { ColumnSpec, NewColumn } from "../step/shape.ts";
import {
  checkColumn,
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
import { oldColumn, shapeChanges } from "./shape-changes.ts";

/** A new column and how its value comes from the old shape. */
export interface TransformedColumn extends ColumnSpec {
  /** SQL over the old columns and those that stay. */
  readonly up: string;
}

export interface Transform {
  readonly kind: "transform";
  readonly table: string;
  readonly from: readonly string[];
  readonly to: readonly TransformedColumn[];
  /** For each old column: SQL over the new columns and those that stay. */
  readonly down: Readonly<Record<string, string>>;
  /** Indexes and constraints of the old columns that are given up, by name, where they cannot come along. */
  readonly drops?: readonly string[];
}

const upColumns = (operation: Transform, table: Table): readonly Column[] =>
  table.columns.filter((column) => operation.from.includes(column.name) || !operation.to.some((to) => to.name === column.name));
const downColumns = (operation: Transform, table: Table) => [...table.columns.filter((column) => !operation.from.includes(column.name)), ...operation.to];

const upQuestions = (operation: Transform, table: Table) => operation.to.map((to) => expressionQuestion(table, to.up, upColumns(operation, table), to.type));
const downQuestions = (operation: Transform, table: Table) =>
  operation.from.map((from) =>
    expressionQuestion(table, operation.down[from] ?? "null", downColumns(operation, table), findColumn(table, from)?.type ?? "text"),
  );

function checkShape(operation: Transform, table: Table, world: World): readonly Finding[] {
  const name = keyOf(table.name);
  const findings: Finding[] = operation.from.flatMap((from) => checkColumn(table, from));
  for (const to of operation.to) findings.push(...checkNewName(table, to.name, world, operation.from), ...checkType(to, world, `${name}.${to.name}`));
  const names = operation.to.map((to) => to.name);
  for (const twice of names.filter((other, i) => names.indexOf(other) !== i))
    findings.push(refusal("name-taken", "column", `${name}.${twice}`, `${twice} is named twice in to.`, "Remove one of them."));
  for (const from of operation.from) {
    const column = findColumn(table, from);
    if (operation.down[from] === undefined)
      findings.push(
        refusal(
          "no-way-back",
          "column",
          `${name}.${from}`,
          `There is no down expression for ${from}, so what new code writes could not be seen by old code or kept in a rollback.`,
          `Add down: { ${JSON.stringify(from)}: "…" } over ${names.join(", ")}.`,
        ),
      );
    if (column?.generated)
      findings.push(
        refusal(
          "generated-column",
          "column",
          `${name}.${from}`,
          `${from} is computed by the server, so old code cannot be kept in step with it.`,
          "Change the columns that it is computed from, or drop it.",
        ),
      );
  }
  for (const extra of Object.keys(operation.down))
    if (!operation.from.includes(extra))
      findings.push(
        refusal("unknown-column", "column", `${name}.${extra}`, `down names ${extra}, which is not in from.`, `from is: ${operation.from.join(", ")}.`),
      );
  for (const to of operation.to)
    if (to.identity || to.generated)
      findings.push(
        refusal(
          "generated-column",
          "column",
          `${name}.${to.name}`,
          `${to.name} would be computed by the server, so nobody could keep it in step.`,
          "Transform into a plain column.",
        ),
      );
  for (const same of names.filter((other) => operation.from.includes(other)))
    findings.push({
      ...refusal(
        "swaps-names",
        "column",
        `${name}.${same}`,
        `${same} keeps its name and changes its shape, so the two shapes are served one at a time: at switch the names are swapped in one short act${world.keepsPrepared ? "" : `, and open sessions that have prepared statements on ${name} fail until they reconnect`}.`,
        `Give the new column another name, or accept: ["swaps-names"] ${world.keepsPrepared ? "where old code can live with the new shape" : "and restart the applications' connections right after switch"}.`,
      ),
      acceptable: true,
    });
  return findings;
}

export const transform: OperationDefinition<Transform> = {
  kind: "transform",
  summary: "turn columns into others: retype, split, merge, recode",
  read: (fields) =>
    defined<Transform>({
      kind: "transform",
      table: fields.text("table"),
      from: fields.texts("from"),
      to: fields.objects("to", (inner) => ({ ...readColumn(inner), up: inner.text("up") })),
      down: fields.textMap("down"),
      drops: fields.optionalTexts("drops"),
    }),
  questions(operation, world) {
    const { table } = checkTable(operation.table, world);
    if (!table || operation.from.some((from) => !findColumn(table, from))) return operation.to.map(typeQuestion);
    return [...operation.to.map(typeQuestion), ...upQuestions(operation, table), ...downQuestions(operation, table)];
  },
  check(operation, world) {
    const { table, findings } = checkTable(operation.table, world);
    if (!table) return findings;
    const shape = checkShape(operation, table, world);
    if (shape.some((finding) => finding.rule === "unknown-column" || finding.rule === "unknown-type")) return shape;
    const name = keyOf(table.name);
    return [
      ...shape,
      ...upQuestions(operation, table).flatMap((question, i) => checkExpression(question, world, `${name}.${operation.to[i]?.name} up`)),
      ...downQuestions(operation, table).flatMap((question, i) => checkExpression(question, world, `${name}.${operation.from[i]} down`)),
    ];
  },
  effect(operation, world) {
    const name = tableOf(operation.table, world);
    return editTable(dropColumns(world.schema, name, operation.from), name, (table) =>
      operation.to.reduce(
        (after, to) => addColumn(after, { ...bareColumn(to.name, to.type, 0), notNull: to.notNull ?? false, default: to.default ?? null }),
        table,
      ),
    );
  },
  changes(operation, world) {
    const { table } = checkTable(operation.table, world);
    if (!table) throw new TypeError(`${operation.table} was not checked`);
    const columns = operation.to.map(
      ({ up: _up, ...spec }): NewColumn => ({
        hidden: operation.from.includes(spec.name) ? derivedName([`${hiddenPrefix}new`, spec.name], world.nameBytes) : spec.name,
        spec: settledType<ColumnSpec>(spec, world),
      }),
    );
    const names = operation.to.map((to) => to.name);
    return shapeChanges(table.name, {
      kind: "transform",
      old: operation.from.map((from) => oldColumn(from, names.includes(from), world.nameBytes)),
      new: columns,
      up: upQuestions(operation, table).map((question) => expressionOf(question, world)),
      down: downQuestions(operation, table).map((question) => expressionOf(question, world)),
      marker: nameFor(`${hiddenPrefix}side`, names, world.nameBytes),
      drops: operation.drops ?? [],
    });
  },
};
