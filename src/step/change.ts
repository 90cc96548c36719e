// The elementary changes between operations and steps: an operation says them per phase, a dialect turns them into steps.
import type { Blocks } from "../schema/facts.ts";
import type { ObjectName } from "../schema/model.ts";
import type { Phase } from "./phase.ts";
import type { ColumnSpec, Shape } from "./shape.ts";

/** A key of an index: a column or an expression, with the engine's own options as it writes them. */
export interface IndexKey {
  readonly column?: string;
  readonly expression?: string;
  readonly order?: "asc" | "desc";
  readonly nulls?: "first" | "last";
  readonly operatorClass?: string;
  readonly collation?: string;
}

export interface IndexSpec {
  readonly name: string;
  readonly keys: readonly IndexKey[];
  readonly unique?: boolean;
  readonly nullsNotDistinct?: boolean;
  readonly method?: string;
  readonly include?: readonly string[];
  readonly where?: string;
}

export interface TableSpec {
  readonly columns: readonly ColumnSpec[];
  readonly primaryKey?: readonly string[];
  readonly unique?: readonly { readonly name?: string; readonly columns: readonly string[] }[];
  readonly checks?: readonly { readonly name?: string; readonly expression: string }[];
  readonly foreignKeys?: readonly {
    readonly name?: string;
    readonly columns: readonly string[];
    readonly table: string;
    readonly references: readonly string[];
    readonly onDelete?: string;
    readonly onUpdate?: string;
  }[];
  readonly comment?: string;
}

/** One statement of a user's own, with what was found out about it. */
export interface UserStatement {
  readonly text: string;
  readonly transactional: boolean;
  /** What it makes can be used only when it is committed. */
  readonly alone: boolean;
  readonly tables: readonly { readonly table: ObjectName; readonly mode: string; readonly blocks: Blocks }[];
  readonly work: "instant" | "scan" | "build" | "rewrite" | "unknown";
  /** The index that it builds or drops concurrently. */
  readonly index: ObjectName | null;
}

export type Change =
  | { readonly kind: "create-table"; readonly table: ObjectName; readonly spec: TableSpec }
  /** A column that needs no backfill. */
  | { readonly kind: "add-column"; readonly table: ObjectName; readonly column: ColumnSpec }
  | { readonly kind: "build-index"; readonly table: ObjectName; readonly index: IndexSpec }
  /** The new shape's columns and whatever keeps both shapes equal, as one visible act. */
  | { readonly kind: "open-shape"; readonly shape: Shape }
  /** Existing rows, until none is left; the plain copies of indexes; verify. */
  | { readonly kind: "fill-shape"; readonly shape: Shape }
  /** The new shape becomes the truth. */
  | { readonly kind: "turn-shape"; readonly shape: Shape }
  /** The old shape ends: constraints change hands, sync goes, old columns are fenced. */
  | { readonly kind: "settle-shape"; readonly shape: Shape }
  /** Archive, then drop what the old shape leaves. */
  | { readonly kind: "discard-shape"; readonly shape: Shape }
  | {
      readonly kind: "statements";
      readonly statements: readonly UserStatement[];
      /** Of several steps one for each statement, the last one's first; null in it: what is taken back by another's. */
      readonly undo: readonly (UserStatement | null)[] | null;
    }
  | { readonly kind: "module"; readonly file: string; readonly export: string; readonly undoExport: string | null; readonly sha256: string };

export interface PhasedChange {
  readonly phase: Phase;
  readonly change: Change;
}
