// A file of SQL → its statements, each with its place in the file. Needs no parser, so that a file with one bad statement still splits.
import { Problem } from "../../problem.ts";
import { badDirective, type Directive, isDirective, parseDirective } from "../directives.ts";
import { excerpt } from "../position.ts";
import { nextToken, type Token } from "./lexer.ts";

export interface FileStatement<Phase extends string = string> {
  /** `copy`: a `COPY … FROM stdin` with its data. */
  readonly kind: "sql" | "copy";
  /** Without the final semicolon and without comments around it. */
  readonly text: string;
  /** Line of its first character, from 1. */
  readonly line: number;
  /** UTF-16 index of its first character in the file. */
  readonly offset: number;
  readonly directives: {
    /** The phase that the file names for it, or null where it names none. */
    readonly phase: Phase | null;
    /** True in an undo section: it undoes what that phase's statements above did. */
    readonly undo: boolean;
  };
  /** The lines after COPY, each ending in a line feed, without the final `\.`; null for `sql`. */
  readonly data: string | null;
}

export interface SqlFile<Phase extends string = string> {
  /** Null where the file does not say. */
  readonly parents: readonly string[] | null;
  readonly accept: readonly string[];
  readonly statements: readonly FileStatement<Phase>[];
}

/** What is known of the statement whose tokens are being read. */
interface Open {
  readonly start: number;
  end: number;
  /** Its words so far, lower case, as many as decide anything. */
  readonly words: string[];
  parentheses: number;
  /** How deep in `BEGIN ATOMIC … END`, where semicolons do not end the statement. */
  atomic: number;
  /** The word or character before, for telling the key word END from a name. */
  previous: string;
  /** `from` seen outside parentheses just before `stdin`. */
  stdin: boolean;
}

const routine = /^create (or replace )?(function|procedure)\b/;

/** Reads one token into the open statement; true where it is the semicolon that ends it. */
function take(open: Open, token: Token, text: string): boolean {
  const written = text.slice(token.start, token.end);
  if (written === ";" && open.parentheses === 0 && open.atomic === 0) return true;
  open.end = token.end;
  if (token.kind === "punctuation") {
    if (written === "(") open.parentheses++;
    if (written === ")") open.parentheses = Math.max(0, open.parentheses - 1);
  }
  const current = token.kind === "word" ? written.toLowerCase() : written;
  if (token.kind === "word") {
    if (open.words.length < 4) open.words.push(current);
    // A label or column may be called end or case; after AS or a dot it is a name.
    const keyword = open.previous !== "." && open.previous !== "as";
    if (open.atomic > 0 && keyword) open.atomic += current === "case" ? 1 : current === "end" ? -1 : 0;
    else if (current === "atomic" && open.previous === "begin" && routine.test(open.words.join(" "))) open.atomic = 1;
    if (current === "stdin" && open.previous === "from" && open.parentheses === 0 && open.words[0] === "copy") open.stdin = true;
  }
  open.previous = current;
  return false;
}

function bad(text: string, at: number, code: string, message: string, hint: string): Problem {
  return new Problem({ code, message: `${message}\n${excerpt(text, at)}`, hint });
}

/** The data block after a COPY whose semicolon ends at `from`: the data and the index behind its end mark. */
function copyData(text: string, open: Open, from: number): { readonly data: string; readonly end: number } {
  const lineEnd = text.indexOf("\n", from);
  const rest = text.slice(from, lineEnd < 0 ? text.length : lineEnd);
  if (rest.trim() !== "")
    throw bad(
      text,
      from,
      "bad-sql",
      "Something follows COPY … FROM stdin in its line, where its data would begin in the next.",
      "Put the data in lines of their own.",
    );
  const mark = /^\\\.[ \t]*\r?$/gm;
  mark.lastIndex = lineEnd < 0 ? text.length : lineEnd + 1;
  const match = lineEnd < 0 ? null : mark.exec(text);
  if (!match) throw bad(text, open.start, "bad-sql", "The data of this COPY … FROM stdin never ends.", "End it with a line that holds only \\.");
  return { data: text.slice(lineEnd + 1, match.index).replaceAll("\r\n", "\n"), end: mark.lastIndex };
}

/** Counts lines as indexes grow, so that a large file is walked once. */
function lineCounter(text: string): (index: number) => number {
  let line = 1;
  let seen = 0;
  return (index) => {
    for (let next = text.indexOf("\n", seen); next >= 0 && next < index; next = text.indexOf("\n", seen)) {
      line++;
      seen = next + 1;
    }
    return line;
  };
}

/** What the directives read so far say. */
interface Header<Phase extends string> {
  parents: readonly string[] | null;
  readonly accept: string[];
  phase: Phase | null;
  undo: boolean;
}

/** Takes a directive over; returns what is wrong with its place, or null. */
function obey<Phase extends string>(header: Header<Phase>, directive: Directive<Phase>, above: readonly FileStatement<Phase>[]): string | null {
  const written = `"-- hotstick: ${directive.key}"`;
  switch (directive.key) {
    case "parents":
      if (above.length > 0) return `${written} must stand before the first statement.`;
      if (header.parents) return `${written} is given twice.`;
      header.parents = directive.names;
      return null;
    case "accept":
      if (above.length > 0) return `${written} must stand before the first statement, for it holds for the whole file.`;
      header.accept.push(...directive.rules);
      return null;
    case "phase":
      header.phase = directive.phase;
      header.undo = false;
      return null;
    case "undo":
      if (!above.some((statement) => statement.directives.phase === header.phase))
        return `${written} must stand after the statements of its phase that it undoes.`;
      header.undo = true;
      return null;
  }
}

/** What is wrong with the place of a directive, whatever it says; or null. */
function misplaced(text: string, token: Token, inside: boolean): string | null {
  if (inside) return "A directive stands inside a statement; put it on a line of its own before it.";
  const lineStart = text.lastIndexOf("\n", token.start) + 1;
  return text.slice(lineStart, token.start).replace("\uFEFF", "").trim() === "" ? null : "A directive must begin its line.";
}

/**
 * Splits a file of PostgreSQL statements, as `psql -f` would, and reads its `-- hotstick:` lines.
 * @throws Problem `bad-sql` (a quote, comment or data block that never ends), `psql-command` (a backslash command),
 * `bad-directive`.
 * @param phases the phases that `-- hotstick: phase` may name.
 */
export function splitFile<Phase extends string>(text: string, phases: readonly Phase[]): SqlFile<Phase> {
  const header: Header<Phase> = { parents: null, accept: [], phase: null, undo: false };
  const statements: FileStatement<Phase>[] = [];
  const lineAt = lineCounter(text);
  let open: Open | null = null;
  const close = (statement: Open, data: string | null): void => {
    const { start, end } = statement;
    const directives = { phase: header.phase, undo: header.undo };
    statements.push({ kind: data === null ? "sql" : "copy", text: text.slice(start, end), line: lineAt(start), offset: start, directives, data });
    open = null;
  };
  // A byte order mark is not white space to the scanner.
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  for (let token = nextToken(text, at); token; token = nextToken(text, at)) {
    at = token.end;
    if (token.kind === "block-comment") continue;
    if (token.kind === "comment") {
      if (!isDirective(text.slice(token.start, token.end))) continue;
      const directive = parseDirective(text, token.start, token.end, phases);
      const wrong = misplaced(text, token, open !== null) ?? obey(header, directive, statements);
      if (wrong !== null) throw badDirective(text, token.start, phases, wrong);
      continue;
    }
    if (text[token.start] === "\\") {
      const command = text.slice(token.start).match(/^\\\S*/)?.[0] ?? "\\";
      throw bad(
        text,
        token.start,
        "psql-command",
        `Line ${lineAt(token.start)} holds "${command}", a command of psql, not of the server.`,
        "Remove it: a migration holds SQL only.",
      );
    }
    if (!open && text[token.start] === ";") continue;
    open ??= { start: token.start, end: token.end, words: [], parentheses: 0, atomic: 0, previous: "", stdin: false };
    if (!take(open, token, text)) continue;
    const block: { data: string; end: number } | null = open.stdin ? copyData(text, open, at) : null;
    if (block) at = block.end;
    close(open, block?.data ?? null);
  }
  if (open && (open as Open).stdin) copyData(text, open, text.length);
  if (open) close(open, null);
  return { parents: header.parents, accept: header.accept, statements };
}
