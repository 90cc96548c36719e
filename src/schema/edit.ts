// Small pure edits of a Schema, from which the effect of each operation is made.
import type { Column, Index, ObjectName, Schema, Table } from "./model.ts";
import { keyOf } from "./names.ts";

export const findTable = (schema: Schema, name: ObjectName): Table | undefined => schema.tables[keyOf(name)];
export const findColumn = (table: Table, name: string): Column | undefined => table.columns.find((column) => column.name === name);

/** The schema with one table replaced, or added where it was not there. */
export const withTable = (schema: Schema, table: Table): Schema => ({ ...schema, tables: { ...schema.tables, [keyOf(table.name)]: table } });

/** The schema with a table changed; unchanged where there is no such table. */
export function editTable(schema: Schema, name: ObjectName, edit: (table: Table) => Table): Schema {
  const table = findTable(schema, name);
  return table ? withTable(schema, edit(table)) : schema;
}

/** A column with nothing on it; the type as a person wrote it. */
export const bareColumn = (name: string, type: string, position: number): Column => ({
  name,
  position,
  type,
  notNull: false,
  default: null,
  generated: null,
  identity: null,
  collation: null,
  attributes: {},
  comment: null,
  grants: [],
  inherited: false,
  local: true,
  toastable: true,
});

/** A table with nothing on it. */
export const bareTable = (name: ObjectName): Table => ({
  name,
  kind: "table",
  persistence: "permanent",
  columns: [],
  constraints: [],
  indexes: [],
  triggers: [],
  policies: [],
  rules: [],
  rowSecurity: { enabled: false, forced: false },
  owner: "",
  grants: [],
  comment: null,
  replicaIdentity: "default",
  inherits: [],
  partitionKey: null,
  partitionOf: null,
  options: {},
});

export const bareIndex = (name: string, keys: readonly (string | null)[], unique: boolean): Index => ({
  name,
  definition: "",
  method: "btree",
  unique,
  primary: false,
  valid: true,
  keys,
  includes: [],
  mentions: keys.filter((key) => key !== null),
  predicate: null,
  constraint: null,
  parent: null,
  clustered: false,
  replicaIdentity: false,
  statistics: [],
  comment: null,
});

/** A schema with nothing in it, for tests and fresh databases. */
export const emptySchema = (engine: string, version: number): Schema => ({
  engine,
  version,
  namespaces: {},
  tables: {},
  views: {},
  sequences: {},
  types: {},
  routines: {},
  publications: {},
  statistics: {},
  extensions: {},
  unmodelled: [],
});

/** Drops columns and everything on the table that mentions them. */
export function dropColumns(table: Table, names: readonly string[]): Table {
  const gone = (list: readonly string[]): boolean => list.some((name) => names.includes(name));
  return {
    ...table,
    columns: table.columns.filter((column) => !names.includes(column.name)),
    constraints: table.constraints.filter((constraint) => !gone(constraint.columns)),
    indexes: table.indexes.filter((index) => !gone(index.mentions)),
  };
}

/** Renames a column where it is named as a column; texts of definitions are left as they are. */
export function renameColumn(table: Table, from: string, to: string): Table {
  const swap = <T extends string | null>(name: T): T => (name === from ? (to as T) : name);
  return {
    ...table,
    columns: table.columns.map((column) => (column.name === from ? { ...column, name: to } : column)),
    constraints: table.constraints.map((constraint) => ({ ...constraint, columns: constraint.columns.map(swap) })),
    indexes: table.indexes.map((index) => ({ ...index, keys: index.keys.map(swap), includes: index.includes.map(swap), mentions: index.mentions.map(swap) })),
  };
}

export const addColumn = (table: Table, column: Column): Table => ({
  ...table,
  columns: [...table.columns, { ...column, position: table.columns.length + 1 }],
});
