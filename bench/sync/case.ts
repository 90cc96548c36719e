// What the cost of keeping two shapes equal is measured on: a table, by name, and what an engine says of it.
import { bareColumn } from "../../src/schema/edit.ts";
import type { Column } from "../../src/schema/model.ts";
import type { Link } from "../../src/step/shape.ts";

export interface Case {
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly rows: number;
  /** One expression for each column over the number of the row. */
  readonly values: readonly string[];
  readonly indexes: readonly string[];
  readonly link: Link;
  /** What is set in a bulk UPDATE: a column that is in no link, and one that is. */
  readonly updates: { readonly other: string; readonly synced: string };
}

/** An engine's part: how it makes the table and the triggers of each way. */
export interface SyncEngine {
  /** The first is no trigger at all, the last the usual design. */
  readonly ways: readonly string[];
  readonly cases: Readonly<Record<string, Case>>;
  /** Before the first table. */
  readonly preparation: readonly string[];
  /** Everything but its indexes and triggers. */
  create(table: string, of: Case): string;
  /** So many rows, as `source` of the number: of all columns, or of those that old code gives. */
  insert(table: string, of: Case, columns: readonly string[]): string;
  triggers(way: string, table: string, name: string): readonly string[];
  /** After each change of a whole table, outside of what is measured. */
  settle(table: string): readonly string[];
}

export const column = (name: string, type: string): Column => ({ ...bareColumn(name, type, 0), toastable: false });

/** The columns that old code gives: what the link makes, and its marker, come by the trigger. */
export function givenByOldCode({ columns, link }: Case): readonly string[] {
  const made = link.kind === "transform" ? [...link.new.map(({ hidden }) => hidden), link.marker] : [];
  return columns.map(([name]) => name).filter((name) => !made.includes(name));
}
