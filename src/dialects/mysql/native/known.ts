// What is known of a table when a statement of a user's own meets it: as it was read, and as the statements before have left it.
import type { Facts, SizeFact } from "../../../schema/facts.ts";
import { questionKey } from "../../../schema/facts.ts";
import type { Column, Table } from "../../../schema/model.ts";
import type { AlterAction } from "../../../syntax/mysql/alter.ts";
import type { TableTraits } from "../../../syntax/mysql/alter-traits.ts";
import { type ColumnText, columnText, keyColumns } from "../../../syntax/mysql/column-text.ts";
import type { Lexing } from "../../../syntax/mysql/lexer.ts";
import { givenIndexName } from "./given-name.ts";

export interface KnownColumn {
  /** As the server prints it; null where that was not asked. */
  readonly type: string | null;
  readonly charset: string | null;
  readonly collation: string | null;
  readonly notNull: boolean;
  readonly generated: "stored" | "virtual" | null;
  readonly counts: boolean;
}

export interface KnownIndex {
  readonly name: string;
  /** In lower case, as names of columns are compared. */
  readonly columns: readonly string[];
  readonly fulltext: boolean;
  readonly unique: boolean;
}

export interface KnownTable {
  /** By name in lower case. */
  readonly columns: ReadonlyMap<string, KnownColumn>;
  readonly indexes: readonly KnownIndex[];
  /** Names in lower case. */
  readonly checks: readonly string[];
  readonly foreignKeys: readonly string[];
  readonly charset: string | null;
  readonly collation: string | null;
  readonly innodb: boolean;
  readonly compressed: boolean;
  readonly partitioned: boolean;
  readonly keyed: boolean;
  readonly versioned: boolean;
  /** Another table's changes write into it, by a foreign key of its own. */
  readonly cascaded: boolean;
  readonly size: SizeFact | null;
}

const lower = (text: string): string => text.toLowerCase();

const knownColumn = (column: Column): KnownColumn => ({
  type: column.type,
  charset: column.attributes["charset"] ?? null,
  collation: column.collation,
  notNull: column.notNull,
  generated: column.generated?.kind ?? null,
  counts: column.identity !== null,
});

export const knownTable = (table: Table, size: SizeFact | null): KnownTable => ({
  columns: new Map(table.columns.map((column) => [lower(column.name), knownColumn(column)])),
  indexes: table.indexes.map((index) => ({
    name: index.name,
    columns: index.mentions.map(lower),
    fulltext: index.method === "fulltext",
    unique: index.unique,
  })),
  checks: table.constraints.filter(({ kind }) => kind === "check").map(({ name }) => lower(name)),
  foreignKeys: table.constraints.filter(({ kind }) => kind === "foreign-key").map(({ name }) => lower(name)),
  charset: table.options["charset"] ?? null,
  collation: table.options["collation"] ?? null,
  innodb: lower(table.options["engine"] ?? "innodb") === "innodb",
  compressed: lower(table.options["row format"] ?? "") === "compressed",
  partitioned: table.partitionKey !== null,
  keyed: table.indexes.some(({ primary }) => primary),
  versioned: table.options["system versioning"] === "yes",
  cascaded: table.constraints.some(
    ({ kind, definition }) => kind === "foreign-key" && /\bon (delete|update) (cascade|set null|set default)\b/i.test(definition),
  ),
  size,
});

export function traitsOf({ columns, indexes, compressed, partitioned }: KnownTable): TableTraits {
  const all = [...columns];
  const virtual = new Set(all.flatMap(([name, { generated }]) => (generated === "virtual" ? [name] : [])));
  return {
    fulltext: indexes.some((index) => index.fulltext),
    compressed,
    virtualColumn: virtual.size > 0,
    indexedVirtualColumn: indexes.some((index) => index.columns.some((name) => virtual.has(name))),
    storedColumn: all.some(([, { generated }]) => generated === "stored"),
    partitioned,
  };
}

export const isIndexed = (table: KnownTable, column: string): boolean => table.indexes.some(({ columns }) => columns.includes(lower(column)));

/** How the server prints a type that somebody wrote. */
export function printed(type: string, facts: Facts): string | null {
  const fact = facts.type[questionKey({ kind: "type", text: type })];
  return fact?.ok ? fact.name : null;
}

const charset = (collation: string | null): string | null => collation?.split("_")[0] ?? null;

/** A column as its text makes it on this table. */
export function columnFrom(text: ColumnText, table: KnownTable, facts: Facts): KnownColumn {
  const type = printed(text.type, facts);
  const ofCharacters = type === null || /char|text|^enum|^set/.test(type);
  return {
    type,
    charset: ofCharacters ? (text.charset ?? table.charset) : null,
    // The default collation of a character set that is written is not known here.
    collation: ofCharacters ? (text.collation ?? (text.charset === null || text.charset === charset(table.collation) ? table.collation : null)) : null,
    notNull: text.notNull,
    generated: text.generated,
    counts: text.counts,
  };
}

const withColumns = (table: KnownTable, edit: (columns: Map<string, KnownColumn>) => void): KnownTable => {
  const columns = new Map(table.columns);
  edit(columns);
  return { ...table, columns };
};

const renamedIn = (table: KnownTable, from: string, to: string): readonly KnownIndex[] =>
  table.indexes.map((index) => ({ ...index, columns: index.columns.map((name) => (name === from ? to : name)) }));

/** The table with one action done; what is not followed here changes nothing that decides. */
export function afterAction(table: KnownTable, statement: string, action: AlterAction, facts: Facts, lexing: Lexing): KnownTable {
  const name = lower(action.name ?? "");
  const piece = statement.slice(action.start, action.end);
  const text = columnText(statement, action, lexing);
  switch (action.kind) {
    case "add index":
    case "add unique":
    case "add spatial":
    case "add fulltext": {
      const columns = keyColumns(statement, action, lexing);
      const taken = (wanted: string): boolean => table.indexes.some((index) => lower(index.name) === lower(wanted));
      const index = {
        name: action.name ?? givenIndexName(columns, taken) ?? "",
        columns,
        fulltext: action.kind === "add fulltext",
        unique: action.kind === "add unique",
      };
      return { ...table, indexes: [...table.indexes, index] };
    }
    case "drop index":
      return { ...table, indexes: table.indexes.filter((index) => lower(index.name) !== name) };
    case "drop column":
      return {
        ...withColumns(table, (columns) => columns.delete(name)),
        indexes: table.indexes
          .map((index) => ({ ...index, columns: index.columns.filter((each) => each !== name) }))
          .filter(({ columns }) => columns.length > 0),
      };
    case "rename column": {
      const to = lower(/\bto\s+`?([^`\s]+)`?\s*$/i.exec(piece)?.[1] ?? "");
      const old = table.columns.get(name);
      const moved = withColumns(table, (columns) => {
        columns.delete(name);
        if (old) columns.set(to, old);
      });
      return { ...moved, indexes: renamedIn(table, name, to) };
    }
    case "add primary key":
      return { ...table, keyed: true };
    case "drop primary key":
      return { ...table, keyed: false };
    case "row format":
      return { ...table, compressed: /compressed/i.test(piece) };
    case "partition table":
      return { ...table, partitioned: true };
    case "remove partitioning":
      return { ...table, partitioned: false };
    default: {
      if (!text) return table;
      const made = withColumns(table, (columns) => {
        if (lower(text.name) !== lower(text.to)) columns.delete(lower(text.name));
        columns.set(lower(text.to), columnFrom(text, table, facts));
      });
      return { ...made, indexes: renamedIn(table, lower(text.name), lower(text.to)) };
    }
  }
}
