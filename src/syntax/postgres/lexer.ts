// Cuts PostgreSQL text into tokens the way the server's scanner does, as far as finding statements and names needs it.
// Manual: "Lexical Structure". Assumes standard_conforming_strings = on, which the run sets.
import { Problem } from "../../problem.ts";
import { excerpt, positionOf } from "../position.ts";

export type TokenKind =
  /** An identifier or key word without quotes. */
  | "word"
  /** A quoted identifier. */
  | "quoted"
  /** Any string constant: standard, E'', B'', X'', N'', U&''. */
  | "string"
  /** A dollar-quoted string constant. */
  | "dollar"
  | "number"
  | "parameter"
  | "operator"
  /** One of ( ) [ ] , ; : . or any character that means nothing to SQL. */
  | "punctuation"
  /** From two dashes to the end of the line, without the line end. */
  | "comment"
  | "block-comment";

export interface Token {
  readonly kind: TokenKind;
  /** UTF-16 index of its first character. */
  readonly start: number;
  /** UTF-16 index behind its last character. */
  readonly end: number;
}

const space = /[ \t\n\r\f\v]+/y;
// Every character above ASCII counts as a letter: the server looks at bytes, not at what Unicode says.
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const number = /(?:\d|\.\d)[0-9A-Za-z_]*(?:(?<![A-Za-z][0-9A-Za-z_]*)\.(?!\.)[0-9A-Za-z_]*)?(?:(?<=[eE])[+-]\d+)?/y;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const parameter = /\$\d+/y;
const operator = /(?:(?!--|\/\*)[~!@#^&|`?+\-*/%<>=])+/y;
const lineComment = /--[^\n\r]*/y;
// A string goes on in the same mode when only white space with a line end stands before the next quote.
const continuation = /(?:[ \t\f\v]|--[^\n\r]*(?=[\n\r]))*[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*(?=[\n\r]))*'/y;

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function unterminated(text: string, start: number, what: string): Problem {
  return new Problem({
    code: "bad-sql",
    message: `The ${what} that begins in line ${positionOf(text, start).line} never ends:\n${excerpt(text, start)}`,
    hint: `Close it, or look for a quote too many before it.`,
  });
}

/** How a string is read: `bits` know no doubled quote, `escapes` know the backslash. */
type StringMode = "standard" | "escapes" | "bits";

function endOfString(text: string, start: number, quote: number, mode: StringMode): number {
  let at = quote + 1;
  for (;;) {
    const close = text.indexOf("'", at);
    if (close < 0) throw unterminated(text, start, "string");
    if (mode === "escapes") {
      const backslash = text.indexOf("\\", at);
      if (backslash >= 0 && backslash < close) {
        at = backslash + 2;
        continue;
      }
    }
    at = close + 1;
    if (text[at] === "'" && mode !== "bits") {
      at++;
      continue;
    }
    const next = matchEnd(continuation, text, at);
    if (next < 0) return at;
    at = next;
  }
}

function endOfQuoted(text: string, start: number, quote: number): number {
  let at = quote + 1;
  for (;;) {
    const close = text.indexOf('"', at);
    if (close < 0) throw unterminated(text, start, "quoted name");
    if (text[close + 1] !== '"') return close + 1;
    at = close + 2;
  }
}

function endOfBlockComment(text: string, start: number): number {
  let depth = 0;
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  for (let match = edge.exec(text); match; match = edge.exec(text)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  throw unterminated(text, start, "comment");
}

function wordOrPrefixed(text: string, start: number, end: number): Token {
  const prefix = text.slice(start, end).toLowerCase();
  if (text[end] === "'" && (prefix === "e" || prefix === "b" || prefix === "x" || prefix === "n"))
    return { kind: "string", start, end: endOfString(text, start, end, prefix === "e" ? "escapes" : prefix === "n" ? "standard" : "bits") };
  if (prefix === "u" && text[end] === "&") {
    if (text[end + 1] === "'") return { kind: "string", start, end: endOfString(text, start, end + 1, "standard") };
    if (text[end + 1] === '"') return { kind: "quoted", start, end: endOfQuoted(text, start, end + 1) };
  }
  return { kind: "word", start, end };
}

function dollar(text: string, start: number): Token {
  const open = matchEnd(dollarTag, text, start);
  if (open < 0) {
    const end = matchEnd(parameter, text, start);
    return end < 0 ? { kind: "punctuation", start, end: start + 1 } : { kind: "parameter", start, end };
  }
  const tag = text.slice(start, open);
  const close = text.indexOf(tag, open);
  if (close < 0) throw unterminated(text, start, `string quoted with ${tag}`);
  return { kind: "dollar", start, end: close + tag.length };
}

/**
 * The token at or after an index, white space skipped; null at the end.
 * @throws Problem `bad-sql` where a quote or comment never ends.
 */
export function nextToken(text: string, from: number): Token | null {
  const skipped = matchEnd(space, text, from);
  const start = skipped < 0 ? from : skipped;
  const first = text[start];
  if (first === undefined) return null;
  if (first === "'") return { kind: "string", start, end: endOfString(text, start, start, "standard") };
  if (first === '"') return { kind: "quoted", start, end: endOfQuoted(text, start, start) };
  if (first === "$") return dollar(text, start);
  let end = matchEnd(word, text, start);
  if (end >= 0) return wordOrPrefixed(text, start, end);
  end = matchEnd(number, text, start);
  if (end >= 0) return { kind: "number", start, end };
  end = matchEnd(lineComment, text, start);
  if (end >= 0) return { kind: "comment", start, end };
  if (text.startsWith("/*", start)) return { kind: "block-comment", start, end: endOfBlockComment(text, start) };
  end = matchEnd(operator, text, start);
  if (end >= 0) return { kind: "operator", start, end };
  return { kind: "punctuation", start, end: start + 1 };
}

/** All tokens of a text. */
export function* tokens(text: string): Generator<Token> {
  for (let token = nextToken(text, 0); token; token = nextToken(text, token.end)) yield token;
}

const escaped = /\\(\\|[0-9a-fA-F]{4}|\+[0-9a-fA-F]{6})/g;

/** The name that a `word` or `quoted` token stands for: unquoted letters A–Z folded, quotes and `U&` escapes undone. */
export function nameOf(text: string, token: Token): string {
  const written = text.slice(token.start, token.end);
  if (token.kind === "word") return written.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const inner = written.slice(written.indexOf('"') + 1, -1).replaceAll('""', '"');
  if (written.startsWith('"')) return inner;
  return inner.replace(escaped, (_, code: string) => (code === "\\" ? "\\" : String.fromCodePoint(Number.parseInt(code.replace("+", ""), 16))));
}
