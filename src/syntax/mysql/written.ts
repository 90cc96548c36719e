// What names and strings stand for, and how they are written.
import { Problem } from "../../problem.ts";
import type { Lexing, Token } from "./lexer.ts";

/** The name that a `word` or `quoted` token stands for, in the case in which it was written. */
export function nameOf(text: string, token: Token): string {
  const written = text.slice(token.start, token.end);
  if (token.kind === "word" || token.kind === "introducer") return written;
  const quote = written[0] ?? "`";
  return written.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Column names, and those of routines and indexes, are compared without regard to case on every platform. Manual: "Identifier Case-Sensitivity". */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** `\%` and `\_` keep their backslash, for LIKE reads it. */
const escapes: Readonly<Record<string, string>> = { "0": "\0", b: "\b", n: "\n", r: "\r", t: "\t", Z: "\x1a", "%": "\\%", _: "\\_" };

/** What the text of a string constant says; null for x'…' and b'…', which hold bytes. */
export function stringValue(text: string, token: Token, { noBackslashEscapes = false }: Lexing = {}): string | null {
  const written = text.slice(token.start, token.end);
  if (/^[xb]'/i.test(written)) return null;
  const inner = written.replace(/^n/i, "");
  const quote = inner[0] ?? "'";
  const body = inner.slice(1, -1);
  const pattern = noBackslashEscapes ? new RegExp(quote + quote, "g") : /\\([\s\S])|''|""/g;
  return body.replace(pattern, (found: string, escaped?: string) => {
    if (typeof escaped === "string" && found[0] === "\\") return escapes[escaped] ?? escaped;
    return found === quote + quote ? quote : found;
  });
}

/**
 * A name in backticks.
 * @throws Problem `bad-name` for a name that no server takes: NUL, a character outside the Basic Multilingual Plane, or a blank at its end.
 */
export function quoteName(name: string): string {
  // Names are kept as utf8mb3. Manual: "Schema Object Names", "Identifier Names".
  if (/\0|[\ud800-\udfff]/.test(name) || /[ \t\n\r\f\v]$/.test(name) || name === "")
    throw new Problem({
      code: "bad-name",
      message: `${JSON.stringify(name)} cannot be a name.`,
      hint: "Choose a name without NUL, emoji and blanks at its end.",
    });
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A string constant that means the same under every sql_mode: with a backslash in it, its bytes as utf8mb4. COMMENT and its like take no such form. */
export function quoteString(value: string): string {
  if (!/[\\\0]/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  const bytes = Array.from(new TextEncoder().encode(value), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `_utf8mb4 x'${bytes}'`;
}
