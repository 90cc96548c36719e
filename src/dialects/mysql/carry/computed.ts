// Generated columns over a renamed column. New code leaves the old name out, and the server computes them before a trigger gives it a value
// (MariaDB 10.11.19): from its default; where it is NOT NULL and has none, from what stands for "not given", or, where the type has no such
// value, from the one that the server puts there itself. What cannot be computed from that fails every INSERT of new code, so the server is
// asked.
import type { Finding } from "../../../finding.ts";
import { type Facts, type Question, questionKey } from "../../../schema/facts.ts";
import type { Column, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import { parseExpression, substitute } from "../../../syntax/mysql/expression.ts";
import { sameName } from "../../../syntax/mysql/written.ts";
import { isMariadb } from "../capabilities.ts";
import { readDefault } from "../sync/default.ts";
import { readBy } from "./reads.ts";
import { refuse } from "./refusals.ts";

type ExpressionQuestion = Extract<Question, { readonly kind: "expression" }>;

/** What of a shape this is about. */
interface Renames {
  readonly table: Table;
  readonly version: number;
  /** Old names of renamed columns that dependants follow. */
  readonly exchanged: ReadonlySet<string>;
  /** What stands for "not given" in some of them. */
  readonly standIns: Readonly<Record<string, string>>;
}

/** A default that is the same in every row and at every time. */
function constantDefault(column: Column): string | null {
  const known = readDefault(column);
  return known.kind === "constant" && /^[-+.\d']/.test(known.text) ? known.text : null;
}

/** What the server itself puts into a NOT NULL column without a default before the triggers; null where that is not known here. */
function implicit(type: string): string | null {
  if (/^((tiny|small|medium|big)?int|float|double|decimal|year)\b/.test(type)) return "0";
  if (/^enum\b/.test(type)) return /'(?:[^']|'')*'/.exec(type)?.[0] ?? null;
  return /^((var)?char|set|varbinary)\b|text$/.test(type) ? "''" : null;
}

/** A value as the column would give it. */
function literal(type: string, value: string): string {
  if (!value.startsWith("'")) return value;
  if (/^(datetime|timestamp)\b/.test(type)) return `timestamp${value}`;
  return /^date\b/.test(type) ? `date${value}` : /^time\b/.test(type) ? `time${value}` : value;
}

/** The expression with a value in the place of one column, and generated ones as what they are computed from. */
const over = (table: Table, text: string, column: Column, value: string, version: number): string =>
  substitute(parseExpression(text, null, { version }), (name) => {
    if (sameName(name, column.name)) return `(${value})`;
    const generated = table.columns.find((other) => sameName(other.name, name))?.generated;
    return generated ? `(${over(table, generated.expression, column, value, version)})` : null;
  });

interface Computed {
  readonly from: Column;
  readonly column: Column;
  /** Null where it cannot be asked. */
  readonly question: ExpressionQuestion | null;
}

function questionOf({ table, version, standIns }: Renames, from: Column, column: Column): ExpressionQuestion | null {
  const value = constantDefault(from) ?? standIns[from.name] ?? implicit(from.type);
  if (value === null || column.generated === null) return null;
  try {
    const text = over(table, column.generated.expression, from, literal(from.type, value), version);
    const { columns } = parseExpression(text, null, { version });
    const read = table.columns.filter(({ name }) => columns.some((each) => sameName(each, name)));
    return { kind: "expression", text, row: table.name.name, columns: read.map(({ name, type }) => ({ name, type })), target: column.type };
  } catch {
    // The server prints forms that are not read here.
    return null;
  }
}

/** MySQL renames no column of which another is computed. */
function computed(renames: Renames): readonly Computed[] {
  const { table, version, exchanged } = renames;
  if (!isMariadb(version)) return [];
  // Nothing fails by NULL, and what other defaults give is what the server computes of them in any insert.
  const holding = table.columns.filter((column) => exchanged.has(column.name) && (column.default === null ? column.notNull : constantDefault(column) !== null));
  return holding.flatMap((from) =>
    table.columns
      .filter(({ name, generated }) => generated !== null && readBy(table, [name]).has(from.name))
      .map((column) => ({ from, column, question: questionOf(renames, from, column) })),
  );
}

/** To be asked of the server before `checkComputed`. */
export const computedQuestions = (renames: Renames): readonly Question[] => computed(renames).flatMap(({ question }) => question ?? []);

/** What becomes of an INSERT of new code where it cannot be computed, or not surely; null where it can. Without other columns the server has computed it. */
function against({ from, question }: Computed, facts: Facts): string | null {
  const fact = question ? facts.expression[questionKey(question)] : undefined;
  // A default of its own is a value like any other: what may fail by it has failed before the run too.
  if (from.default !== null) return fact?.ok === false && question?.columns.length === 0 ? `would fail: ${fact.message}` : null;
  if (!fact) return "could fail";
  if (!fact.ok) return `would fail: ${fact.message}`;
  const can = fact.assignable && (fact.columns.length === 0 ? fact.volatility === "immutable" : fact.total);
  return can ? null : "could fail";
}

export function checkComputed(renames: Renames, facts: Facts): readonly Finding[] {
  const { table, standIns } = renames;
  const name = keyOf(table.name);
  const all = computed(renames);
  const give = (from: string): string =>
    `Give ${from} a default from which they can be computed, in an earlier migration: alter table … alter column ${from} set default …; take it away when the run is complete.`;
  const failing = all.flatMap((each) => {
    const { from, column } = each;
    const why = against(each, facts);
    if (why === null) return [];
    const standIn = standIns[from.name];
    const value = from.default !== null ? `its default ${from.default}` : standIn !== undefined ? `${standIn}, which stands for a value not given` : "0 or ''";
    return [
      refuse(
        "dependent-generated-column",
        "column",
        `${name}.${column.name}`,
        `Generated column ${column.name} is computed from ${from.name}, and before a trigger gives that a value: for rows of new code from ${value}. Such an INSERT ${why}.`,
        give(from.name),
      ),
    ];
  });
  // Measured on 10.11.19: when a second VIRTUAL column is computed from it, a column that was left out is no longer NULL to the trigger.
  const doubled = [...new Set(all.map(({ from }) => from))].flatMap((from) => {
    const virtual = all.filter((each) => each.from === from && each.column.generated?.kind === "virtual");
    if (virtual.length < 2 || from.default !== null || standIns[from.name] !== undefined) return [];
    const list = virtual.map(({ column }) => column.name).join(", ");
    return [
      refuse(
        "dependent-generated-column",
        "column",
        `${name}.${from.name}`,
        `Virtual columns ${list} are computed from ${from.name}, which is NOT NULL and whose type has no value to spare for "not given": once the server has computed two, a trigger takes a value that was left out for one that was given.`,
        give(from.name),
      ),
    ];
  });
  return [...failing, ...doubled];
}
