// Operation lists at random: choices are numbers, read against the schema as the operations before have left it.
import fc from "fast-check";
import { operations as definitions } from "../../src/operations/index.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { noFacts } from "../../src/schema/facts.ts";
import type { Column, Schema, Table } from "../../src/schema/model.ts";
import { keyOf } from "../../src/schema/names.ts";
import type { OperationWords } from "./operation-stands.ts";

/** What the operations are written for. */
export interface Ground {
  readonly words: OperationWords;
  readonly namespace: string;
}

/** One operation to come: which kind, and which of the things there are. */
export interface Choice {
  readonly kind: Operation["kind"] | "split" | "merge" | "retype";
  readonly table: number;
  readonly column: number;
  readonly other: number;
}

const kinds: readonly Choice["kind"][] = [
  "rename-column",
  "add-column",
  "drop-column",
  "transform",
  "split",
  "merge",
  "retype",
  "add-index",
  "set-not-null",
  "create-table",
];

export const choices = fc.array(fc.record<Choice>({ kind: fc.constantFrom(...kinds), table: fc.nat(20), column: fc.nat(20), other: fc.nat(20) }), {
  minLength: 1,
  maxLength: 6,
});

const isText = ({ type }: Column): boolean => /^(text|varchar|character varying)/.test(type);
const isNumber = ({ type }: Column): boolean => /^(integer|int|bigint|numeric|decimal)/.test(type);
/** A value that every row could have; null: none is known for the type. */
const constant = (column: Column): string | null => (isText(column) ? "'x'" : isNumber(column) ? "7" : column.type === "date" ? "date '2020-01-01'" : null);

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];

/** Names of every kind that people give. */
const nameOf = (i: number): string =>
  [`new_${i}`, `New ${i}`, `"${i}".\`x`, `größe_${i}`, `n${"o".repeat(59)}_${i}`, `select${i}`, `hotstick_old_${i}`][i % 7] ?? `new_${i}`;

function operationOf(choice: Choice, schema: Schema, i: number, { words, namespace }: Ground): Operation | null {
  const { quoted } = words;
  const tables = Object.values(schema.tables).filter((table) => !table.partitionOf);
  const table = pick(tables, choice.table);
  if (!table) return null;
  const at = keyOf(table.name);
  const free = table.columns.filter((column) => column.local && !column.generated && !table.partitionKey?.columns.includes(column.name));
  const column = pick(free, choice.column);
  const other = pick(
    free.filter((each) => each !== column),
    choice.other,
  );
  if (!column) return null;
  const name = nameOf(i);
  switch (choice.kind) {
    case "rename-column":
      return { kind: "rename-column", table: at, from: column.name, to: name };
    case "add-column":
      return [
        { kind: "add-column", table: at, column: { name, type: words.text } },
        { kind: "add-column", table: at, column: { name, type: "integer", notNull: true, default: "5" } },
        { kind: "add-column", table: at, column: { name, type: words.text, notNull: true }, fill: `coalesce(${words.asText(quoted(column.name))}, '')` },
      ][choice.other % 3] as Operation;
    case "drop-column": {
      const down = constant(column);
      return { kind: "drop-column", table: at, column: column.name, ...(column.notNull && down !== null ? { down } : {}) };
    }
    case "transform":
      return isText(column)
        ? {
            kind: "transform",
            table: at,
            from: [column.name],
            to: [{ name, type: words.text, notNull: column.notNull, up: `upper(${quoted(column.name)})` }],
            down: { [column.name]: `lower(${quoted(name)})` },
          }
        : null;
    case "retype":
      return column.type === words.integer
        ? {
            kind: "transform",
            table: at,
            from: [column.name],
            to: [{ name: column.name, type: "bigint", notNull: column.notNull, up: quoted(column.name) }],
            down: { [column.name]: words.asInteger(quoted(column.name)) },
          }
        : null;
    case "split":
      return isText(column)
        ? {
            kind: "transform",
            table: at,
            from: [column.name],
            to: [
              { name, type: words.text, up: words.part(quoted(column.name), " ", 1) },
              { name: `rest ${i}`, type: words.text, up: words.part(quoted(column.name), " ", 2) },
            ],
            down: { [column.name]: words.joined(`coalesce(${quoted(name)}, '')`, "' '", `coalesce(${quoted(`rest ${i}`)}, '')`) },
            drops: dependants(table, column.name),
          }
        : null;
    case "merge":
      return other && isText(column) && isText(other)
        ? {
            kind: "transform",
            table: at,
            from: [column.name, other.name],
            to: [{ name, type: words.text, up: words.joined(`coalesce(${quoted(column.name)}, '')`, "'/'", `coalesce(${quoted(other.name)}, '')`) }],
            down: { [column.name]: words.part(quoted(name), "/", 1), [other.name]: words.part(quoted(name), "/", 2) },
            drops: [...dependants(table, column.name), ...dependants(table, other.name)],
          }
        : null;
    case "add-index":
      return { kind: "add-index", table: at, name: `index ${i}`, keys: [{ column: column.name, order: "desc" }, ...(other ? [{ column: other.name }] : [])] };
    case "set-not-null": {
      const fill = constant(column);
      return !column.notNull && fill !== null ? { kind: "set-not-null", table: at, column: column.name, fill } : null;
    }
    case "create-table":
      return {
        kind: "create-table",
        table: keyOf({ schema: namespace, name: `table ${i}` }),
        columns: [
          { name: "id", type: "bigint", identity: "by default" },
          { name: "word", type: words.text },
        ],
        primaryKey: ["id"],
      };
    default:
      return null;
  }
}

/** Names of what is given up with a column. */
const dependants = (table: Table, column: string): readonly string[] => [
  ...table.indexes.filter((index) => index.mentions.includes(column)).map((index) => index.name),
  ...table.constraints.filter((constraint) => constraint.kind !== "not-null" && constraint.columns.includes(column)).map((constraint) => constraint.name),
];

/** The operations that the choices mean here, and the schema that each leaves by its own word. */
export function operationsFrom(
  list: readonly Choice[],
  schema: Schema,
  ground: Ground,
): {
  readonly operations: readonly Operation[];
  readonly after: Schema;
} {
  const operations: Operation[] = [];
  let after = schema;
  list.forEach((choice, i) => {
    const operation = operationOf(choice, after, i, ground);
    const definition = operation && definitions.get(operation.kind);
    if (!operation || !definition) return;
    const { namespace, words } = ground;
    const world = { schema: after, namespace, facts: noFacts, nameBytes: words.nameBytes, indexNames: "namespace", keepsPrepared: true } as const;
    if (definition.check(operation, world).some((finding) => finding.severity === "refuse" && !finding.acceptable)) return;
    operations.push(operation);
    after = definition.effect(operation, world);
  });
  return { operations, after };
}
