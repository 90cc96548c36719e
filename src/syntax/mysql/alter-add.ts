// ALTER TABLE … ADD: columns, keys and constraints.
import type { AlterKind } from "./alter-actions.ts";
import { behindParentheses, has, nameAt, pieces, said, says, type Words } from "./words.ts";

/** Functions whose value is the same for every row of one statement. */
const constantDefault: ReadonlySet<string> = new Set("current_timestamp now localtime localtimestamp null true false".split(" "));

/** Words that are computed without a parenthesis: NEXT VALUE FOR, PREVIOUS VALUE FOR. */
const computedDefault: ReadonlySet<string> = new Set(["next", "previous", "utc_timestamp"]);

/** The kind of default from the word DEFAULT on: one that is computed for every row copies the table. */
function isComputed(words: Words, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    if (said(words, i) !== "default") continue;
    const inner = said(words, i + 1) === "(" ? i + 2 : i + 1;
    const [next, isWord] = [said(words, inner), /^(word|quoted)$/.test(words.all[inner]?.kind ?? "")];
    if (inner === i + 2) return behindParentheses(words, i + 1) - i > 4 || (isWord && !constantDefault.has(next));
    return isWord && (computedDefault.has(next) || (says(words, inner + 1, "(") && !constantDefault.has(next)));
  }
  return false;
}

/** What a column's definition costs, from the token behind its name on; the costliest trait first. */
export function columnKind(words: Words, from: number, to: number): AlterKind {
  const generated = has(words, from, to, "as", "generated");
  if (generated) return has(words, from, to, "stored", "persistent") ? "add stored column" : "add virtual column";
  if (has(words, from, to, "references")) return "add referencing column";
  if (has(words, from, to, "auto_increment", "serial")) return "add auto_increment column";
  if (has(words, from, to, "unique", "primary", "key")) return "add keyed column";
  if (isComputed(words, from, to)) return "add column with computed default";
  if (has(words, from, to, "check")) return "add checked column";
  return has(words, from, to, "first", "after") ? "add column at place" : "add column";
}

function column(words: Words, from: number, to: number): AlterKind {
  const at = says(words, from, "if", "not", "exists") ? from + 3 : from;
  return columnKind(words, nameAt(words, at)?.end ?? at, to);
}

/** Words that begin a constraint, also behind CONSTRAINT alone. */
const constraints: ReadonlySet<string> = new Set(["primary", "unique", "foreign", "check"]);

/** The name behind CONSTRAINT [IF NOT EXISTS], and the index behind all of them; null where none is written. */
function symbolAt(words: Words, from: number): { readonly name: string | null; readonly end: number } | null {
  if (said(words, from) !== "constraint") return null;
  const at = says(words, from + 1, "if", "not", "exists") ? from + 4 : from + 1;
  const named = constraints.has(said(words, at)) ? null : nameAt(words, at);
  return { name: named?.name.name ?? null, end: named?.end ?? at };
}

/** A key or constraint, or null where a column is added. */
function keyKind(words: Words, from: number, to: number): AlterKind | null {
  switch (said(words, from)) {
    case "constraint":
      return keyKind(words, symbolAt(words, from)?.end ?? to, to);
    case "primary":
      return "add primary key";
    case "unique":
      return "add unique";
    case "foreign":
      return "add foreign key";
    case "check":
      return "add check";
    case "fulltext":
      return "add fulltext";
    case "spatial":
      return "add spatial";
    case "index":
    case "key":
      return "add index";
    case "vector":
      return "unknown";
    case "system":
      return says(words, from + 1, "versioning") ? "add versioning" : null;
    case "period":
      return says(words, from + 1, "for") ? "period" : null;
    default:
      return null;
  }
}

/** What ADD adds, from the word or the name that says what it is. */
export interface Added {
  readonly kind: AlterKind;
  readonly from: number;
  readonly to: number;
  /** It stands in ADD ( …, … ), so it cannot be cut out with its verb. */
  readonly listed: boolean;
}

/** What follows ADD. */
export function added(words: Words, from: number, to: number): readonly Added[] {
  const key = keyKind(words, from, to);
  if (key !== null) return [{ kind: key, from, to, listed: false }];
  const at = said(words, from) === "column" ? from + 1 : from;
  const list = says(words, at, "if", "not", "exists") ? at + 3 : at;
  if (said(words, list) !== "(") return [{ kind: column(words, at, to), from, to, listed: false }];
  return pieces(words, list + 1, behindParentheses(words, list) - 1).map((piece) => ({
    kind: keyKind(words, piece.from, piece.to) ?? column(words, piece.from, piece.to),
    ...piece,
    listed: true,
  }));
}

/** The name that a constraint has for certain: the one behind CONSTRAINT. Null where none is written. */
export const symbolOf = (words: Words, from: number): string | null => symbolAt(words, from)?.name ?? null;

/** The name of a unique index: the one behind KEY stands above the constraint's. */
export function uniqueName(words: Words, from: number): string | null {
  const symbol = symbolAt(words, from);
  let at = (symbol?.end ?? from) + 1;
  if (said(words, at) === "index" || said(words, at) === "key") at++;
  if (says(words, at, "if", "not", "exists")) at += 3;
  return (said(words, at) === "using" ? null : nameAt(words, at)?.name.name) ?? symbol?.name ?? null;
}
