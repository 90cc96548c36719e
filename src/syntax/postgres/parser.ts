// The server's own grammar. Loaded once by who wires the parts together and passed on as a value.
import type { Node, ParseResult } from "libpg-query";
import { Problem } from "../../problem.ts";
import { excerpt, indexOfCodePoint, positionOf } from "../position.ts";
import { printChecked } from "./print.ts";
import { createPrinter } from "./printer.ts";

export type { Node } from "libpg-query";

export interface ParsedStatement {
  readonly node: Node;
  /** Its own text, without the final semicolon and without comments before it. */
  readonly text: string;
  /** UTF-16 index of `text` in what was parsed. */
  readonly offset: number;
}

/** What the rest of this folder needs of a parser. */
export interface PostgresSyntax {
  /**
   * Parses any number of statements.
   * @param before parsed in front of the text, but not shown when the text has an error.
   * @throws Problem `bad-sql` with the place.
   */
  parse(text: string, before?: string): readonly ParsedStatement[];
  /**
   * Writes a tree as text that parses to the same tree.
   * @throws Problem `unprintable-sql` where that cannot be had.
   */
  print(node: Node): string;
  /**
   * Parses the body of a PL/pgSQL function, given its whole CREATE FUNCTION text; null where the parser refuses it, as it does
   * for valid bodies whose variables have types that it cannot look up.
   */
  parsePlpgsql(createFunction: string): unknown;
}

const badSql = (message: string, hint: string, cause?: unknown): Problem => new Problem({ code: "bad-sql", message, hint, cause });

function refuseNul(text: string): void {
  // The parser takes a C string and would silently parse only what stands before the NUL.
  const at = text.indexOf("\0");
  if (at >= 0) throw badSql(`A NUL character stands in line ${positionOf(text, at).line}, which PostgreSQL cannot read.`, "Remove it.");
}

function explain(error: unknown, text: string, before: string): Problem {
  if (error instanceof RangeError) return badSql("A statement nests too deeply to be parsed.", "Split it into smaller ones.", error);
  const { message, sqlDetails } = error as { readonly message: string; readonly sqlDetails?: { readonly cursorPosition: number } };
  // The parser counts code points from 0, and gives 0 also where it knows no place.
  const index = Math.max(0, indexOfCodePoint(before + text, sqlDetails?.cursorPosition ?? 0) - before.length);
  const { line, column } = positionOf(text, index);
  return badSql(`PostgreSQL cannot parse this, at ${line}:${column}: ${message}\n${excerpt(text, index)}`, "Correct the statement there.", error);
}

function statementsOf(result: ParseResult, text: string): ParsedStatement[] {
  const bytes = Buffer.from(text, "utf8");
  const ascii = bytes.length === text.length;
  const slice = (from: number, to: number): string => (ascii ? text.slice(from, to) : bytes.toString("utf8", from, to));
  const statements: ParsedStatement[] = [];
  let seenBytes = 0;
  let seenUnits = 0;
  for (const { stmt, stmt_location: from = 0, stmt_len: length } of result.stmts ?? []) {
    if (!stmt) continue;
    // Locations are in bytes; an absent length means "to the end".
    const to = length ? from + length : bytes.length;
    seenUnits += ascii ? from - seenBytes : slice(seenBytes, from).length;
    seenBytes = from;
    const own = slice(from, to);
    const indent = own.length - own.trimStart().length;
    statements.push({ node: stmt, text: own.trim(), offset: seenUnits + indent });
  }
  return statements;
}

/** Loads the parser and the printer: about 90 ms, so only when SQL is met. */
export async function loadPostgresSyntax(): Promise<PostgresSyntax> {
  const [{ default: parser }, { Deparser }] = await Promise.all([import("libpg-query"), import("pgsql-deparser")]);
  await parser.loadModule();
  const write = createPrinter(Deparser);
  const parse = (text: string, before = ""): ParsedStatement[] => {
    refuseNul(text);
    const whole = before + text;
    if (whole.trim() === "") return [];
    try {
      return statementsOf(parser.parseSync(whole), whole);
    } catch (error) {
      throw explain(error, text, before);
    }
  };
  return {
    parse,
    print: (node) => printChecked(node, write, parse),
    parsePlpgsql(createFunction) {
      try {
        return parser.parsePlPgSQLSync(createFunction);
      } catch {
        return null;
      }
    },
  };
}
