// Creates a table: instant, and visible to nobody who does not know its name.
import { bareColumn, bareIndex, bareTable, findTable, withTable } from "../schema/edit.ts";
import { keyOf, parseName } from "../schema/names.ts";
import type { TableSpec } from "../step/change.ts";
import type { ColumnSpec } from "../step/shape.ts";
import { checkType, refusal, tableOf, typeQuestion } from "./column-checks.ts";
import type { OperationDefinition } from "./definition.ts";
import { defined, readColumn } from "./read.ts";

export interface CreateTable extends TableSpec {
  readonly kind: "create-table";
  readonly table: string;
  readonly columns: readonly ColumnSpec[];
}

export const createTable: OperationDefinition<CreateTable> = {
  kind: "create-table",
  summary: "create a table",
  read: (fields) =>
    defined<CreateTable>({
      kind: "create-table",
      table: fields.text("table"),
      columns: fields.objects("columns", readColumn),
      primaryKey: fields.optionalTexts("primaryKey"),
      unique: fields.objects(
        "unique",
        (inner) => defined<{ name?: string; columns: readonly string[] }>({ name: inner.optionalText("name"), columns: inner.texts("columns") }),
        0,
      ),
      checks: fields.objects(
        "checks",
        (inner) => defined<{ name?: string; expression: string }>({ name: inner.optionalText("name"), expression: inner.text("expression") }),
        0,
      ),
      foreignKeys: fields.objects(
        "foreignKeys",
        (inner) =>
          defined<NonNullable<TableSpec["foreignKeys"]>[number]>({
            name: inner.optionalText("name"),
            columns: inner.texts("columns"),
            table: inner.text("table"),
            references: inner.texts("references"),
            onDelete: inner.choice("onDelete", ["no action", "restrict", "cascade", "set null", "set default"]),
            onUpdate: inner.choice("onUpdate", ["no action", "restrict", "cascade", "set null", "set default"]),
          }),
        0,
      ),
      comment: fields.optionalText("comment"),
    }),
  questions: (operation) => operation.columns.map(typeQuestion),
  check(operation, world) {
    const name = tableOf(operation.table, world);
    const findings = operation.columns.flatMap((column) => checkType(column, world, `${keyOf(name)}.${column.name}`));
    const taken = findTable(world.schema, name) ?? world.schema.views[keyOf(name)] ?? world.schema.sequences[keyOf(name)];
    if (taken)
      findings.push(
        refusal(
          "name-taken",
          "table",
          keyOf(name),
          `${keyOf(name)} exists already.`,
          "Choose another name, or write an operation that changes the table that is there.",
        ),
      );
    if (Buffer.byteLength(name.name) > world.nameBytes)
      findings.push(
        refusal("name-too-long", "table", keyOf(name), `The name is longer than ${world.nameBytes} bytes; the server would cut it.`, "Choose a shorter name."),
      );
    const names = operation.columns.map((column) => column.name);
    const twice = names.find((column, i) => names.indexOf(column) !== i);
    if (twice !== undefined)
      findings.push(refusal("name-taken", "column", `${keyOf(name)}.${twice}`, `Column ${twice} is named twice.`, "Remove one of them."));
    const used = [
      ...(operation.primaryKey ?? []),
      ...(operation.unique ?? []).flatMap((key) => key.columns),
      ...(operation.foreignKeys ?? []).flatMap((key) => key.columns),
    ];
    for (const column of new Set(used))
      if (!names.includes(column))
        findings.push(
          refusal(
            "unknown-column",
            "column",
            `${keyOf(name)}.${column}`,
            `A key names column ${column}, which the table does not have.`,
            `It has: ${names.join(", ")}.`,
          ),
        );
    for (const key of operation.foreignKeys ?? []) {
      const target = parseName(key.table, world.namespace);
      if (keyOf(target) !== keyOf(name) && !findTable(world.schema, target))
        findings.push(
          refusal(
            "unknown-table",
            "table",
            keyOf(target),
            `A foreign key references ${keyOf(target)}, which does not exist.`,
            "Create it in an earlier operation.",
          ),
        );
    }
    return findings;
  },
  effect(operation, world) {
    const table = bareTable(tableOf(operation.table, world));
    const unique = [...(operation.primaryKey ? [operation.primaryKey] : []), ...(operation.unique ?? []).map((key) => key.columns)];
    return withTable(world.schema, {
      ...table,
      columns: operation.columns.map((column, i) => ({
        ...bareColumn(column.name, column.type, i + 1),
        notNull: (column.notNull ?? false) || (operation.primaryKey ?? []).includes(column.name) || column.identity !== undefined,
        default: column.default ?? null,
        generated: column.generated ?? null,
      })),
      indexes: unique.map((columns, i) => ({
        ...bareIndex(`${table.name.name}_key${i}`, columns, true),
        primary: i === 0 && operation.primaryKey !== undefined,
      })),
    });
  },
  changes: (operation, world) => {
    const { kind: _kind, table, ...spec } = operation;
    return [{ phase: "expand", change: { kind: "create-table", table: tableOf(table, world), spec } }];
  },
};
