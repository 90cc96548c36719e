// ALTER TABLE, cut into its actions. Manual: "ALTER TABLE".
import type { AlterKind } from "./alter-actions.ts";
import { type Added, added, symbolOf, uniqueName } from "./alter-add.ts";
import { optionsOf } from "./alter-options.ts";
import type { Lexing } from "./lexer.ts";
import { nameAt, pieces, said, says, type Words, type WrittenName, wordsOf } from "./words.ts";

export interface AlterAction {
  readonly kind: AlterKind;
  /** The column, index or constraint that it is about, where it names one. */
  readonly name: string | null;
  /** UTF-16 index of its first character in the statement. */
  readonly start: number;
  readonly end: number;
  /** A table that it names besides its own: the other end of a foreign key, a table exchanged for a partition, a new name. */
  readonly other: WrittenName | null;
  /** It stands in ADD ( …, … ): its text is no action by itself. */
  readonly listed?: true;
  /** The name behind CONSTRAINT, where one is written. */
  readonly constraint?: string;
  /** IF EXISTS or IF NOT EXISTS: the server takes it as it is where there is nothing to do. */
  readonly optional?: true;
}

export interface AlterTable {
  readonly table: WrittenName;
  readonly actions: readonly AlterAction[];
  /** As written, in capitals, null where there is no clause. */
  readonly algorithm: string | null;
  readonly lock: string | null;
  /** ALTER IGNORE TABLE: rows that break a new UNIQUE key are deleted. */
  readonly ignores: boolean;
}

/** Statements about partitions that are one action and go on to the end. */
const partitionWork: Readonly<Record<string, AlterKind>> = {
  add: "change partitions",
  drop: "change partitions",
  truncate: "change partitions",
  coalesce: "rebuild partitions",
  reorganize: "rebuild partitions",
  rebuild: "rebuild partitions",
  optimize: "rebuild partitions",
  exchange: "exchange partition",
  convert: "exchange partition",
  analyze: "check partitions",
  check: "check partitions",
  repair: "rebuild partitions",
  discard: "tablespace",
  import: "tablespace",
};

type Kinds = readonly AlterKind[];

function dropped(words: Words, at: number): Kinds {
  const next = said(words, at + 1);
  switch (next) {
    case "primary":
      return ["drop primary key"];
    case "index":
    case "key":
      return ["drop index"];
    case "foreign":
      return ["drop foreign key"];
    case "check":
      return ["drop check"];
    case "constraint":
      return ["drop constraint"];
    case "system":
      return ["drop versioning"];
    case "period":
      return ["period"];
    default:
      return ["drop column"];
  }
}

/** ALTER [COLUMN] c SET DEFAULT …, ALTER INDEX i …, ALTER CHECK c … */
function altered(words: Words, at: number, to: number): Kinds {
  const next = said(words, at + 1);
  if (next === "index" || next === "key") return ["change index visibility"];
  if (next === "check" || next === "constraint") return ["alter constraint"];
  const last = said(words, to - 1);
  return last === "visible" || last === "invisible" ? ["change column visibility"] : ["change default"];
}

function renamed(words: Words, at: number): Kinds {
  const next = said(words, at + 1);
  if (next === "column") return ["rename column"];
  return next === "index" || next === "key" ? ["rename index"] : ["rename table"];
}

/** What one piece between commas does that adds nothing. */
function kindsOf(words: Words, from: number, to: number): Kinds {
  const first = said(words, from);
  const partition = partitionWork[first];
  if (partition !== undefined && says(words, from + 1, "partition")) return [partition];
  switch (first) {
    case "drop":
      return dropped(words, from);
    case "alter":
      return altered(words, from, to);
    case "rename":
      return renamed(words, from);
    case "modify":
    case "change":
      return ["modify column"];
    case "convert":
      return [says(words, from + 1, "table") ? "exchange partition" : "convert character set"];
    case "force":
      return ["force"];
    case "order":
      return ["order by"];
    case "enable":
    case "disable":
      return ["keys"];
    case "discard":
    case "import":
      return ["tablespace"];
    case "partition":
      return ["partition table"];
    case "remove":
      return ["remove partitioning"];
    default:
      return optionsOf(words, from, to);
  }
}

const skipped: ReadonlySet<string> = new Set(
  "column index key constraint foreign check if not exists to as primary unique fulltext spatial partition table".split(" "),
);

/** The first name behind the nouns of an action. */
function nameFrom(words: Words, from: number, to: number): string | null {
  let at = from;
  while (at < to && skipped.has(said(words, at))) at++;
  return at < to ? (nameAt(words, at)?.name.name ?? null) : null;
}

const nameOfAction = (words: Words, from: number, to: number): string | null =>
  /^(add|drop|alter|rename|modify|change)$/.test(said(words, from)) ? nameFrom(words, from + 1, to) : null;

const isOptional = (words: Words, from: number, to: number): boolean =>
  words.all.slice(from, Math.min(to, from + 5)).some((_, i) => says(words, from + i, "if", "exists") || says(words, from + i, "if", "not", "exists"));

/** What ADD adds, each with the names that it has in its own words. */
function addedActions(words: Words, from: number, to: number): readonly AlterAction[] {
  const optional = isOptional(words, from, to);
  return added(words, from + 1, to).map((piece: Added): AlterAction => {
    const { kind, listed } = piece;
    const symbol = symbolOf(words, piece.from);
    return {
      kind,
      name: kind === "add unique" ? uniqueName(words, piece.from) : nameFrom(words, piece.from, piece.to),
      ...spanOf(words, listed ? piece.from : from, piece.to),
      other: otherTable(words, piece.from, piece.to, [kind]),
      ...(listed ? { listed } : {}),
      ...(symbol === null ? {} : { constraint: symbol }),
      ...(optional ? { optional } : {}),
    };
  });
}

function spanOf(words: Words, from: number, to: number): { readonly start: number; readonly end: number } {
  const start = words.all[from]?.start ?? 0;
  return { start, end: words.all[to - 1]?.end ?? start };
}

/** One piece between commas. */
function actionsOf(words: Words, from: number, to: number): readonly AlterAction[] {
  if (said(words, from) === "add" && !says(words, from + 1, "partition")) return addedActions(words, from, to);
  const kinds = kindsOf(words, from, to);
  const common = { name: nameOfAction(words, from, to), ...spanOf(words, from, to), other: otherTable(words, from, to, kinds) };
  return kinds.map((kind) => ({ kind, ...common, ...(isOptional(words, from, to) ? { optional: true } : {}) }));
}

function otherTable(words: Words, from: number, to: number, kinds: Kinds): WrittenName | null {
  for (let i = from; i < to; i++)
    if (said(words, i) === "references" || says(words, i, "with", "table")) return nameAt(words, i + (said(words, i) === "with" ? 2 : 1))?.name ?? null;
  if (!kinds.includes("rename table")) return null;
  const at = says(words, from + 1, "to") || says(words, from + 1, "as") ? from + 2 : from + 1;
  return nameAt(words, at)?.name ?? null;
}

/** ALGORITHM = x or LOCK = x, with or without the sign. */
function clause(words: Words, from: number, to: number, word: string): string | null {
  if (said(words, from) !== word || to - from > 3) return null;
  return said(words, to - 1).toUpperCase();
}

/** Where the actions begin, and the table; null where it is no ALTER TABLE. */
function head(words: Words): { readonly table: WrittenName; readonly from: number; readonly ignores: boolean } | null {
  if (said(words, 0) !== "alter") return null;
  let at = 1;
  let ignores = false;
  while (/^(online|offline|ignore)$/.test(said(words, at))) {
    ignores ||= said(words, at) === "ignore";
    at++;
  }
  if (said(words, at) !== "table") return null;
  at += says(words, at + 1, "if", "exists") ? 3 : 1;
  const named = nameAt(words, at);
  if (!named) return null;
  at = named.end;
  if (said(words, at) === "nowait") at++;
  else if (said(words, at) === "wait") at += 2;
  return { table: named.name, from: at, ignores };
}

/** Pieces between commas; PARTITION BY and REMOVE PARTITIONING follow without one, and they and ORDER BY, which are the last, hold some. */
function actionPieces(words: Words, from: number): readonly { readonly from: number; readonly to: number }[] {
  const { length } = words.all;
  let depth = 0;
  for (let i = from; i < length; i++) {
    const here = said(words, i);
    if (here === "(") depth++;
    if (here === ")") depth--;
    if (depth > 0) continue;
    if (says(words, i, "partition", "by") || says(words, i, "remove", "partitioning") || says(words, i, "order", "by"))
      return [...pieces(words, from, i), { from: i, to: length }];
    // The partitions that it names have commas of their own.
    if (partitionWork[here] !== undefined && says(words, i + 1, "partition")) return [...pieces(words, from, i), { from: i, to: length }];
  }
  return pieces(words, from, length);
}

/** Reads an ALTER TABLE; null for any other statement. */
export function parseAlter(text: string, lexing: Lexing = {}): AlterTable | null {
  const words = wordsOf(text, lexing);
  const found = head(words);
  if (!found) return null;
  let algorithm: string | null = null;
  let lock: string | null = null;
  const actions: AlterAction[] = [];
  for (const { from, to } of actionPieces(words, found.from)) {
    const asked = clause(words, from, to, "algorithm");
    const held = clause(words, from, to, "lock");
    algorithm = asked ?? algorithm;
    lock = held ?? lock;
    if (asked !== null || held !== null) continue;
    actions.push(...actionsOf(words, from, to));
  }
  return { table: found.table, actions, algorithm, lock, ignores: found.ignores };
}
