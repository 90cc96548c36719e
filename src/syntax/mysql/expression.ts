// One expression over the columns of one row.
import { type Lexing, tokens } from "./lexer.ts";
import { parse } from "./operators.ts";
import { badExpression, type ColumnPlace, startReader } from "./reader.ts";
import { type Node, walk } from "./tree.ts";
import { sameName } from "./written.ts";

export interface ParsedExpression {
  /** The text without comments, which could hide what is written behind it. Spans are those of this text. */
  readonly text: string;
  readonly tree: Node;
  /** The columns that it reads, each once, as first written; names that differ in case only are one. */
  readonly columns: readonly string[];
  /** Every place where it names a column, in the order of the text. */
  readonly places: readonly ColumnPlace[];
  /** The functions that it calls, each once, in lower case. */
  readonly functions: readonly string[];
}

/** The text with each comment become a blank. */
function withoutComments(text: string, lexing: Lexing): string {
  let result = "";
  let at = 0;
  for (const { kind, start, end } of tokens(text, lexing)) {
    if (kind === "code-open") throw badExpression(text, "holds a versioned comment", "Write what every server is to read.");
    if (kind !== "comment" && kind !== "block-comment" && kind !== "hint") continue;
    result += `${text.slice(at, start)} `;
    at = end;
  }
  return (result + text.slice(at)).trim();
}

/**
 * Reads one expression.
 * @param row the name by which its columns may be qualified, or null.
 * @throws Problem `bad-sql` where it does not parse, `bad-expression` where it is not one expression over the columns of one row.
 */
export function parseExpression(written: string, row: string | null, lexing: Lexing = {}): ParsedExpression {
  const hint = "Write one expression, as after SELECT, without a name for it.";
  const text = withoutComments(written, lexing);
  const reader = startReader(text, row, lexing, parse);
  if (reader.all.length === 0) throw badExpression(written, "holds no expression", hint);
  const tree = parse(reader);
  if (reader.at < reader.all.length) throw badExpression(written, "is not one expression", hint);
  if (tree.form === "row") throw badExpression(written, "is a row, not one value", hint);
  if (tree.form === "interval") throw badExpression(written, "is an interval, which no column can hold", hint);
  const columns: string[] = [];
  for (const { name } of reader.columns) if (!columns.some((known) => sameName(known, name))) columns.push(name);
  const functions = new Set<string>();
  walk(tree, ({ form, name }) => {
    if (form === "call") functions.add(name);
  });
  return { text, tree, columns, places: reader.columns, functions: [...functions] };
}

/**
 * The text with each column replaced by what `replacement` gives for it; null keeps it, with the row's name where it has one. All else stays
 * as written. What is put in is taken as it is: what is no single name has to stand in parentheses.
 */
export function substitute({ text, places }: ParsedExpression, replacement: (column: string) => string | null): string {
  let result = "";
  let at = 0;
  for (const { name, start, end } of places) {
    result += text.slice(at, start) + (replacement(name) ?? text.slice(start, end));
    at = end;
  }
  return result + text.slice(at);
}
