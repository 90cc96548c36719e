// What says that an ALTER of a user's own has happened. It happens as a whole, so what can be told of some of its actions tells of all of them.
import type { AlterAction, AlterTable } from "../../../syntax/mysql/alter.ts";
import { columnText, keyColumns } from "../../../syntax/mysql/column-text.ts";
import type { Lexing } from "../../../syntax/mysql/lexer.ts";
import { nameAt, said, type WrittenName, wordsIn } from "../../../syntax/mysql/words.ts";
import { isMariadb } from "../capabilities.ts";
import { probe } from "../core.ts";
import { givenIndexName } from "../native/given-name.ts";
import { parts, tableThere } from "./catalog.ts";
import { type Fate, Fates } from "./fates.ts";
import type { Before, Trace } from "./trace.ts";

/** `named`: by names, all of it; `again`: not at all, and sent twice it is the same as once; null: not at all, or not all of it. */
type Told = "named" | "again" | null;

interface Reading {
  readonly statement: string;
  readonly alter: AlterTable;
  readonly before: Before;
  readonly fates: Fates;
  readonly version: number;
  readonly lexing: Lexing;
}

type Renamed = "column" | "index";

/** The last name of an action: what it renames something to. */
function lastName({ statement, lexing }: Reading, action: AlterAction): string | null {
  const words = wordsIn(statement, action, lexing);
  const at = words.all.findLastIndex((_, i) => said(words, i) === "to" || said(words, i) === "as");
  return nameAt(words, at + 1)?.name.name ?? null;
}

const dropsColumns = ({ alter }: Reading): boolean => alter.actions.some(({ kind }) => kind === "drop column");

function renamed(reading: Reading, part: Renamed, from: string | null, to: string | null, sure: boolean): Told {
  if (from === null || to === null) return null;
  if (from.toLowerCase() === to.toLowerCase()) return "again";
  const { fates } = reading;
  fates.goes(part, from, sure);
  fates.comes(part, to, sure);
  // Behind IF EXISTS there may be nothing that comes; and an index goes with the last of its columns, under its new name too.
  if (!sure || (part === "index" && dropsColumns(reading))) fates.leavesOpen(part, to);
  return "named";
}

/** The index that a column's own words bring, and what else of them is not done twice. */
function columnsKey({ statement, lexing, fates, version }: Reading, action: AlterAction): Told {
  const text = columnText(statement, action, lexing);
  if (!text) return null;
  if (text.key === "primary") fates.comes("index", "PRIMARY");
  if (text.key === "unique" || /auto_increment|keyed/.test(action.kind)) fates.givesIndex(text.to);
  if (text.key !== null || text.refers) return null;
  // MariaDB's check is a part of the column, MySQL's a constraint that comes each time.
  return text.checked && !isMariadb(version) ? null : "again";
}

function modified(reading: Reading, action: AlterAction, sure: boolean): Told {
  const { statement, lexing } = reading;
  const text = columnText(statement, action, lexing);
  if (!text) return "again";
  const key = columnsKey(reading, action);
  if (text.name.toLowerCase() !== text.to.toLowerCase()) return renamed(reading, "column", text.name, text.to, sure);
  return key;
}

function added({ fates }: Reading, part: Fate["part"], name: string | null, sure: boolean): Told {
  if (name === null) return null;
  fates.comes(part, name, sure);
  return "named";
}

function dropped({ fates }: Reading, part: Fate["part"], name: string | null, sure: boolean): Told {
  if (name === null) return null;
  fates.goes(part, name, sure);
  return "named";
}

/** The server may make an index for it, named after the constraint, or the key, or the first column. */
function foreignKey(reading: Reading, action: AlterAction): Told {
  const { statement, lexing, fates } = reading;
  for (const name of [action.constraint, action.name, keyColumns(statement, action, lexing)[0]]) if (name) fates.givesIndex(name);
  return added(reading, "foreign key", action.constraint ?? null, action.optional !== true);
}

/** A word that looks like the name of an index that has none. */
const isNameless = (name: string | null): boolean => name === null || /^(using|on)$/i.test(name);

const isIndex = ({ kind }: AlterAction): boolean => /^add (index|unique|fulltext|spatial)$/.test(kind);

/** Of several indexes without names each takes one that the others might have taken. */
function namelessIndex(reading: Reading, action: AlterAction): Told {
  const { statement, alter, before, fates, lexing } = reading;
  const columns = keyColumns(statement, action, lexing);
  const [first] = columns;
  if (!first) return null;
  // IF NOT EXISTS asks for no other name than this one.
  if (action.optional) return added(reading, "index", first, false);
  const taken = (name: string): boolean | null => {
    if (fates.has("index", name, "comes")) return true;
    return fates.has("index", name, "goes") ? false : before.index(alter.table, name);
  };
  const alone = alter.actions.filter((each) => isIndex(each) && isNameless(each.name)).length === 1;
  const name = alone ? givenIndexName(columns, taken) : null;
  // What has taken the name may go with its column.
  if (name !== null && !(name !== first && dropsColumns(reading))) return added(reading, "index", name, true);
  fates.givesIndex(first);
  return null;
}

/** What of an action can be told: notes the names that it takes away and brings. */
function told(reading: Reading, action: AlterAction): Told {
  const { name, kind } = action;
  const sure = action.optional !== true;
  if (isIndex(action)) return isNameless(name) ? namelessIndex(reading, action) : added(reading, "index", name, sure);
  switch (kind) {
    case "drop column":
      return dropped(reading, "column", name, sure);
    case "rename column":
      return renamed(reading, "column", name, lastName(reading, action), sure);
    case "rename index":
      return renamed(reading, "index", name, lastName(reading, action), sure);
    case "drop index":
      return dropped(reading, "index", name, sure);
    case "add primary key":
      return added(reading, "index", "PRIMARY", sure);
    case "drop primary key":
      return dropped(reading, "index", "PRIMARY", sure);
    case "add foreign key":
      return foreignKey(reading, action);
    case "add check":
      return added(reading, "check", action.constraint ?? null, sure);
    case "drop foreign key":
      return dropped(reading, "foreign key", name, sure);
    case "drop check":
      return dropped(reading, "check", name, sure);
    case "drop constraint":
      return dropped(reading, "constraint", name, sure);
    case "remove partitioning":
      return dropped(reading, "partitions", "", true);
    case "modify column":
      return modified(reading, action, sure);
    case "rename table":
      return "named";
    default:
      if (repeatable.has(kind)) return "again";
      if (!/^add .*column/.test(kind)) return null;
      columnsKey(reading, action);
      return added(reading, "column", name, sure);
  }
}

/** Actions that leave the same whether they are sent once or twice. */
const repeatable: ReadonlySet<AlterAction["kind"]> = new Set<AlterAction["kind"]>([
  "change default",
  "change column visibility",
  "change index visibility",
  "alter constraint",
  "convert character set",
  "default character set",
  "auto_increment value",
  "table comment",
  "statistics",
  "row format",
  "force",
  "engine",
  "table option",
  "order by",
  "keys",
  "check partitions",
  "partition table",
]);

/** Names that pass from one thing to another, and none that is there only before or only after: sent twice, it is taken back or something is lost. */
function passesNames(reading: Reading): boolean {
  const { alter, fates, statement, lexing } = reading;
  const ends = alter.actions.flatMap((action): readonly (readonly [Renamed, string | null, string | null])[] => {
    if (action.kind === "rename column") return [["column", action.name, lastName(reading, action)]];
    if (action.kind === "rename index") return [["index", action.name, lastName(reading, action)]];
    const text = action.kind === "modify column" ? columnText(statement, action, lexing) : null;
    return text && text.name.toLowerCase() !== text.to.toLowerCase() ? [["column", text.name, text.to]] : [];
  });
  return ends.some(([part, from, to]) => from !== null && to !== null && fates.isExchanged(part, from) && fates.isExchanged(part, to));
}

/** The name under which the table is found afterwards. */
function nameAfter({ table, actions }: AlterTable): WrittenName {
  const to = actions.findLast(({ kind, other }) => kind === "rename table" && other !== null)?.other;
  return to ? { schema: to.schema ?? table.schema, name: to.name } : table;
}

const sameName = (a: WrittenName, b: WrittenName): boolean => a.schema === b.schema && a.name.toLowerCase() === b.name.toLowerCase();

/** Whether it stood before; null where that is not known. */
function stood({ alter: { table }, before }: Reading, { part, name, comes }: Fate): boolean | null {
  switch (part) {
    case "column":
      return before.column(table, name);
    case "index":
      return before.index(table, name);
    case "partitions":
      return before.partitioned(table);
    case "foreign key":
    case "check":
      // Of what nobody named it is not known what the server called it.
      return comes ? before.constraint(table, part, name) : null;
    default:
      return null;
  }
}

const unknown: Before = {
  table: () => null,
  column: () => null,
  index: () => null,
  partitioned: () => null,
  constraint: () => null,
  object: () => null,
};

function read(statement: string, alter: AlterTable, before: Before, version: number) {
  const reading: Reading = { statement, alter, before, fates: new Fates(), version, lexing: { version } };
  // Which name an index is given depends on all the others.
  const last = (action: AlterAction): boolean => isIndex(action) && isNameless(action.name);
  const all = [...alter.actions.filter((action) => !last(action)), ...alter.actions.filter(last)].map((action) => ({ action, told: told(reading, action) }));
  return { reading, all };
}

/** Whether an ALTER brings or takes away a constraint of this name; null where it does neither. */
export function constraintAfter(statement: string, alter: AlterTable, kind: "foreign key" | "check", name: string, version: number): boolean | null {
  const { fates } = read(statement, alter, unknown, version).reading;
  if (fates.has(kind, name, "comes")) return true;
  return fates.has(kind, name, "goes") || fates.has("constraint", name, "goes") ? false : null;
}

export function alterTrace(statement: string, alter: AlterTable, before: Before, version: number): Trace {
  // A temporary table is in no catalog.
  if (before.table(alter.table) === false) return { kind: "unseen" };
  const { reading, all } = read(statement, alter, before, version);
  const { fates } = reading;
  const after = nameAfter(alter);
  const moves = !sameName(after, alter.table);
  // Somebody else's table, which may have all that is asked for.
  if (moves && before.table(after) === true) return { kind: "unseen" };

  const changed = fates.changed;
  const certain = changed.filter((fate) => fate.sure && stood(reading, fate) !== fate.comes);
  const refused = changed.some((fate) => fate.sure && stood(reading, fate) === fate.comes);
  const complete = all.every(({ told: each }) => each === "named") && !fates.exchanges && !refused;
  const usable = certain.length > 0 || moves ? certain : complete ? changed : [];
  const conditions = [
    ...(moves ? [tableThere(after), `not ${tableThere(alter.table)}`] : []),
    ...usable.map(({ part, name, comes }) => `${comes ? "" : "not "}${parts[part](after, name)}`),
  ];
  if (conditions.length > 0) return { kind: "seen", probe: probe(conditions.join(" and ")) };
  if (passesNames(reading)) return { kind: "exchange" };
  const harmless = all.every(({ action, told: each }) => each === "again" || (each === "named" && action.optional));
  return { kind: harmless && !fates.exchanges ? "again" : "unseen" };
}
