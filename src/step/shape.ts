// What operations ask of one table when two shapes of it must live side by side. Engine-neutral.
import type { ObjectName } from "../schema/model.ts";

/** A column as an operation wants it. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: string;
  readonly notNull?: boolean;
  /** SQL text; absent: none. */
  readonly default?: string;
  readonly generated?: { readonly kind: "stored" | "virtual"; readonly expression: string };
  readonly identity?: "always" | "by default";
  readonly collation?: string;
  readonly comment?: string;
}

/** An expression that was checked by the server; `qualified` holds bare column names and only schema-qualified functions, operators and types. */
export interface Expression {
  readonly text: string;
  readonly qualified: string;
  /** Columns it reads. */
  readonly columns: readonly string[];
  readonly volatility: "immutable" | "stable" | "volatile";
  /** True where it cannot raise for any input. */
  readonly total: boolean;
}

/** A column of the old shape, by the names it bears in time. */
export interface OldColumn {
  /** Until switch; and after it unless `parked` differs. */
  readonly name: string;
  /** From switch to retire (differs only where the new shape takes its name). */
  readonly parked: string;
  /** From retire to drop. */
  readonly retired: string;
}

/** A column of the new shape, by the names it bears in time. */
export interface NewColumn {
  /** Until switch (differs from `spec.name` only where the old shape still has that name). */
  readonly hidden: string;
  /** What it becomes; NOT NULL and default are attached at retire. */
  readonly spec: ColumnSpec;
}

/**
 * One old shape and one new shape of the same values.
 * - `copy`: the same value under another name; needs no marker, since each side proves the other.
 * - `transform`: values computed by `up` and `down`; a marker says who wrote last.
 * - `supply`: one column that may not stay NULL; what leaves it out gets `fill`. `adds` is set where the column is new.
 * - `leave`: a column that new code no longer names; `supply` is what its inserts store in it until it is dropped.
 */
export type Link =
  | { readonly kind: "copy"; readonly old: OldColumn; readonly new: NewColumn }
  | {
      readonly kind: "transform";
      readonly old: readonly OldColumn[];
      readonly new: readonly NewColumn[];
      /** One for each new column, over the old shape. */
      readonly up: readonly Expression[];
      /** One for each old column, over the new shape. */
      readonly down: readonly Expression[];
      /** The hidden column that says who wrote last. */
      readonly marker: string;
      /** Names of dependants (indexes, constraints) of the old columns that the migration gives up. */
      readonly drops: readonly string[];
    }
  | {
      readonly kind: "supply";
      readonly column: string;
      readonly adds: ColumnSpec | null;
      readonly fill: Expression | null;
      readonly notNull: boolean;
      readonly enforce: "expand" | "retire";
    }
  | { readonly kind: "leave"; readonly old: OldColumn; readonly supply: Expression | null };

/** All links that one run lays on one table. */
export interface Shape {
  readonly table: ObjectName;
  readonly links: readonly Link[];
}
