// The Schema while it is being read: still mutable, and findable by the catalog's own numbers.

import type {
  Index,
  Namespace,
  ObjectName,
  Publication,
  Routine,
  Rule,
  Schema,
  Sequence,
  Statistics,
  Table,
  Trigger,
  Type,
  Unmodelled,
  View,
} from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";

/** The same shape, with fields that can be set and lists that can grow. */
export type Open<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
type OpenRecord<T> = Record<string, T>;

/** A table or view, and how the catalog counts its columns. */
export interface Relation {
  readonly name: ObjectName;
  /** Column names by their catalog number; dropped columns leave holes. */
  readonly columns: string[];
  /** Null for a view, and for what is known only because others point at it (an extension's table). */
  readonly table: Open<Table> | null;
  readonly view: Open<View> | null;
  /** Numbers of the columns that the partition key mentions. */
  readonly partitionColumns: readonly number[];
  /** Where dependants go, whichever of the two it is; null where nobody asks. */
  readonly indexes: Index[] | null;
  readonly triggers: Trigger[] | null;
  readonly rules: Rule[] | null;
}

/** What all families write into. */
export class Draft {
  readonly relations = new Map<number, Relation>();
  /** Indexes by number, for their parents, children and statistics. */
  readonly indexes = new Map<number, { readonly name: ObjectName; readonly index: Open<Index> }>();
  /** Composite types by the number of their hidden relation. */
  readonly composites = new Map<number, { name: string; type: string; collation: string | null }[]>();
  readonly domains = new Map<number, { name: string; definition: string; validated: boolean }[]>();
  readonly publicationsById = new Map<number, Open<Publication>>();
  readonly routinesById = new Map<number, Open<Routine>>();
  readonly namespaces: OpenRecord<Namespace> = {};
  readonly tables: OpenRecord<Table> = {};
  readonly views: OpenRecord<View> = {};
  readonly sequences: OpenRecord<Sequence> = {};
  readonly types: OpenRecord<Type> = {};
  readonly routines: OpenRecord<Routine> = {};
  readonly publications: OpenRecord<Publication> = {};
  readonly statistics: OpenRecord<Statistics> = {};
  readonly extensions: OpenRecord<{ readonly schema: string; readonly version: string }> = {};
  readonly unmodelled: Unmodelled[] = [];
  private readonly texts = new Map<string, string>();

  /** One string object for equal texts: types, owners and languages repeat thousands of times. */
  shared(text: string): string {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    this.texts.set(text, text);
    return text;
  }

  /** Names of columns by number; 0, the row as a whole, means all of them. */
  columnsOf(relation: Relation, numbers: readonly number[]): string[] {
    const all = numbers.includes(0);
    const wanted = all ? relation.columns.keys() : numbers;
    return [...new Set([...wanted].map((number) => relation.columns[number]).filter((name) => name !== undefined))];
  }

  /**
   * Names of the columns that expressions mention. Dependencies never tell of a mention of the row as a whole; it shows only in the
   * text, where the server prints it as `t.*`. A string that happens to hold `.*` then means all columns, which is the safe side.
   */
  mentioned(relation: Relation, numbers: readonly number[], text: string): string[] {
    return this.columnsOf(relation, text.includes(".*") ? [0] : numbers.filter((number) => number > 0));
  }

  finish(version: number): Schema {
    for (const relation of this.relations.values()) {
      const key = relation.table?.partitionKey;
      if (relation.table && key) relation.table.partitionKey = { ...key, columns: this.columnsOf(relation, relation.partitionColumns) };
    }
    const { namespaces, tables, views, sequences, types, routines, publications, statistics, extensions, unmodelled } = this;
    return { engine: "postgres", version, namespaces, tables, views, sequences, types, routines, publications, statistics, extensions, unmodelled };
  }
}

/** Adds under the key by which a Schema finds it. */
export const put = <T extends { readonly name: ObjectName }>(map: Record<string, T>, value: NoInfer<T>): void => {
  map[keyOf(value.name)] = value;
};
