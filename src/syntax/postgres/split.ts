// A file of SQL → its statements, each with its place in the file. Needs no parser, so that a file with one bad statement still splits.
import { Problem } from "../../problem.ts";
import { isDirective } from "../directives.ts";
import { excerpt } from "../position.ts";
import { noHeader, readDirective } from "../sections.ts";
import { type FileStatement, lineCounter, type SqlFile } from "../sql-file.ts";
import { nextToken, type Token } from "./lexer.ts";

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

/**
 * Splits a file of PostgreSQL statements, as `psql -f` would, and reads its `-- hotstick:` lines.
 * @throws Problem `bad-sql` (a quote, comment or data block that never ends), `psql-command` (a backslash command),
 * `bad-directive`.
 * @param phases the phases that `-- hotstick: phase` may name.
 */
export function splitFile<Phase extends string>(text: string, phases: readonly Phase[]): SqlFile<Phase> {
  const header = noHeader<Phase>();
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
      if (isDirective(text.slice(token.start, token.end))) readDirective(text, token, { header, above: statements, inside: open !== null, phases });
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
