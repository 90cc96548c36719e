// What says that a statement of a user's own has happened: the objects that it makes, drops or renames, as far as its text tells.
import type { Template } from "../../step/step.ts";
import type { AlterAction, AlterTable } from "../../syntax/mysql/alter.ts";
import { columnText, keyColumns } from "../../syntax/mysql/column-text.ts";
import { alterOf } from "../../syntax/mysql/effects.ts";
import { objectAt, statementKind } from "../../syntax/mysql/kind.ts";
import type { Lexing } from "../../syntax/mysql/lexer.ts";
import { nameAt, said, says, type Words, type WrittenName, wordsIn, wordsOf } from "../../syntax/mysql/words.ts";
import { probe } from "./core.ts";
import { givenIndexName } from "./native/given-name.ts";
import { quoteLiteral } from "./quoting.ts";

/**
 * How a step of a user's own is found again after a crash.
 * - a condition on the catalog, which no server fulfils before the statement and each does after it;
 * - `again`: sending it twice is the same as sending it once; - `unseen`: neither.
 */
export type Trace = { readonly kind: "seen"; readonly probe: Template } | { readonly kind: "again" | "unseen" };

/** What stood before, as far as it was read: a condition that holds already says nothing. */
export interface Before {
  /** Null: it is not known. */
  table(name: WrittenName): boolean | null;
  column(table: WrittenName, column: string): boolean | null;
  index(table: WrittenName, index: string): boolean | null;
}

const again: Trace = { kind: "again" };
const unseen: Trace = { kind: "unseen" };

const database = ({ schema }: WrittenName): string => (schema === null ? "database()" : quoteLiteral(schema));
const exists = (view: string, place: string, name: WrittenName, column: string, more = ""): string =>
  `exists (select 1 from information_schema.${view} where ${place} = ${database(name)} and ${column} = ${quoteLiteral(name.name)}${more})`;
const not = (condition: string): string => `not ${condition}`;

const tableThere = (name: WrittenName): string => exists("tables", "table_schema", name, "table_name");
const columnThere = (table: WrittenName, name: string): string =>
  exists("columns", "table_schema", table, "table_name", ` and column_name = ${quoteLiteral(name)}`);
const indexThere = (table: WrittenName, name: string): string =>
  exists("statistics", "table_schema", table, "table_name", ` and index_name = ${quoteLiteral(name)}`);
const constraintThere = (table: WrittenName, name: string): string =>
  exists("table_constraints", "table_schema", table, "table_name", ` and constraint_name = ${quoteLiteral(name)}`);

/** A condition; `again`: nothing to tell, and nothing to fear; null: it cannot be told. */
type Told = { readonly condition: string /** As it was read before. */; readonly already: boolean } | "again" | null;

const told = (condition: string, already: boolean | null): Told => ({ condition, already: already === true });

/** The last name of an action: what it renames something to. */
function lastName(words: Words): string | null {
  const at = words.all.findLastIndex((_, i) => said(words, i) === "to" || said(words, i) === "as");
  return nameAt(words, at + 1)?.name.name ?? null;
}

function renamed(action: AlterAction, words: Words, there: (name: string) => string): Told {
  const to = lastName(words);
  return action.name === null || to === null ? null : told(`${there(to)} and ${not(there(action.name))}`, false);
}

/** Only what is named behind CONSTRAINT has this name for certain. */
const named = (action: AlterAction, words: Words): string | null => (says(words, 0, "add", "constraint") ? action.name : null);

/** Of several indexes without names each takes one that the others might have taken. */
function givenName(alter: AlterTable, columns: readonly string[], before: Before): string | null {
  const nameless = alter.actions.filter(({ kind, name }) => name === null && (kind === "add index" || kind === "add unique"));
  return nameless.length > 1 ? null : givenIndexName(columns, (name) => before.index(alter.table, name));
}

function actionTold(statement: string, alter: AlterTable, action: AlterAction, before: Before, lexing: Lexing): Told {
  const words = wordsIn(statement, action, lexing);
  const { table } = alter;
  const { name } = action;
  const column = (which: string): string => columnThere(table, which);
  const index = (which: string): string => indexThere(table, which);
  switch (action.kind) {
    case "drop column":
      return name === null ? null : told(not(column(name)), before.column(table, name) === false);
    case "rename column":
      return renamed(action, words, column);
    case "rename index":
      return renamed(action, words, index);
    case "add index":
    case "add unique":
    case "add fulltext":
    case "add spatial": {
      const own = name ?? givenName(alter, keyColumns(statement, action, lexing), before);
      return own === null || /^(using|on)$/i.test(own) ? null : told(index(own), before.index(table, own));
    }
    case "drop index":
      return name === null ? null : told(not(index(name)), before.index(table, name) === false);
    case "add primary key":
      return told(index("PRIMARY"), before.index(table, "PRIMARY"));
    case "drop primary key":
      return told(not(index("PRIMARY")), before.index(table, "PRIMARY") === false);
    case "add foreign key":
    case "add check": {
      const own = named(action, words);
      return own === null ? null : told(constraintThere(table, own), false);
    }
    case "drop foreign key":
    case "drop check":
    case "drop constraint":
      return name === null ? null : told(not(constraintThere(table, name)), false);
    case "rename table":
      return action.other === null ? null : told(`${tableThere(action.other)} and ${not(tableThere(table))}`, false);
    case "modify column": {
      const text = columnText(statement, action, lexing);
      return text === null || text.name.toLowerCase() === text.to.toLowerCase() ? "again" : told(`${column(text.to)} and ${not(column(text.name))}`, false);
    }
    case "change partitions":
    case "rebuild partitions":
    case "exchange partition":
    case "tablespace":
    case "add versioning":
    case "drop versioning":
    case "period":
    case "unknown":
      return null;
    default:
      if (!action.kind.startsWith("add ")) return "again";
      return name === null ? null : told(column(name), before.column(table, name));
  }
}

const optional = (statement: string, { start, end }: AlterAction): boolean => /\bif\s+(not\s+)?exists\b/i.test(statement.slice(start, end));

/** An ALTER happens as a whole, so what can be told of some of its actions tells of all of them. */
function alterTrace(statement: string, alter: AlterTable, before: Before, lexing: Lexing): Trace {
  // A temporary table is in no catalog.
  if (before.table(alter.table) === false) return unseen;
  const all = alter.actions.map((action) => ({ action, told: actionTold(statement, alter, action, before, lexing) }));
  // A key that is exchanged is there before and after.
  const exchanged = alter.actions.filter(({ kind }) => kind.endsWith("primary key")).length > 1;
  const seen = all.flatMap(({ action, told: each }) => (each === null || each === "again" ? [] : [{ action, ...each }]));
  const sure = exchanged ? [] : seen.filter(({ action, already }) => !already && !optional(statement, action));
  const complete = all.length === seen.length && !exchanged && seen.every(({ already, action }) => !already || optional(statement, action));
  if (sure.length > 0 || (complete && seen.length > 0)) {
    // Dropped and made again under one name in one statement: neither condition holds throughout.
    const names = alter.actions.flatMap(({ name }) => (name === null ? [] : [name.toLowerCase()]));
    const once = sure.filter(({ action }) => names.filter((each) => each === action.name?.toLowerCase()).length < 2);
    const usable = complete && new Set(names).size === names.length ? seen : once;
    if (usable.length > 0) return { kind: "seen", probe: probe(usable.map(({ condition }) => condition).join(" and ")) };
  }
  return all.every(({ told: each }) => each === "again") ? again : unseen;
}

/** Names divided by commas from `at` on. */
function namesFrom(words: Words, at: number): readonly WrittenName[] {
  const found: WrittenName[] = [];
  for (let next = at; ; ) {
    const here = nameAt(words, next);
    if (!here) return found;
    found.push(here.name);
    if (said(words, here.end) !== ",") return found;
    next = here.end + 1;
  }
}

type There = (name: WrittenName) => string;

/** Where each kind of object is listed. */
const listed: Readonly<Record<string, There>> = {
  table: tableThere,
  sequence: tableThere,
  view: tableThere,
  trigger: (name) => exists("triggers", "trigger_schema", name, "trigger_name"),
  event: (name) => exists("events", "event_schema", name, "event_name"),
  procedure: (name) => exists("routines", "routine_schema", name, "routine_name", " and routine_type = 'PROCEDURE'"),
  function: (name) => exists("routines", "routine_schema", name, "routine_name", " and routine_type = 'FUNCTION'"),
  database: ({ name }) => `exists (select 1 from information_schema.schemata where schema_name = ${quoteLiteral(name)})`,
};

/** Behind the kind of object and IF [NOT] EXISTS. */
const behind = (words: Words, at: number): number => (says(words, at, "if", "not", "exists") ? at + 3 : says(words, at, "if", "exists") ? at + 2 : at);

function objectTrace(words: Words, before: Before): Trace {
  const at = objectAt(words);
  const kind = said(words, at) === "schema" ? "database" : said(words, at);
  const there = listed[kind];
  const create = said(words, 0) === "create";
  if (create && says(words, 1, "or", "replace")) return again;
  if (!there || says(words, 1, "temporary")) return unseen;
  const from = behind(words, at + 1);
  const maybe = from > at + 1;
  const first = nameAt(words, from);
  if (!first) return unseen;
  if (create) {
    // The server has to say that it is there already.
    if (kind === "table" && !maybe && before.table(first.name) === true) return unseen;
    return { kind: "seen", probe: probe(there(first.name)) };
  }
  const names = namesFrom(words, from);
  if (kind === "table" && !maybe && names.some((name) => before.table(name) === false)) return unseen;
  return { kind: "seen", probe: probe(names.map((name) => not(there(name))).join(" and ")) };
}

/** RENAME TABLE a TO b, c TO d: what is there afterwards and was not before, and what is gone. Names in exchange tell nothing. */
function renameTrace(words: Words): Trace {
  const names = new Map<string, { readonly name: WrittenName; readonly was: boolean; is: boolean }>();
  const note = (name: WrittenName, is: boolean): void => {
    const key = JSON.stringify([name.schema, name.name.toLowerCase()]);
    // What is renamed first was there, what is taken first was not.
    const known = names.get(key) ?? { name, was: !is, is };
    names.set(key, { ...known, is });
  };
  for (let at = behind(words, 2); ; ) {
    const from = nameAt(words, at);
    const to = from ? nameAt(words, from.end + 1) : null;
    if (!from || !to) return unseen;
    note(from.name, false);
    note(to.name, true);
    if (said(words, to.end) !== ",") break;
    at = to.end + 1;
  }
  const changed = [...names.values()].filter(({ was, is }) => was !== is);
  const conditions = changed.map(({ name, is }) => (is ? tableThere(name) : not(tableThere(name))));
  return conditions.length === 0 ? unseen : { kind: "seen", probe: probe(conditions.join(" and ")) };
}

const repeatable: ReadonlySet<string> = new Set([
  "alter view",
  "alter procedure",
  "alter function",
  "alter database",
  "grant",
  "revoke",
  "analyze table",
  "optimize table",
  "check table",
  "repair table",
  "checksum table",
  "flush",
  "set password",
  "set default role",
]);

/** How a statement of a user's own is found again. @param version as `Schema.version`. */
export function traceOf(statement: string, version: number, before: Before): Trace {
  const lexing: Lexing = { version };
  const words = wordsOf(statement, lexing);
  const alter = alterOf(words, statement, lexing);
  if (alter) return alterTrace(statement, alter, before, lexing);
  const kind = statementKind(words);
  if (kind === "rename table") return renameTrace(words);
  if (/^(create|drop) /.test(kind)) return objectTrace(words, before);
  return repeatable.has(kind) ? again : unseen;
}
