// Cuts MariaDB and MySQL text into tokens the way their servers' scanners do, as far as finding statements, names and expressions needs it.
// Manuals: "Lexical Structure" (MariaDB: "Comment Syntax", "Identifier Names", "String Literals"; MySQL: "Language Structure").
import { Problem } from "../../problem.ts";
import { excerpt, positionOf } from "../position.ts";
import { appliesTo } from "./versioned.ts";

/** What of the session changes how text is cut. */
export interface Lexing {
  /** sql_mode ANSI_QUOTES: double quotes hold names. */
  readonly ansiQuotes?: boolean;
  /** sql_mode NO_BACKSLASH_ESCAPES: a backslash in a string is a backslash. */
  readonly noBackslashEscapes?: boolean;
  /** The server as `Schema.version` has it: it decides which versioned comments are code. Without it all of them are. */
  readonly version?: number;
}

export type TokenKind =
  /** An identifier or key word without quotes. */
  | "word"
  /** An identifier in backticks, or in double quotes under ANSI_QUOTES. */
  | "quoted"
  /** One string constant: '…', "…", N'…', x'…', b'…'. Adjacent ones are tokens of their own. */
  | "string"
  /** `_utf8mb4` before a string. */
  | "introducer"
  /** Decimal, with a point or an exponent, 0x… or 0b…. */
  | "number"
  /** `@name`, @'name', @`name`; the host of an account too. */
  | "variable"
  /** `@@name`, `@@session.name`. */
  | "system-variable"
  | "placeholder"
  | "operator"
  /** One of ( ) , ; : . { } or any character that means nothing to SQL. */
  | "punctuation"
  /** The delimiter of the client where it is not the semicolon; found only if it is asked for. */
  | "delimiter"
  /** From # or two dashes and a blank to the end of the line, without the line end. */
  | "comment"
  /** A block comment, and a versioned one that is not for this server. */
  | "block-comment"
  /** An optimizer hint: the server reads it. */
  | "hint"
  /** The opening of a versioned comment whose content is code, such as `/*!50003`. */
  | "code-open"
  /** Its end. */
  | "code-close";

export interface Token {
  readonly kind: TokenKind;
  /** UTF-16 index of its first character. */
  readonly start: number;
  /** UTF-16 index behind its last character. */
  readonly end: number;
}

/** Where in a text the reading stands. */
export interface Reading {
  readonly lexing: Lexing;
  /** What ends a statement, where it is not the semicolon. */
  delimiter: string | null;
  /** Where the versioned comment began that is being read as code; -1 outside. */
  opened: number;
}

export const startReading = (lexing: Lexing = {}): Reading => ({ lexing, delimiter: null, opened: -1 });

const space = /[ \t\n\r\f\v]+/y;
// Every character above ASCII counts as a letter: the servers look at bytes, not at what Unicode says.
const word = /[0-9A-Za-z_$\u0080-\uffff]+/y;
/** Numbers, where they are not the beginning of a name: `1a` and `0xZ` are names. */
const numbers = [/0x[0-9a-fA-F]+(?![0-9A-Za-z_$\u0080-\uffff])/y, /0b[01]+(?![0-9A-Za-z_$\u0080-\uffff])/y, /\d+[eE][+-]?\d+/y];
const decimal = /(?:\d+(?:\.\d*)?|\.\d+)(?:(?<=\.\d*)[eE][+-]?\d+)?/y;
const digitsOnly = /\d+(?![0-9A-Za-z_$\u0080-\uffff])/y;
const nameCharacter = /[0-9A-Za-z_$\u0080-\uffff]/;
const variable = /@[0-9A-Za-z_.$\u0080-\uffff]+/y;
const systemVariable = /@@(?:`(?:[^`]|``)*`|[0-9A-Za-z_$\u0080-\uffff]+)(?:\.(?:`(?:[^`]|``)*`|[0-9A-Za-z_$\u0080-\uffff]+))*/y;
const operator = /<=>|->>|->|<<|>>|<=|>=|<>|!=|:=|\|\||&&|[-+*/%=<>!~^&|]/y;
// Two dashes begin a comment only before white space or another control character, so that 1--1 is a sum.
const lineComment = /#[^\n]*|--(?=[\0- \x7f]|$)[^\n]*/y;

/** Character sets that MariaDB or MySQL know; a word with an underscore before it introduces a string in one of them. */
const characterSets: ReadonlySet<string> = new Set(
  (
    "armscii8 ascii big5 binary cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 cp932 dec8 eucjpms euckr filename gb18030 gb2312 gbk geostd8 greek hebrew " +
    "hp8 keybcs2 koi8r koi8u latin1 latin2 latin5 latin7 macce macroman sjis swe7 tis620 ucs2 ujis utf16 utf16le utf32 utf8 utf8mb3 utf8mb4"
  ).split(" "),
);

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

/** Behind the closing quote; a doubled one stands for itself. */
function endOfQuotes(text: string, start: number, opening: number, escapes: boolean, what: string): number {
  const quote = text[opening] ?? "'";
  // One search for both, for a search of each to the end of the text would make a large dump slow.
  const edge = escapes ? (quote === "'" ? /['\\]/g : /["\\]/g) : new RegExp(quote, "g");
  edge.lastIndex = opening + 1;
  for (let match = edge.exec(text); match; match = edge.exec(text)) {
    if (match[0] === "\\" || text[match.index + 1] === quote) edge.lastIndex = match.index + 2;
    else return match.index + 1;
  }
  throw unterminated(text, start, what);
}

const quotedName = (text: string, start: number): Token => ({ kind: "quoted", start, end: endOfQuotes(text, start, start, false, "quoted name") });

function stringAt(text: string, start: number, opening: number, { noBackslashEscapes = false }: Lexing): Token {
  return { kind: "string", start, end: endOfQuotes(text, start, opening, !noBackslashEscapes, "string") };
}

/** A string, or a name where the mode says so. */
function inQuotes(text: string, start: number, lexing: Lexing): Token {
  return text[start] === '"' && lexing.ansiQuotes === true ? quotedName(text, start) : stringAt(text, start, start, lexing);
}

/** A comment that the server may read; comments of other versions may hold one more level of comments. */
function blockComment(text: string, start: number, reading: Reading): Token {
  const opening = /\/\*(M?)!(\d{5,6})?/y;
  opening.lastIndex = start;
  const match = opening.exec(text);
  if (match && appliesTo(reading.lexing.version, match[1] === "M", match[2] === undefined ? null : Number(match[2]))) {
    reading.opened = start;
    return { kind: "code-open", start, end: opening.lastIndex };
  }
  const edge = match ? /\/\*|\*\//g : /\*\//g;
  edge.lastIndex = start + 2;
  let depth = 1;
  for (let found = edge.exec(text); found; found = edge.exec(text)) {
    depth = found[0] === "/*" ? 2 : depth - 1;
    if (depth === 0) return { kind: text[start + 2] === "+" ? "hint" : "block-comment", start, end: edge.lastIndex };
  }
  throw unterminated(text, start, "comment");
}

function variableAt(text: string, start: number, lexing: Lexing): Token {
  const system = matchEnd(systemVariable, text, start);
  if (system >= 0) return { kind: "system-variable", start, end: system };
  const next = text[start + 1];
  if (next === "'" || next === '"') return { kind: "variable", start, end: endOfQuotes(text, start, start + 1, lexing.noBackslashEscapes !== true, "name") };
  if (next === "`") return { kind: "variable", start, end: endOfQuotes(text, start, start + 1, false, "name") };
  const end = matchEnd(variable, text, start);
  return end < 0 ? { kind: "punctuation", start, end: start + 1 } : { kind: "variable", start, end };
}

/** A number, or -1. After a dot that follows a name everything is a name: `t.1e5` is a column. */
function endOfNumber(text: string, start: number): number {
  for (const pattern of numbers) {
    const end = matchEnd(pattern, text, start);
    if (end >= 0) return end;
  }
  const fraction = text[start] === "." || /^\d+\./.test(text.slice(start, start + 400));
  return fraction ? matchEnd(decimal, text, start) : matchEnd(digitsOnly, text, start);
}

function wordAt(text: string, start: number, end: number, lexing: Lexing): Token {
  const written = text.slice(start, end);
  const prefix = written.toLowerCase();
  if (text[end] === "'" && (prefix === "x" || prefix === "b" || prefix === "n"))
    return stringAt(text, start, end, prefix === "n" ? lexing : { noBackslashEscapes: true });
  return { kind: written.startsWith("_") && characterSets.has(prefix.slice(1)) ? "introducer" : "word", start, end };
}

const afterName = (text: string, at: number): boolean => at > 0 && nameCharacter.test(text[at - 1] ?? "");

function plainToken(text: string, start: number, reading: Reading): Token {
  const { lexing } = reading;
  const first = text[start] ?? "";
  switch (first) {
    case "'":
    case '"':
      return inQuotes(text, start, lexing);
    case "`":
      return quotedName(text, start);
    case "@":
      return variableAt(text, start, lexing);
    case "?":
      return { kind: "placeholder", start, end: start + 1 };
  }
  const comment = matchEnd(lineComment, text, start);
  if (comment >= 0) return { kind: "comment", start, end: comment };
  if (text.startsWith("/*", start)) return blockComment(text, start, reading);
  if (reading.opened >= 0 && text.startsWith("*/", start)) {
    reading.opened = -1;
    return { kind: "code-close", start, end: start + 2 };
  }
  const digit = first >= "0" && first <= "9";
  const afterDot = text[start - 1] === "." && afterName(text, start - 1);
  if ((digit && !afterDot) || (first === "." && !afterName(text, start))) {
    const end = endOfNumber(text, start);
    if (end >= 0) return { kind: "number", start, end };
  }
  const name = matchEnd(word, text, start);
  if (name >= 0) return wordAt(text, start, name, lexing);
  const end = matchEnd(operator, text, start);
  return end < 0 ? { kind: "punctuation", start, end: start + 1 } : { kind: "operator", start, end };
}

/** Tokens that a delimiter may cut short, for the client looks at characters: `end$$`. */
const divisible: ReadonlySet<TokenKind> = new Set(["word", "introducer", "number", "operator", "punctuation", "variable", "system-variable"]);

/**
 * The token at or after an index, white space skipped; null at the end.
 * @throws Problem `bad-sql` where a quote or comment never ends.
 */
export function nextToken(text: string, from: number, reading: Reading): Token | null {
  const skipped = matchEnd(space, text, from);
  const start = skipped < 0 ? from : skipped;
  if (start >= text.length) {
    if (reading.opened >= 0) throw unterminated(text, reading.opened, "comment");
    return null;
  }
  const { delimiter } = reading;
  if (delimiter !== null && text.startsWith(delimiter, start)) return { kind: "delimiter", start, end: start + delimiter.length };
  const token = plainToken(text, start, reading);
  if (delimiter === null || !divisible.has(token.kind)) return token;
  const cut = text.slice(start, token.end).indexOf(delimiter);
  return cut < 0 ? token : { ...token, end: start + cut };
}

/** All tokens of a text, comments too. */
export function* tokens(text: string, lexing: Lexing = {}): Generator<Token> {
  const reading = startReading(lexing);
  for (let token = nextToken(text, 0, reading); token; token = nextToken(text, token.end, reading)) yield token;
}

const trivia: ReadonlySet<TokenKind> = new Set(["comment", "block-comment", "hint", "code-open", "code-close"]);

/** What the parser of the server sees: versioned comments opened, all others gone. */
export const codeTokens = (text: string, lexing: Lexing = {}): readonly Token[] => [...tokens(text, lexing)].filter(({ kind }) => !trivia.has(kind));
