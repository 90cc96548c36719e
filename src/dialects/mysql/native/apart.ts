// Whether the actions of one ALTER mean the same in several. One ALTER has no order: it looks at names of before and makes those of after, and
// does all or nothing. So nothing is divided whose actions look at each other, and what destroys is sent last, in one statement, when
// everything that rows can refuse is done.
import type { AlterAction, AlterTable } from "../../../syntax/mysql/alter.ts";
import type { AlterKind } from "../../../syntax/mysql/alter-actions.ts";
import { keyColumns } from "../../../syntax/mysql/column-text.ts";
import type { Lexing } from "../../../syntax/mysql/lexer.ts";
import { said, wordsIn } from "../../../syntax/mysql/words.ts";
import { nameOf } from "../../../syntax/mysql/written.ts";
import type { KnownTable } from "./known.ts";

/** What an action is about; names of one space are no names of another. */
type Space = "column" | "index" | "foreign key" | "table";

/** The actions that may be parts, in the order in which they are sent. */
const order = [
  ["add column", "column"],
  ["add column at place", "column"],
  ["add checked column", "column"],
  ["add virtual column", "column"],
  ["add index", "index"],
  ["add unique", "index"],
  ["change default", "column"],
  ["change column visibility", "column"],
  ["rename index", "index"],
  ["change index visibility", "index"],
  ["table comment", "table"],
  // What destroys: the key before its index, the index before its column.
  ["drop foreign key", "foreign key"],
  ["drop index", "index"],
  ["drop column", "column"],
] as const satisfies readonly (readonly [AlterKind, Space])[];

const spaces: ReadonlyMap<AlterKind, Space> = new Map(order);
const addsColumn: ReadonlySet<AlterKind> = new Set<AlterKind>(["add column", "add column at place", "add checked column", "add virtual column"]);
const addsIndex: ReadonlySet<AlterKind> = new Set<AlterKind>(["add index", "add unique"]);
const destroys: ReadonlySet<AlterKind> = new Set<AlterKind>(["drop foreign key", "drop index", "drop column"]);

/** When it is sent; columns keep the order in which they are written, which is theirs in the table. */
function rank({ kind }: AlterAction): number {
  if (addsColumn.has(kind)) return 0;
  return addsIndex.has(kind) ? 1 : 2 + order.findIndex(([each]) => each === kind);
}

/** Words of the grammar before the parenthesis of an index; in backticks they are names. */
const grammar: ReadonlySet<string> = new Set(
  "add drop alter rename constraint unique index key if not exists to using btree hash rtree ignored visible invisible".split(" "),
);

/** A server keeps no more indexes of a table, besides its primary key. @see https://mariadb.com/kb/en/innodb-limitations/ */
const mostIndexes = 64;

const lower = (text: string | null): string => (text ?? "").toLowerCase();

/** All that an action calls by name, in lower case; up to its first parenthesis, or from there on too. */
function namesIn(text: string, action: AlterAction, lexing: Lexing, part: "head" | "all"): readonly string[] {
  const words = wordsIn(text, action, lexing);
  const open = words.all.findIndex((_, at) => said(words, at) === "(");
  const within = part === "all" || open < 0 ? words.all : words.all.slice(0, open);
  return within.flatMap((token, at) =>
    token.kind === "quoted" || (token.kind === "word" && !grammar.has(said({ ...words, all: within }, at))) ? [nameOf(text, token).toLowerCase()] : [],
  );
}

interface Actions {
  readonly text: string;
  readonly all: readonly AlterAction[];
  readonly table: KnownTable;
  readonly lexing: Lexing;
}

const isOptional = (text: string, { start, end }: AlterAction): boolean => /\bif\s+(not\s+)?exists\b/i.test(text.slice(start, end));

/** Each is about a thing of its own that is there, or is not there yet: where one is not, the server refuses the whole of it. */
function areFounded({ text, all, table }: Actions): boolean {
  return all.every((action) => {
    const name = lower(action.name);
    if (isOptional(text, action)) return true;
    if (addsColumn.has(action.kind)) return !table.columns.has(name);
    if (addsIndex.has(action.kind)) return action.name === null || !table.indexes.some((index) => lower(index.name) === name);
    switch (spaces.get(action.kind)) {
      case "column":
        return table.columns.has(name);
      case "index":
        return table.indexes.some((index) => lower(index.name) === name);
      case "foreign key":
        return table.foreignKeys.includes(name);
      default:
        return true;
    }
  });
}

function areDistinct({ text, all, lexing }: Actions): boolean {
  const places = new Set(all.map(({ start }) => start));
  const taken = all.flatMap((action): readonly string[] => {
    const space = spaces.get(action.kind) ?? "table";
    const names = space === "index" ? new Set(namesIn(text, action, lexing, "head")) : space === "table" ? [""] : [lower(action.name)];
    return [...names].map((name) => `${space} ${name}`);
  });
  return places.size === all.length && new Set(taken).size === taken.length;
}

/** An index over columns that stay, or that this ALTER adds. */
function haveTheirColumns({ text, all, table, lexing }: Actions): boolean {
  const added = all.flatMap((action) => (addsColumn.has(action.kind) ? [lower(action.name)] : []));
  const dropped = all.flatMap((action) => (action.kind === "drop column" ? [lower(action.name)] : []));
  const stays = (name: string): boolean => (table.columns.has(name) || added.includes(name)) && !dropped.includes(name);
  return all.filter(({ kind }) => addsIndex.has(kind)).every((action) => keyColumns(text, action, lexing).every(stays));
}

/** A column's text that calls another by name: behind one that goes, or before one that comes, the whole may mean something else. */
function columnsLookAtEachOther({ text, all, lexing }: Actions): boolean {
  return all.some((action, at) => {
    if (spaces.get(action.kind) !== "column" || action.kind === "drop column") return false;
    const names = new Set(namesIn(text, action, lexing, "all"));
    return all.some((other, i) => i !== at && names.has(lower(other.name)) && (other.kind === "drop column" || (addsColumn.has(other.kind) && i > at)));
  });
}

/**
 * Indexes of which one decides what becomes of another. The server names an index by those that stand at that moment; and it drops one that a
 * foreign key made for itself as soon as another will do. Manual: "FOREIGN KEY Constraints", index_name.
 */
function indexesLookAtEachOther({ text, all, table, lexing }: Actions): boolean {
  const added = all.filter(({ kind }) => addsIndex.has(kind));
  const others = all.filter((action) => spaces.get(action.kind) === "index" && !addsIndex.has(action.kind));
  const nameless = added.some(({ name }) => name === null);
  if (nameless && (added.length > 1 || others.length > 0 || all.some(({ kind }) => kind === "drop column"))) return true;
  if (table.indexes.length + added.length > mostIndexes) return true;
  return (
    table.foreignKeys.length > 0 &&
    others.some(({ name }) => {
      const old = table.indexes.find((index) => lower(index.name) === lower(name))?.columns ?? [];
      return added.some((action) => {
        const columns = keyColumns(text, action, lexing);
        return old.every((column, i) => columns[i] === column);
      });
    })
  );
}

/**
 * Actions in the order in which they may be sent one after another, those together that must not be parted. Null where they are one.
 * @param table as it is before.
 */
export function apart(text: string, { actions: all }: AlterTable, table: KnownTable, lexing: Lexing): readonly (readonly AlterAction[])[] | null {
  const actions: Actions = { text, all, table, lexing };
  // What stands in a versioned comment, or with others behind one ADD, has no text of its own.
  if (text.includes("/*") || !all.every(({ kind, listed }) => spaces.has(kind) && !listed)) return null;
  if (!areDistinct(actions) || !areFounded(actions) || !haveTheirColumns(actions)) return null;
  if (columnsLookAtEachOther(actions) || indexesLookAtEachOther(actions)) return null;
  const sorted = all.toSorted((a, b) => rank(a) - rank(b));
  const last = sorted.filter(({ kind }) => destroys.has(kind));
  const before = sorted.filter(({ kind }) => !destroys.has(kind)).map((action) => [action]);
  return last.length > 0 ? [...before, last] : before;
}
