// A file of SQL or a dump → its statements, each with its place in the file. Needs no server, so that a file with one bad statement still splits.
import { Problem } from "../../problem.ts";
import { isDirective } from "../directives.ts";
import { excerpt, positionOf } from "../position.ts";
import { noHeader, readDirective } from "../sections.ts";
import { type FileStatement, lineCounter, type SqlFile } from "../sql-file.ts";
import { type Blocks, noBlocks, takeToken } from "./blocks/blocks.ts";
import { type Lexing, nextToken, type Reading, startReading, type Token } from "./lexer.ts";

/** The statement whose tokens are being read. */
interface Open {
  readonly start: number;
  end: number;
  /** One of its tokens is no comment. */
  code: boolean;
  /** Its first words, as many as tell what may not be in a file. */
  readonly first: string[];
  readonly blocks: Blocks;
}

/** Words with which the command line client begins commands of its own, and no server a statement. */
const clientWords: ReadonlySet<string> = new Set(
  "source system tee notee pager nopager prompt edit ego go connect exit quit status rehash warnings nowarning resetconnection delimiter".split(" "),
);

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
};

function clientCommand(text: string, at: number, message: string): Problem {
  return new Problem({ code: "client-command", message: `${message}\n${excerpt(text, at)}`, hint: "Remove it: a migration holds SQL only." });
}

/** A DELIMITER line of the client: the delimiter, and where the line ends; null for anything else. */
function delimiterLine(text: string, token: Token): { readonly delimiter: string | null; readonly end: number } | null {
  const written = text.slice(token.start, token.end);
  if (token.kind !== "word" || written.toLowerCase() !== "delimiter") return null;
  const end = lineEnd(text, token.end);
  // The client takes what stands in quotes, or else what goes up to the next blank.
  const [, , quoted, bare] = /^(?:(['"`])(.*?)(?:\1|$)|(\S*))/.exec(text.slice(token.end, end).trim()) ?? [];
  const delimiter = quoted ?? bare ?? "";
  if (delimiter === "" || delimiter.includes("\\"))
    throw clientCommand(text, token.start, `DELIMITER names ${delimiter === "" ? "no delimiter" : "one with a backslash"}.`);
  return { delimiter: delimiter === ";" ? null : delimiter, end };
}

/** What a statement may not be: a command of the client, or one that reads a file which is no part of the migration. */
function refuseOutside(text: string, { start, first: [first = "", second = ""] }: Open, line: number): void {
  if (clientWords.has(first)) throw clientCommand(text, start, `Line ${line} holds "${first}", a command of the client program, not of the server.`);
  if (first === "load" && (second === "data" || second === "xml"))
    throw clientCommand(text, start, `Line ${line} holds LOAD ${second.toUpperCase()}, which reads a file that is no part of the migration.`);
}

/** A body that was not read as it is meant would take what follows along, and a server would carry out several statements as one. */
function refuseUnfinished(text: string, { misplaced, open: [outermost], open }: Blocks): void {
  const innermost = open.at(-1);
  if (misplaced !== null)
    throw new Problem({
      code: "bad-sql",
      message: `Behind the END of a block stands neither its own word, nor its label, nor a semicolon:\n${excerpt(text, misplaced)}`,
      hint: "End each block with its own words: END, END IF, END CASE, END LOOP, END WHILE, END REPEAT, END FOR.",
    });
  if (outermost && innermost)
    throw new Problem({
      code: "bad-sql",
      message: `The body that begins in line ${positionOf(text, outermost.at).line} never ends: no END is found for this ${innermost.kind.toUpperCase()}:\n${excerpt(text, innermost.at)}`,
      hint: "Write the END that is missing: each BEGIN, IF, CASE and loop has its own.",
    });
}

/** The end of one file's reading: its statements so far, and the one that is open. */
interface Splitting<Phase extends string> {
  readonly text: string;
  readonly lineAt: (index: number) => number;
  readonly reading: Reading;
  readonly statements: FileStatement<Phase>[];
  open: Open | null;
}

function close<Phase extends string>(splitting: Splitting<Phase>, directives: FileStatement<Phase>["directives"]): void {
  const { text, lineAt, statements, open } = splitting;
  splitting.open = null;
  if (!open?.code) return;
  // Between DELIMITER lines the file itself says where a statement ends.
  if (splitting.reading.delimiter === null) refuseUnfinished(text, open.blocks);
  const line = lineAt(open.start);
  refuseOutside(text, open, line);
  statements.push({ kind: "sql", text: text.slice(open.start, open.end), line, offset: open.start, directives, data: null });
}

/** Reads a token that is no comment; true where it ends the statement. */
function take<Phase extends string>(splitting: Splitting<Phase>, token: Token): boolean {
  const { text, reading } = splitting;
  if (token.kind === "delimiter") return true;
  if (text[token.start] === "\\") {
    const command = /^\\\S*/.exec(text.slice(token.start, token.start + 40))?.[0] ?? "\\";
    const line = splitting.lineAt(token.start);
    throw clientCommand(text, token.start, `Line ${line} holds "${command}", a command of the client program, not of the server.`);
  }
  const marks = token.kind === "code-open" || token.kind === "code-close";
  if (!splitting.open && text[token.start] === ";") return false;
  splitting.open ??= { start: token.start, end: token.end, code: false, first: [], blocks: noBlocks() };
  const { open } = splitting;
  if (!marks && open.first.length < 2) open.first.push(text.slice(token.start, token.end).toLowerCase());
  const ends = !marks && takeToken(open.blocks, text, token) && reading.delimiter === null && reading.opened < 0;
  if (ends) return true;
  // A semicolon before another delimiter would be an empty statement to the server.
  if (text[token.start] !== ";" || reading.opened >= 0) open.end = token.end;
  // A comment is code for the server even where nothing follows it: `/*!40101 SET NAMES utf8 */`.
  if (!marks) open.code = true;
  return false;
}

/**
 * Splits a file of statements, as the client program would, and reads its `-- hotstick:` lines. The bodies of routines, triggers and events
 * are known by their blocks too, so DELIMITER lines may be left out.
 * @throws Problem `bad-sql` (a quote or comment that never ends), `client-command` (a command of the client, LOAD DATA), `bad-directive`.
 * @param phases the phases that `-- hotstick: phase` may name.
 */
export function splitFile<Phase extends string>(text: string, phases: readonly Phase[], lexing: Lexing = {}): SqlFile<Phase> {
  const header = noHeader<Phase>();
  const splitting: Splitting<Phase> = { text, lineAt: lineCounter(text), reading: startReading(lexing), statements: [], open: null };
  const { reading, statements } = splitting;
  const finish = (): void => close(splitting, { phase: header.phase, undo: header.undo });
  // A byte order mark is not white space to the scanner.
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  for (let token = nextToken(text, at, reading); token; token = nextToken(text, at, reading)) {
    at = token.end;
    if (token.kind === "comment") {
      if (isDirective(text.slice(token.start, token.end))) readDirective(text, token, { header, above: statements, inside: splitting.open !== null, phases });
      continue;
    }
    if (token.kind === "block-comment" || token.kind === "hint") continue;
    const changed = splitting.open ? null : delimiterLine(text, token);
    if (changed) {
      reading.delimiter = changed.delimiter;
      at = changed.end;
    } else if (take(splitting, token)) finish();
  }
  finish();
  return { parents: header.parents, accept: header.accept, statements };
}
