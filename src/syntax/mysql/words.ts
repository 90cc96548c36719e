// The tokens of one statement, and reading names and words off them.
import { codeTokens, type Lexing, type Token } from "./lexer.ts";
import { nameOf } from "./written.ts";

export interface WrittenName {
  /** The database, null where none is written. */
  readonly schema: string | null;
  readonly name: string;
}

export interface Words {
  readonly text: string;
  readonly all: readonly Token[];
}

/**
 * The tokens of a statement. What MariaDB's SET STATEMENT … FOR puts before it changes settings for that one statement, and nothing of what
 * it is, so it is left out. @see https://mariadb.com/kb/en/set-statement/
 */
export function wordsOf(text: string, lexing: Lexing = {}): Words {
  const words: Words = { text, all: codeTokens(text, lexing) };
  return says(words, 0, "set", "statement") ? { text, all: words.all.slice(behindFor(words)) } : words;
}

/** The tokens of one part of a statement; versioned comments may begin or end outside of it. */
export const wordsIn = (text: string, { start, end }: { readonly start: number; readonly end: number }, lexing: Lexing = {}): Words => ({
  text,
  all: codeTokens(text, lexing).filter((token) => token.start >= start && token.end <= end),
});

/** A bare word in lower case, an operator or punctuation as written; "" for all else and outside. */
export function said({ text, all }: Words, at: number): string {
  const token = all[at];
  if (token?.kind !== "word" && token?.kind !== "operator" && token?.kind !== "punctuation") return "";
  return text.slice(token.start, token.end).toLowerCase();
}

/** True where these words follow each other from `at` on. */
export const says = (words: Words, at: number, ...expected: readonly string[]): boolean => expected.every((word, i) => said(words, at + i) === word);

const isName = (token: Token | undefined): boolean => token?.kind === "word" || token?.kind === "quoted" || token?.kind === "introducer";

/** The name at `at`, with its database where one is written, and the index behind it; null where none stands there. */
export function nameAt(words: Words, at: number): { readonly name: WrittenName; readonly end: number } | null {
  const { text, all } = words;
  const first = all[at];
  if (!first || !isName(first)) return null;
  const second = all[at + 2];
  if (said(words, at + 1) === "." && second && isName(second)) return { name: { schema: nameOf(text, first), name: nameOf(text, second) }, end: at + 3 };
  return { name: { schema: null, name: nameOf(text, first) }, end: at + 1 };
}

/** Behind the parenthesis that closes the one at `at`. */
export function behindParentheses(words: Words, at: number): number {
  let depth = 0;
  for (let i = at; i < words.all.length; i++) {
    const here = said(words, i);
    if (here === "(") depth++;
    if (here === ")" && --depth === 0) return i + 1;
  }
  return words.all.length;
}

/** Behind the first FOR outside parentheses; 0 where there is none, as no server takes that. */
function behindFor(words: Words): number {
  for (let at = 2; at < words.all.length; at = said(words, at) === "(" ? behindParentheses(words, at) : at + 1) if (said(words, at) === "for") return at + 1;
  return 0;
}

/** Cuts tokens from `from` to `to` at the commas outside parentheses. */
export function pieces(words: Words, from: number, to: number): readonly { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  let depth = 0;
  let start = from;
  for (let i = from; i < to; i++) {
    const here = said(words, i);
    if (here === "(") depth++;
    if (here === ")") depth--;
    if (here !== "," || depth > 0) continue;
    found.push({ from: start, to: i });
    start = i + 1;
  }
  return start < to ? [...found, { from: start, to }] : found;
}

/** Whether one of the tokens from `from` to `to` outside parentheses says this. */
export function has(words: Words, from: number, to: number, ...wanted: readonly string[]): boolean {
  let depth = 0;
  for (let i = from; i < to; i++) {
    const here = said(words, i);
    if (here === "(") depth++;
    if (here === ")") depth--;
    if (depth === 0 && wanted.includes(here)) return true;
  }
  return false;
}
