// What a statement locks and costs, as far as its text alone tells. Manuals: "Metadata Locking", "Online DDL Operations".
import type { Blocks } from "../../schema/facts.ts";
import { type AlterTable, parseAlter } from "./alter.ts";
import { type AlterKind, algorithms, type Form, formOf, together } from "./alter-actions.ts";
import { rebuildsInPlace } from "./alter-pairs.ts";
import { objectAt, objectKind, statementKind } from "./kind.ts";
import type { Lexing } from "./lexer.ts";
import { readTables } from "./reads.ts";
import { nameAt, said, says, type Words, type WrittenName } from "./words.ts";

/**
 * Metadata locks as a statement holds them while it works; weakest first. Whatever changes a table's definition also takes the exclusive one
 * for a moment, at its begin or end.
 */
export const mdlModes = [
  /** Rows are read or written. */
  "SHARED MDL",
  /** LOCK = NONE: others read and write. */
  "UPGRADABLE MDL",
  /** LOCK = SHARED: others read. */
  "SHARED NO WRITE MDL",
  "EXCLUSIVE MDL",
] as const;
export type MdlMode = (typeof mdlModes)[number];

/** Who waits while such a lock is held. */
export const blockedBy = (mode: MdlMode): Blocks => (mode === "EXCLUSIVE MDL" ? "everyone" : mode === "SHARED NO WRITE MDL" ? "writers" : "nobody");

export interface Effect {
  readonly tables: readonly (WrittenName & { readonly mode: MdlMode })[];
  readonly work: Form["work"];
  readonly creates: readonly WrittenName[];
  /** What an ALTER costs depends on what the table has. */
  readonly dependsOnTable?: true;
}

const none: Effect = { tables: [], work: "instant", creates: [] };

const locked = (names: readonly WrittenName[], mode: MdlMode): Effect["tables"] => names.map((name) => ({ ...name, mode }));

/** Names divided by commas from `at` on; what stands between a name and the comma behind it is passed over. */
export function namesFrom(words: Words, at: number): readonly WrittenName[] {
  const found: WrittenName[] = [];
  for (let from = at; ; ) {
    const named = nameAt(words, from);
    if (!named) return found;
    found.push(named.name);
    let next = named.end;
    // RENAME TABLE a TO b, c TO d; LOCK TABLES a WRITE, b AS c READ: commas alone divide.
    while (next < words.all.length && said(words, next) !== "," && !says(words, next, "select")) next++;
    if (said(words, next) !== ",") return found;
    from = next + 1;
  }
}

/** Behind IF [NOT] EXISTS, where it is said. */
export const skipExistence = (words: Words, at: number): number => {
  if (says(words, at, "if", "not", "exists")) return at + 3;
  return says(words, at, "if", "exists") ? at + 2 : at;
};

/** How others are held up while an ALTER of this form works. */
function modeOf({ lock, work }: Form): MdlMode {
  if (work === "instant") return "EXCLUSIVE MDL";
  if (lock === "NONE" || lock === "DEFAULT") return "UPGRADABLE MDL";
  return lock === "SHARED" ? "SHARED NO WRITE MDL" : "EXCLUSIVE MDL";
}

/** The worse of what both servers do, where it is not known which one will run it. */
const worstVersions = [101_100, 80_400] as const;

function formsOf(kind: AlterKind, version: number | undefined): readonly Form[] {
  const versions = version === undefined ? worstVersions : [version];
  return versions.flatMap((each) => formOf(kind, each) ?? []);
}

/**
 * What the clauses of an ALTER leave of its form: the server refuses what it cannot do so.
 * @param rebuilds whether INPLACE makes the table anew for what is instant otherwise.
 */
export function asAsked(form: Form, { algorithm, lock }: Pick<AlterTable, "algorithm" | "lock">, rebuilds = false): Form {
  const asked = algorithms.find((each) => each === algorithm);
  const held = lock === "NONE" || lock === "SHARED" || lock === "EXCLUSIVE" ? lock : form.lock;
  if (asked === "COPY") return { algorithm: asked, lock: lock === null || lock === "DEFAULT" ? "SHARED" : held, rebuilds: true, work: "rewrite" };
  if (asked === undefined || form.deceives) return { ...form, lock: held };
  if (asked === "INPLACE" && form.algorithm === "INSTANT" && rebuilds)
    return { ...form, algorithm: asked, lock: held === "DEFAULT" ? "NONE" : held, rebuilds, work: "rewrite" };
  const least = asked === "INSTANT" ? "instant" : asked === "NOCOPY" && form.work === "rewrite" ? "build" : form.work;
  return { ...form, algorithm: asked, lock: held, rebuilds: least === "rewrite", work: least };
}

function alterTable(alter: AlterTable, lexing: Lexing): Effect {
  const replaced = alter.actions.some(({ kind }) => kind === "drop primary key") && alter.actions.some(({ kind }) => kind === "add primary key");
  const kinds = alter.actions.map(({ kind }): AlterKind => (replaced && kind === "drop primary key" ? "replace primary key" : kind));
  const form = asAsked(together(kinds.flatMap((kind) => formsOf(kind, lexing.version))), alter, rebuildsInPlace(kinds, lexing.version));
  const others = alter.actions.flatMap(({ kind, other }) => (other && kind !== "rename table" ? [other] : []));
  return { ...none, tables: [...locked([alter.table], modeOf(form)), ...locked(others, "EXCLUSIVE MDL")], work: form.work, dependsOnTable: true };
}

function references(words: Words): readonly WrittenName[] {
  return words.all.flatMap((_, i) => (said(words, i) === "references" ? (nameAt(words, i + 1)?.name ?? []) : []));
}

function createTable(words: Words, at: number): Effect {
  const named = nameAt(words, skipExistence(words, at + 1));
  if (!named) return none;
  const like = says(words, named.end, "like") ? named.end + 1 : says(words, named.end, "(", "like") ? named.end + 2 : -1;
  const copied = like < 0 ? null : nameAt(words, like);
  const fills = words.all.some((_, i) => i >= named.end && said(words, i) === "select");
  const replaced = says(words, 1, "or", "replace") ? locked([named.name], "EXCLUSIVE MDL") : [];
  const read = fills ? readTables({ text: words.text, all: words.all.slice(named.end) }) : copied ? [copied.name] : [];
  return {
    tables: [...replaced, ...locked(references(words), "EXCLUSIVE MDL"), ...locked(read, "SHARED MDL")],
    work: fills ? "unknown" : "instant",
    creates: [named.name],
  };
}

/** The name behind ON: of an index, a trigger. */
function onTable(words: Words, from: number): readonly WrittenName[] {
  for (let i = from; i < words.all.length; i++) if (said(words, i) === "on") return [nameAt(words, i + 1)?.name ?? []].flat();
  return [];
}

function indexKind(words: Words, at: number): AlterKind {
  if (said(words, 0) === "drop") return "drop index";
  if (says(words, at - 1, "fulltext")) return "add fulltext";
  if (says(words, at - 1, "spatial")) return "add spatial";
  return says(words, at - 1, "unique") ? "add unique" : "add index";
}

/** CREATE and DROP INDEX are an ALTER TABLE, and take its clauses. */
function indexed(words: Words, at: number): AlterTable | null {
  const clause = (word: string): string | null => wordBehind(words, word)?.toUpperCase() ?? null;
  const [table] = onTable(words, at);
  if (!table) return null;
  const end = words.all.at(-1)?.end ?? 0;
  const behind = skipExistence(words, at + 1);
  const name = nameAt(words, behind)?.name.name ?? null;
  const optional = behind > at + 1 ? { optional: true as const } : {};
  return {
    table,
    actions: [{ kind: indexKind(words, at), name, start: words.all[at]?.start ?? 0, end, other: null, ...optional }],
    algorithm: clause("algorithm"),
    lock: clause("lock"),
    ignores: false,
  };
}

/** A statement that alters one table, in whatever words; null for any other. */
export function alterOf(words: Words, text: string, lexing: Lexing): AlterTable | null {
  const at = objectAt(words);
  if (/^(create|drop)$/.test(said(words, 0)) && said(words, at) === "index") return indexed(words, at);
  return parseAlter(text, lexing);
}

/** What is said behind the last of these words and its sign; null where it is not there. */
function wordBehind(words: Words, word: string): string | null {
  for (let i = words.all.length - 2; i > 0; i--) if (said(words, i) === word) return said(words, said(words, i + 1) === "=" ? i + 2 : i + 1);
  return null;
}

function created(words: Words): Effect {
  const at = objectAt(words);
  switch (said(words, at)) {
    case "table":
      return createTable(words, at);
    case "trigger":
      return { ...none, tables: locked(onTable(words, at), "EXCLUSIVE MDL") };
    case "view":
      return { ...none, tables: locked(readTables({ text: words.text, all: words.all.slice(at) }), "SHARED MDL") };
    default:
      return none;
  }
}

function droppedObjects(words: Words): Effect {
  if (objectKind(words) !== "table") return none;
  return { ...none, tables: locked(namesFrom(words, skipExistence(words, objectAt(words) + 1)), "EXCLUSIVE MDL") };
}

/** Statements on a list of tables behind the word TABLE. */
function onTables(words: Words, mode: MdlMode, work: Effect["work"]): Effect {
  let at = 1;
  while (/^(local|no_write_to_binlog|table|tables)$/.test(said(words, at))) at++;
  return { tables: locked(namesFrom(words, skipExistence(words, at)), mode), work, creates: [] };
}

/** What a statement locks and costs. */
export function effectsOf(words: Words, text: string, lexing: Lexing): Effect {
  const alter = alterOf(words, text, lexing);
  if (alter) return alterTable(alter, lexing);
  switch (said(words, 0)) {
    case "create":
      return created(words);
    case "drop":
      return droppedObjects(words);
    case "rename":
    case "truncate":
      return statementKind(words).endsWith("user") ? none : onTables(words, "EXCLUSIVE MDL", "instant");
    case "optimize":
    case "repair":
      return onTables(words, "UPGRADABLE MDL", "rewrite");
    case "analyze":
    case "check":
    case "checksum":
      return onTables(words, "SHARED MDL", "scan");
    case "lock":
      return onTables(words, "EXCLUSIVE MDL", "instant");
    case "select":
    case "insert":
    case "replace":
    case "update":
    case "delete":
    case "with":
    case "(":
    case "explain":
    case "handler":
      return { tables: locked(readTables(words), "SHARED MDL"), work: "unknown", creates: [] };
    case "call":
    case "execute":
    case "begin":
    case "do":
      return { ...none, work: "unknown" };
    default:
      return none;
  }
}
