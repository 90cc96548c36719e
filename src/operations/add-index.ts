// Builds an index while everybody reads and writes.
import type { Finding } from "../finding.ts";
import { bareIndex, editTable, findColumn, findTable } from "../schema/edit.ts";
import type { Table } from "../schema/model.ts";
import { keyOf } from "../schema/names.ts";
import type { IndexKey, IndexSpec } from "../step/change.ts";
import { checkTable, refusal, tableOf } from "./column-checks.ts";
import type { OperationDefinition, World } from "./definition.ts";
import { defined, type Reader } from "./read.ts";

export interface AddIndex extends IndexSpec {
  readonly kind: "add-index";
  readonly table: string;
  /** When a unique index begins to refuse duplicates: `retire` (default), or `expand`, which old code feels at once. */
  readonly enforce?: "expand" | "retire";
}

const readKey = (fields: Reader): IndexKey =>
  defined<IndexKey>({
    column: fields.optionalText("column"),
    expression: fields.optionalText("expression"),
    order: fields.choice("order", ["asc", "desc"]),
    nulls: fields.choice("nulls", ["first", "last"]),
    operatorClass: fields.optionalText("operatorClass"),
    collation: fields.optionalText("collation"),
  });

/** Where the name of an index is somebody else's; null: nowhere. */
function takenIn(name: string, table: Table, { schema, indexNames }: World): string | null {
  const has = (other: Table): boolean => other.indexes.some((index) => index.name === name);
  if (indexNames === "table") return has(table) ? keyOf(table.name) : null;
  const taken = Object.values(schema.tables).some((other) => other.name.schema === table.name.schema && has(other));
  return taken || findTable(schema, { schema: table.name.schema, name }) ? table.name.schema : null;
}

export const addIndex: OperationDefinition<AddIndex> = {
  kind: "add-index",
  summary: "build an index while everybody reads and writes",
  read: (fields) =>
    defined<AddIndex>({
      kind: "add-index",
      table: fields.text("table"),
      name: fields.text("name"),
      keys: fields.objects("keys", readKey),
      unique: fields.flag("unique"),
      nullsNotDistinct: fields.flag("nullsNotDistinct"),
      method: fields.optionalText("method"),
      include: fields.optionalTexts("include"),
      where: fields.optionalText("where"),
      enforce: fields.choice("enforce", ["expand", "retire"]),
    }),
  questions: () => [],
  check(operation, world) {
    const { table, findings } = checkTable(operation.table, world);
    if (!table) return findings;
    const all: Finding[] = [];
    const subject = `${keyOf(table.name)}.${operation.name}`;
    for (const key of operation.keys) {
      if ((key.column === undefined) === (key.expression === undefined))
        all.push(
          refusal("bad-key", "index", subject, "Each key is a column or an expression.", 'Write { column: "email" } or { expression: "lower(email)" }.'),
        );
      else if (key.column !== undefined && !findColumn(table, key.column))
        all.push(
          refusal(
            "unknown-column",
            "column",
            `${keyOf(table.name)}.${key.column}`,
            `Index ${operation.name} names column ${key.column}, which does not exist.`,
            `${keyOf(table.name)} has: ${table.columns.map((column) => column.name).join(", ")}.`,
          ),
        );
    }
    const place = takenIn(operation.name, table, world);
    if (place !== null) all.push(refusal("name-taken", "index", subject, `The name ${operation.name} is taken in ${place}.`, "Choose another name."));
    if (Buffer.byteLength(operation.name) > world.nameBytes)
      all.push(
        refusal("name-too-long", "index", subject, `The name is longer than ${world.nameBytes} bytes; the server would cut it.`, "Choose a shorter name."),
      );
    if (operation.unique)
      all.push({
        rule: "unique-and-upserts",
        severity: "warn",
        subject: { kind: "index", name: subject },
        message: `While a second unique index is built or stands on ${keyOf(table.name)}, an upsert that goes by another one may fail with a duplicate key, or change the row that it meets by this one.`,
        fix: "Try again where an upsert fails with a duplicate key, or pause upserts while the step runs.",
      });
    return all;
  },
  effect: (operation, world) =>
    editTable(world.schema, tableOf(operation.table, world), (table) => ({
      ...table,
      indexes: [
        ...table.indexes,
        bareIndex(
          operation.name,
          operation.keys.map((key) => key.column ?? null),
          operation.unique ?? false,
        ),
      ],
    })),
  changes(operation, world) {
    const { kind: _kind, table, enforce, ...index } = operation;
    const phase = index.unique && enforce !== "expand" ? "retire" : "expand";
    return [{ phase, change: { kind: "build-index", table: tableOf(table, world), index } }];
  },
};
