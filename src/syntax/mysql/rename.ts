// Definitions as the server prints them, with columns under other names. They hold nothing but names, literals and functions, so the tokens tell.
import { type Lexing, type Token, tokens } from "./lexer.ts";
import { behindParentheses, nameAt, said, type Words, wordsOf } from "./words.ts";
import { nameOf, quoteName } from "./written.ts";

/** New names by old ones, which are compared without regard to case. */
export type Renames = ReadonlyMap<string, string>;

/** The new name of a column, or null where it keeps its own. */
function renamed(renames: Renames, name: string): string | null {
  const lower = name.toLowerCase();
  for (const [from, to] of renames) if (from.toLowerCase() === lower) return to;
  return null;
}

interface Replacement {
  readonly token: Token;
  readonly name: string;
}

function replaced(text: string, replacements: readonly Replacement[]): string {
  let result = "";
  let at = 0;
  for (const { token, name } of replacements) {
    result += text.slice(at, token.start) + quoteName(name);
    at = token.end;
  }
  return result + text.slice(at);
}

/** What a token of an expression becomes. Servers print columns in backticks and key words, functions and collations without. */
function inExpression({ text, all }: Words, at: number, renames: Renames): readonly Replacement[] {
  const token = all[at];
  // Before a dot stands the table or the database.
  if (token?.kind !== "quoted" || said({ text, all }, at + 1) === ".") return [];
  const name = renamed(renames, nameOf(text, token));
  return name === null ? [] : [{ token, name }];
}

/** Columns renamed in an expression as the server prints it: a check, a generated column, a key part, a default. */
export function renameInExpression(text: string, renames: Renames, lexing: Lexing = {}): string {
  const words = wordsOf(text, lexing);
  return replaced(
    text,
    words.all.flatMap((_, at) => inExpression(words, at, renames)),
  );
}

/** Columns renamed in a key's list: `KEY i (a, b(10) DESC, (lower(c)))`; the key's own name and its options stay. */
export function renameInKey(text: string, renames: Renames, lexing: Lexing = {}): string {
  const words = wordsOf(text, lexing);
  const from = words.all.findIndex((_, at) => said(words, at) === "(");
  const to = from < 0 ? 0 : behindParentheses(words, from);
  let depth = 0;
  const replacements = words.all.slice(0, to).flatMap((token, at): readonly Replacement[] => {
    const here = said(words, at);
    if (here === "(") depth++;
    if (here === ")") depth--;
    if (depth > 1) return inExpression(words, at, renames);
    const begins = depth === 1 && (at === from + 1 || said(words, at - 1) === ",");
    if (!begins || (token.kind !== "quoted" && token.kind !== "word")) return [];
    const name = renamed(renames, nameOf(text, token));
    return name === null ? [] : [{ token, name }];
  });
  return replaced(text, replacements);
}

/** The tokens of a list of names in parentheses; empty where none begins at `at`. */
function listed(words: Words, at: number): readonly Token[] {
  if (said(words, at) !== "(") return [];
  return words.all.slice(at + 1, behindParentheses(words, at) - 1).filter(({ kind }) => kind === "quoted" || kind === "word");
}

/**
 * Columns renamed in a foreign key: `[CONSTRAINT f] FOREIGN KEY (a) REFERENCES t (b) ON …`.
 * @param own renames of the table that has it.
 * @param referenced renames of the table that it points to.
 */
export function renameInForeignKey(text: string, own: Renames, referenced: Renames, lexing: Lexing = {}): string {
  const words = wordsOf(text, lexing);
  const key = words.all.findIndex((_, at) => said(words, at) === "foreign");
  const target = words.all.findIndex((_, at) => said(words, at) === "references");
  const open = words.all.findIndex((_, at) => at > key && said(words, at) === "(");
  const behindTable = target < 0 ? -1 : (nameAt(words, target + 1)?.end ?? -1);
  const rename = (list: readonly Token[], renames: Renames): readonly Replacement[] =>
    list.flatMap((token) => {
      const name = renamed(renames, nameOf(text, token));
      return name === null ? [] : [{ token, name }];
    });
  return replaced(text, [...rename(listed(words, open), own), ...rename(behindTable < 0 ? [] : listed(words, behindTable), referenced)]);
}

/** Whether an expression or key, as the server prints it, names a column. */
export function namesColumn(text: string, column: string, lexing: Lexing = {}): boolean {
  for (const token of tokens(text, lexing))
    if ((token.kind === "quoted" || token.kind === "word") && nameOf(text, token).toLowerCase() === column.toLowerCase()) return true;
  return false;
}
