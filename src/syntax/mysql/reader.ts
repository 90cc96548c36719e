// The tokens of one expression while it is parsed.
import { Problem } from "../../problem.ts";
import { excerpt, positionOf } from "../position.ts";
import { codeTokens, type Lexing, type Token } from "./lexer.ts";
import type { Node } from "./tree.ts";
import { nameOf } from "./written.ts";

/** Where an expression names a column. */
export interface ColumnPlace {
  readonly name: string;
  /** UTF-16 index of the reference's first character, that of the row's name where it has one. */
  readonly start: number;
  readonly end: number;
}

export interface Reader {
  readonly text: string;
  readonly lexing: Lexing;
  readonly all: readonly Token[];
  /** The name by which columns may be qualified, or null. */
  readonly row: string | null;
  readonly columns: ColumnPlace[];
  /** Reads one expression whose operators bind at least so strongly; given here, for operands hold expressions and these hold operands. */
  readonly expression: (reader: Reader, least?: number) => Node;
  at: number;
}

export const startReader = (text: string, row: string | null, lexing: Lexing, expression: Reader["expression"]): Reader => ({
  text,
  lexing,
  all: codeTokens(text, lexing),
  row,
  columns: [],
  expression,
  at: 0,
});

const nothing: Token = { kind: "punctuation", start: 0, end: 0 };

export const tokenAt = (reader: Reader, ahead = 0): Token =>
  reader.all[reader.at + ahead] ?? { ...nothing, start: reader.text.length, end: reader.text.length };

export const writtenAt = (reader: Reader, ahead = 0): string => {
  const { start, end } = tokenAt(reader, ahead);
  return reader.text.slice(start, end);
};

/** A bare word in lower case, an operator or punctuation as written; "" for all else and at the end. */
export function saidAt(reader: Reader, ahead = 0): string {
  const { kind } = tokenAt(reader, ahead);
  if (kind !== "word" && kind !== "operator" && kind !== "punctuation") return "";
  return writtenAt(reader, ahead).toLowerCase();
}

/** Where the last token that was read ends. */
export const endBefore = (reader: Reader): number => reader.all[reader.at - 1]?.end ?? 0;

/** Reads one of these words or signs, if it is the next; else null. */
export function accept(reader: Reader, ...words: readonly string[]): string | null {
  const said = saidAt(reader);
  if (said === "" || !words.includes(said)) return null;
  reader.at++;
  return said;
}

/** The Problem that the text ends here or goes on with something that does not fit. */
export function unexpected(reader: Reader): Problem {
  const { start } = tokenAt(reader);
  const { line, column } = positionOf(reader.text, start);
  const what = reader.at < reader.all.length ? `"${writtenAt(reader)}" is not expected here` : "the expression ends too early";
  return new Problem({
    code: "bad-sql",
    message: `The expression does not parse at ${line}:${column}: ${what}.\n${excerpt(reader.text, start)}`,
    hint: "Write one expression, as after SELECT, without a name for it.",
  });
}

export function demand(reader: Reader, word: string): void {
  if (accept(reader, word) === null) throw unexpected(reader);
}

/** A text that is no expression over the columns of one row. */
export const badExpression = (text: string, what: string, hint = "Write one expression over the columns of one row."): Problem =>
  new Problem({ code: "bad-expression", message: `"${text.trim()}" ${what}.`, hint });

/** Reserved words that could be taken for a name here; unquoted they are none to the server. */
export const reserved: ReadonlySet<string> = new Set(
  (
    "and or xor is in like between regexp rlike div mod collate when then else as from where group order having limit union " +
    "into using for on by set table values distinct all"
  ).split(" "),
);

/** Reads a name, whatever its word means elsewhere. */
export function readName(reader: Reader): string {
  const token = tokenAt(reader);
  if (token.kind !== "word" && token.kind !== "quoted" && token.kind !== "introducer") throw unexpected(reader);
  reader.at++;
  return nameOf(reader.text, token);
}

/** A node from `start` to the last token that was read. */
export const nodeFrom = (reader: Reader, start: number, form: Node["form"], name: string, parts: readonly Node[], value: string | null = null): Node => ({
  form,
  name,
  parts,
  start,
  end: endBefore(reader),
  value,
});
