// Small pure edits of a Schema, from which the effect of each operation is made.
import type { Column, Constraint, Index, ObjectName, Schema, Table } from "./model.ts";
import { keyOf, sameName } from "./names.ts";

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

const mapValues = <T>(record: Readonly<Record<string, T>>, edit: (value: T) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, edit(value)]));

const filterValues = <T>(record: Readonly<Record<string, T>>, keep: (value: T) => boolean): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => keep(value)));

/** Drops columns and whatever mentions them, foreign keys of other tables too. */
export function dropColumns(schema: Schema, name: ObjectName, names: readonly string[]): Schema {
  const gone = (list: readonly string[]): boolean => list.some((column) => names.includes(column));
  const edited = editTable(schema, name, (table) => ({
    ...table,
    columns: table.columns.filter((column) => !names.includes(column.name)),
    constraints: table.constraints.filter((constraint) => !gone(constraint.columns)),
    indexes: table.indexes.filter((index) => !gone(index.mentions)),
    triggers: table.triggers.filter((trigger) => !gone(trigger.updateOf)),
    policies: table.policies.filter((policy) => !gone(policy.mentions)),
  }));
  const holds = ({ references }: Constraint): boolean => references === null || !sameName(references.table, name) || !gone(references.columns);
  return {
    ...edited,
    tables: mapValues(edited.tables, (table) => (table.constraints.every(holds) ? table : { ...table, constraints: table.constraints.filter(holds) })),
    statistics: filterValues(edited.statistics, (statistics) => !sameName(statistics.table, name) || !gone(statistics.mentions)),
    sequences: filterValues(edited.sequences, ({ ownedBy }) => ownedBy === null || !sameName(ownedBy.table, name) || !names.includes(ownedBy.column)),
  };
}

/** Renames a column wherever it is named as a column; texts of definitions are left as they are. */
export function renameColumn(schema: Schema, name: ObjectName, from: string, to: string): Schema {
  const swap = <T extends string | null>(column: T): T => (column === from ? (to as T) : column);
  const edited = editTable(schema, name, (table) => ({
    ...table,
    columns: table.columns.map((column) => (column.name === from ? { ...column, name: to } : column)),
    constraints: table.constraints.map((constraint) => ({ ...constraint, columns: constraint.columns.map(swap) })),
    indexes: table.indexes.map((index) => ({ ...index, keys: index.keys.map(swap), includes: index.includes.map(swap), mentions: index.mentions.map(swap) })),
    triggers: table.triggers.map((trigger) => ({ ...trigger, updateOf: trigger.updateOf.map(swap) })),
    policies: table.policies.map((policy) => ({ ...policy, mentions: policy.mentions.map(swap) })),
  }));
  const follow = (constraint: Constraint): Constraint =>
    constraint.references && sameName(constraint.references.table, name)
      ? { ...constraint, references: { ...constraint.references, columns: constraint.references.columns.map(swap) } }
      : constraint;
  return {
    ...edited,
    tables: mapValues(edited.tables, (table) => ({ ...table, constraints: table.constraints.map(follow) })),
    statistics: mapValues(edited.statistics, (each) => (sameName(each.table, name) ? { ...each, mentions: each.mentions.map(swap) } : each)),
    sequences: mapValues(edited.sequences, (each) =>
      each.ownedBy && sameName(each.ownedBy.table, name) ? { ...each, ownedBy: { ...each.ownedBy, column: swap(each.ownedBy.column) } } : each,
    ),
  };
}

export const addColumn = (table: Table, column: Column): Table => ({
  ...table,
  columns: [...table.columns, { ...column, position: table.columns.length + 1 }],
});
