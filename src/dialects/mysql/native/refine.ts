// What an action really is, given the table: MODIFY may be anything from a comment to a copy.
import type { Facts } from "../../../schema/facts.ts";
import type { AlterAction } from "../../../syntax/mysql/alter.ts";
import type { AlterKind } from "../../../syntax/mysql/alter-actions.ts";
import { columnText, keyColumns } from "../../../syntax/mysql/column-text.ts";
import { isMariadb } from "../capabilities.ts";
import { bytesOfCharacter } from "../characters.ts";
import { columnFrom, isIndexed, type KnownColumn, type KnownTable } from "./known.ts";

export interface Refined {
  readonly kinds: readonly AlterKind[];
  /** False where only the server can tell; then the kinds are those of the worst case. */
  readonly sure: boolean;
}

const sure = (...kinds: readonly AlterKind[]): Refined => ({ kinds, sure: true });

/** The length in the row is one byte up to this many, and two beyond. */
const shortest = 255;
/** MariaDB keeps two bytes of length ready for what could not be told from the longer form anyway. */
const widened = 127;

function varchar(before: KnownColumn, after: KnownColumn, onMariadb: boolean): Refined | null {
  const [from, to] = [before, after].map(({ type }) => /^varchar\((\d+)\)$/.exec(type ?? "")?.[1]);
  if (from === undefined || to === undefined) return null;
  const bytes = bytesOfCharacter(before.charset ?? "");
  if (Number(to) < Number(from)) return sure("change column type");
  if (bytes === undefined) return { kinds: ["change column type"], sure: false };
  const [old, next] = [Number(from) * bytes, Number(to) * bytes];
  const crosses = old <= shortest && next > shortest && !(onMariadb && old <= widened);
  return sure(crosses ? "extend varchar over 255 bytes" : "extend varchar");
}

/** The members of an ENUM or SET as written; null for any other type. */
const members = (type: string | null): { readonly word: string; readonly list: readonly string[] } | null => {
  const match = /^(enum|set)\((.*)\)$/s.exec(type ?? "");
  return match ? { word: match[1] ?? "", list: (match[2] ?? "").match(/'(?:[^']|'')*'/g) ?? [] } : null;
};

/** Bytes of a value. Manual: "Data Type Storage Requirements". */
const stored = (word: string, count: number): number => (word === "enum" ? (count > 255 ? 2 : 1) : count > 32 ? 8 : count > 24 ? 4 : Math.ceil(count / 8));

function enumerated(before: KnownColumn, after: KnownColumn): Refined | null {
  const [from, to] = [members(before.type), members(after.type)];
  if (!from || !to || from.word !== to.word) return null;
  const appended = from.list.every((member, i) => to.list[i] === member) && stored(from.word, from.list.length) === stored(to.word, to.list.length);
  return sure(appended ? "append enum member" : "change enum members");
}

/** A width for showing is no part of what is stored. */
const bare = (type: string): string => (/zerofill/.test(type) ? type : type.replace(/^((?:tiny|small|medium|big)?int|year)\(\d+\)/, "$1"));

function typeChange(before: KnownColumn, after: KnownColumn, onMariadb: boolean): Refined {
  if (before.type === null || after.type === null) return { kinds: ["modify column"], sure: false };
  if (bare(before.type) === bare(after.type)) return sure();
  return varchar(before, after, onMariadb) ?? enumerated(before, after) ?? sure("change column type");
}

function collationChange(before: KnownColumn, after: KnownColumn, indexed: boolean): Refined {
  if (before.charset === null && after.charset === null) return sure();
  // JSON is kept as text in a collation of its own on MariaDB.
  if (after.collation === null || before.collation === null) return { kinds: ["modify column"], sure: before.charset !== after.charset };
  if (before.collation === after.collation) return sure();
  // From three bytes to four nothing is stored otherwise, but whether that is seen is the server's to say.
  if (before.charset !== after.charset) return { kinds: ["change column type"], sure: !(/^utf8/.test(before.charset ?? "") && after.charset === "utf8mb4") };
  return sure(indexed ? "change collation of indexed column" : "change collation");
}

function modified(statement: string, action: AlterAction, table: KnownTable, facts: Facts, version: number): Refined {
  const onMariadb = isMariadb(version);
  const text = columnText(statement, action, { version });
  const before = text ? table.columns.get(text.name.toLowerCase()) : undefined;
  if (!text || !before) return { kinds: ["modify column"], sure: false };
  const after = columnFrom(text, table, facts);
  if (after.generated !== before.generated || text.checked) return { kinds: ["modify column"], sure: false };
  if (after.counts && !before.counts) return sure("change column type");
  if (after.generated === "stored") return { kinds: ["modify column"], sure: false };
  const parts = [
    typeChange(before, after, onMariadb),
    collationChange(before, after, isIndexed(table, text.name)),
    after.generated === "virtual" ? sure("change virtual expression") : sure(),
    before.notNull === after.notNull ? sure() : sure(after.notNull ? "set not null" : "drop not null"),
    text.placed ? sure("reorder column") : sure(),
    text.name.toLowerCase() === text.to.toLowerCase() ? sure("comment column") : sure("rename column"),
  ];
  // Whatever else there is, a copy is a copy.
  const certain = parts.some((part) => part.sure && part.kinds.some((kind) => kind === "change column type" || kind === "change enum members"));
  return { kinds: [...new Set(parts.flatMap(({ kinds }) => kinds))], sure: certain || parts.every((part) => part.sure) };
}

function constraint(name: string, table: KnownTable): Refined {
  const lower = name.toLowerCase();
  if (table.checks.includes(lower)) return sure("drop check");
  if (table.foreignKeys.includes(lower)) return sure("drop foreign key");
  return table.indexes.some((index) => index.name.toLowerCase() === lower) ? sure("drop index") : { kinds: ["drop constraint"], sure: false };
}

const guesses: ReadonlySet<AlterKind> = new Set<AlterKind>(["table option", "period", "alter constraint", "unknown", "tablespace"]);

/** The table before the ALTER, as the actions before this one leave it, and as all of them do. */
export interface Around {
  readonly before: KnownTable;
  readonly now: KnownTable;
  readonly end: KnownTable;
}

function dropped(name: string, { now, end }: Around, version: number): Refined {
  const column = now.columns.get(name.toLowerCase());
  const over = now.indexes.filter(({ columns }) => columns.includes(name.toLowerCase()));
  if (column?.generated === "virtual" && isMariadb(version)) return sure(over.length > 0 ? "drop indexed virtual column" : "drop virtual column");
  if (over.some((index) => end.indexes.some((left) => left.name === index.name))) return sure("drop column out of index");
  if (isMariadb(version) && over.some(({ unique }) => unique)) return sure("drop column of unique index");
  if (column === undefined) return sure("drop column");
  return sure(over.length > 0 ? "drop indexed column" : "drop unindexed column");
}

function indexed(statement: string, action: AlterAction, { before, end }: Around, version: number): Refined {
  const isVirtual = ({ columns }: KnownTable, name: string): boolean => columns.get(name)?.generated === "virtual";
  const columns = keyColumns(statement, action, { version });
  return sure(columns.some((name) => isVirtual(end, name) && !isVirtual(before, name)) ? "add index over new virtual column" : "add index");
}

/** The kinds of an action on this table. */
export function refined(statement: string, action: AlterAction, around: Around, facts: Facts, version: number): Refined {
  const table = around.now;
  const piece = statement.slice(action.start, action.end);
  switch (action.kind) {
    case "modify column":
      return modified(statement, action, table, facts, version);
    case "drop column":
      return dropped(action.name ?? "", around, version);
    case "add index":
      return indexed(statement, action, around, version);
    case "drop constraint":
      return constraint(action.name ?? "", table);
    case "engine":
      return /\bengine\s*=?\s*`?innodb\b/i.test(piece) && table.innodb ? sure("force") : sure("engine");
    default:
      return { kinds: [action.kind], sure: !guesses.has(action.kind) };
  }
}
