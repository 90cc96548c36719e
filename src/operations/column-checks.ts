// Checks that several operations share: does the table exist, is the name free, does the expression hold.
import type { Finding } from "../finding.ts";
import { findColumn, findTable } from "../schema/edit.ts";
import { type ExpressionColumn, type ExpressionFact, type Question, questionKey } from "../schema/facts.ts";
import type { ObjectName, Table } from "../schema/model.ts";
import { hiddenPrefix, keyOf, parseName } from "../schema/names.ts";
import type { ColumnSpec, Expression } from "../step/shape.ts";
import type { World } from "./definition.ts";

export const tableOf = (text: string, world: World): ObjectName => parseName(text, world.namespace);

const refuse = (rule: string, kind: string, name: string, message: string, fix?: string): Finding => ({
  rule,
  severity: "refuse",
  subject: { kind, name },
  message,
  ...(fix === undefined ? {} : { fix }),
});

/** The table if it is there and can be changed, and what speaks against it. */
export function checkTable(text: string, world: World): { readonly table: Table | null; readonly findings: readonly Finding[] } {
  const name = tableOf(text, world);
  const table = findTable(world.schema, name);
  if (!table) {
    const near = Object.values(world.schema.tables).filter((other) => other.name.name.toLowerCase() === name.name.toLowerCase());
    const fix =
      near.length > 0 ? `Did you mean ${near.map((other) => keyOf(other.name)).join(" or ")}?` : "Check the name, or create the table in an earlier operation.";
    return { table: null, findings: [refuse("unknown-table", "table", keyOf(name), `Table ${keyOf(name)} does not exist.`, fix)] };
  }
  if (table.kind === "foreign")
    return {
      table: null,
      findings: [
        refuse(
          "foreign-table",
          "table",
          keyOf(name),
          `${keyOf(name)} is a foreign table; its rows live elsewhere.`,
          "Change it on the server that holds it, then re-import it.",
        ),
      ],
    };
  if (table.partitionOf)
    return {
      table: null,
      findings: [
        refuse(
          "partition-of",
          "table",
          keyOf(name),
          `${keyOf(name)} is a partition of ${keyOf(table.partitionOf.parent)}.`,
          `Change ${keyOf(table.partitionOf.parent)}; its partitions follow.`,
        ),
      ],
    };
  return { table, findings: [] };
}

/** Refuses a column that is not there, or that exists only by inheritance. */
export function checkColumn(table: Table, column: string): readonly Finding[] {
  const found = findColumn(table, column);
  const name = `${keyOf(table.name)}.${column}`;
  if (!found)
    return [
      refuse(
        "unknown-column",
        "column",
        name,
        `Column ${name} does not exist.`,
        `${keyOf(table.name)} has: ${table.columns.map((other) => other.name).join(", ")}.`,
      ),
    ];
  if (!found.local)
    return [refuse("inherited-column", "column", name, `Column ${name} is inherited.`, `Change it on ${table.inherits.map(keyOf).join(", ")}.`)];
  return [];
}

/** Refuses a name that is taken, too long or ours. */
export function checkNewName(table: Table, column: string, world: World, replaced: readonly string[] = []): readonly Finding[] {
  const name = `${keyOf(table.name)}.${column}`;
  const findings: Finding[] = [];
  if (findColumn(table, column) && !replaced.includes(column))
    findings.push(refuse("name-taken", "column", name, `Column ${name} exists already.`, "Choose another name, or drop the column first."));
  if (Buffer.byteLength(column) > world.nameBytes)
    findings.push(
      refuse("name-too-long", "column", name, `The name is longer than ${world.nameBytes} bytes; the server would cut it.`, "Choose a shorter name."),
    );
  if (column.startsWith(hiddenPrefix))
    findings.push(refuse("name-reserved", "column", name, `Names that begin with ${hiddenPrefix} are used by Hotstick itself.`, "Choose another name."));
  if (["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"].includes(column))
    findings.push(refuse("name-reserved", "column", name, `${column} is the name of a system column.`, "Choose another name."));
  return findings;
}

const expressionColumns = (columns: readonly { readonly name: string; readonly type: string }[]): readonly ExpressionColumn[] =>
  columns.map(({ name, type }) => ({ name, type }));

/** Asks the server to check an expression over these columns of a table, to be stored in a column of `target`. */
export const expressionQuestion = (
  table: Table,
  text: string,
  columns: readonly { readonly name: string; readonly type: string }[],
  target: string,
): Question & { kind: "expression" } => ({
  kind: "expression",
  text,
  row: table.name.name,
  columns: expressionColumns(columns),
  target,
});

/** What is wrong with an expression, by the server's own word. */
export function checkExpression(question: Question & { kind: "expression" }, world: World, subject: string): readonly Finding[] {
  const fact: ExpressionFact | undefined = world.facts.expression[questionKey(question)];
  if (!fact) return [];
  if (!fact.ok) {
    const at = fact.position === null ? "" : ` (at character ${fact.position})`;
    return [
      refuse(
        "bad-expression",
        "expression",
        subject,
        `${question.text}: ${fact.message}${at}.`,
        fact.hint ?? "Correct the expression; the server checked it against the table's columns.",
      ),
    ];
  }
  const findings: Finding[] = [];
  if (!fact.assignable)
    findings.push(
      refuse(
        "bad-expression",
        "expression",
        subject,
        `${question.text} is of type ${fact.type}, which cannot be stored in ${question.target} without a cast.`,
        `Write cast(${question.text} as ${question.target}).`,
      ),
    );
  if (fact.volatility === "volatile")
    findings.push(
      refuse(
        "volatile-expression",
        "expression",
        subject,
        `${question.text} gives another value each time it is evaluated, so no two shapes can be kept equal by it.`,
        "Use only what depends on the row's own columns.",
      ),
    );
  return findings;
}

/** The checked expression; call only when `checkExpression` found nothing. */
export function expressionOf(question: Question & { kind: "expression" }, world: World): Expression {
  const fact = world.facts.expression[questionKey(question)];
  if (!fact?.ok) throw new TypeError(`the expression ${question.text} was not checked`);
  return { text: question.text, qualified: fact.qualified, columns: fact.columns, volatility: fact.volatility, total: fact.total };
}

/** Asks how the server prints a column's type, and refuses one that it does not know. */
export const typeQuestion = (column: ColumnSpec): Question => ({ kind: "type", text: column.type });

/** The column with its type as the server itself prints it: what is generated must not depend on a search path. */
export function settledType<C extends ColumnSpec>(column: C, world: World): C {
  const fact = world.facts.type[column.type];
  return fact?.ok ? { ...column, type: fact.name } : column;
}

export function checkType(column: ColumnSpec, world: World, subject: string): readonly Finding[] {
  const fact = world.facts.type[column.type];
  return fact && !fact.ok
    ? [refuse("unknown-type", "type", subject, `${column.type}: ${fact.message}.`, "Check the name; a type of your own is made by an earlier migration.")]
    : [];
}

export const refusal = refuse;
