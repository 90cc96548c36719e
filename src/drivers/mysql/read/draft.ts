// The Schema while it is being read: still mutable, and findable by bare names, for all of it is one database.
import type { Column, Index, Namespace, ObjectName, Routine, ScheduledEvent, Schema, Sequence, Table, Unmodelled, View } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import { membersOf, mentioned } from "./text.ts";

/** The same shape, with fields that can be set and lists that can grow. */
export type Open<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** A table or view, and what is known of its columns. */
export interface Relation {
  readonly table: Open<Table> | null;
  readonly view: Open<View> | null;
  readonly engine: string;
  /** Names of its columns, and the place of each. */
  readonly places: Map<string, number>;
}

/** A foreign key, between its own row and those of its columns. */
export interface ForeignKey {
  readonly table: string;
  readonly onDelete: string;
  readonly onUpdate: string;
  readonly columns: string[];
  readonly referenced: string[];
  target: ObjectName | null;
}

/** What only a second message can tell, because it is rare and costs a query of its own. */
export interface Wanted {
  readonly sequences: string[];
  readonly partitioned: string[];
  /** Defaults of bytes that do not survive the way through text. */
  readonly bytes: { readonly table: string; readonly column: string }[];
  /** Tables of which the server's own text is needed. */
  readonly texts: Set<string>;
  geometries: boolean;
}

/** What all families write into. */
export class Draft {
  /** The database; its name is the namespace of everything. */
  readonly database: string;
  readonly version: number;
  readonly relations = new Map<string, Relation>();
  readonly foreignKeys = new Map<string, ForeignKey>();
  readonly namespaces: Record<string, Namespace> = {};
  readonly sequences = new Map<string, Sequence>();
  readonly sequenceComments = new Map<string, string | null>();
  readonly routines: Open<Routine>[] = [];
  readonly events: ScheduledEvent[] = [];
  readonly unmodelled: Unmodelled[] = [];
  readonly wanted: Wanted = { sequences: [], partitioned: [], bytes: [], texts: new Set(), geometries: false };
  private readonly texts = new Map<string, string>();

  constructor(database: string, version: number) {
    this.database = database;
    this.version = version;
  }

  /** One string object for equal texts: types, collations and names repeat thousands of times. */
  shared(text: string): string {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    this.texts.set(text, text);
    return text;
  }

  nameOf(name: string): ObjectName {
    return { schema: this.database, name: this.shared(name) };
  }

  tableOf(name: string): Open<Table> | null {
    return this.relations.get(name)?.table ?? null;
  }

  editColumn(table: string, name: string, edit: (column: Column) => Column): void {
    const found = this.tableOf(table);
    if (found) found.columns = found.columns.map((column) => (column.name === name ? edit(column) : column));
  }

  /** Columns of a table that a text of the server's names. */
  mentionedIn(table: string, text: string): string[] {
    return mentioned([...(this.relations.get(table)?.places.keys() ?? [])], text);
  }

  finish(): Schema {
    for (const relation of this.relations.values()) inOrder(relation);
    for (const relation of this.relations.values()) if (relation.view !== null) this.findUses(relation.view);
    const { namespaces, unmodelled } = this;
    return {
      engine: "mysql",
      version: this.version,
      namespaces,
      tables: byKey([...this.relations.values()].flatMap(({ table }) => table ?? [])),
      views: byKey([...this.relations.values()].flatMap(({ view }) => view ?? [])),
      sequences: byKey([...this.sequences.values()]),
      types: {},
      routines: this.routineMap(),
      publications: {},
      statistics: {},
      extensions: {},
      ...(this.events.length > 0 ? { events: byKey(this.events) } : {}),
      unmodelled: [...unmodelled].sort((a, b) => ascending(`${a.kind} ${a.name}`, `${b.kind} ${b.name}`)),
    };
  }

  /** Every name in a view's text that a used table has as a column counts: which of two tables is meant says only the server's parser. */
  private findUses(view: Open<View>): void {
    for (const used of membersOf(this.database, view.definition)) {
      const relation = this.relations.get(used);
      if (relation === undefined || used === view.name.name) continue;
      view.uses.push({ name: this.nameOf(used), columns: this.mentionedIn(used, view.definition) });
    }
    view.uses.sort((a, b) => ascending(a.name.name, b.name.name));
  }

  /** A function and a procedure may share a name; where they share the parameters too, the key says which it is. */
  private routineMap(): Record<string, Routine> {
    const map: Record<string, Routine> = {};
    const sorted = [...this.routines].sort((a, b) => ascending(a.kind, b.kind) || ascending(a.name.name, b.name.name));
    for (const routine of sorted) {
      const key = `${keyOf(routine.name)}(${routine.arguments})`;
      map[key in map ? `${routine.kind} ${key}` : key] = routine;
    }
    return map;
  }
}

const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byKey = <T extends { readonly name: ObjectName }>(values: readonly T[]): Record<string, T> =>
  Object.fromEntries([...values].sort((a, b) => ascending(a.name.name, b.name.name)).map((value) => [keyOf(value.name), value]));

/** Columns in their places; indexes and constraints by name, for servers list them in different orders. */
function inOrder({ table, view, places }: Relation): void {
  const place = (column: { readonly name: string }): number => places.get(column.name) ?? 0;
  view?.columns.sort((a, b) => place(a) - place(b));
  if (table === null) return;
  table.columns = table.columns.sort((a, b) => place(a) - place(b)).map((column, at) => ({ ...column, position: at + 1 }));
  // A check and a key may share a name.
  table.constraints.sort((a, b) => ascending(a.name, b.name) || ascending(a.kind, b.kind));
  table.indexes.sort((a, b) => ascending(a.name, b.name));
  table.triggers.sort((a, b) => ascending(a.name, b.name));
}

/** The index that a foreign key leans on: the one of its own name, or the first that begins with its columns. */
export function supporting(indexes: readonly Index[], name: string, columns: readonly string[]): Index | undefined {
  const fits = (index: Index): boolean => index.method === "btree" && columns.every((column, at) => index.keys[at] === column);
  return indexes.find((index) => index.name === name && fits(index)) ?? indexes.find(fits);
}
