// The links of one table with their physical names, types and expressions settled, so that nothing after this asks for a stage's names.
import type { Default } from "./default.ts";
import type { Field, Ref } from "./field.ts";

/** An old column: what its inserts get tells whether it was given. */
export interface OldField extends Field {
  readonly default: Default;
}

/** A new column: its default is the trigger's to give while both sides live, since the table has none. */
export interface NewField extends Field {
  readonly supplied: string | null;
}

/** Two sides of the same values. */
export interface Pair {
  readonly kind: "pair";
  readonly old: readonly OldField[];
  readonly new: readonly NewField[];
  /** Null where both sides hold the same value, and so prove each other. */
  readonly marker: string | null;
  /** One expression for each new column, reading where `ref` says. */
  readonly up: (ref: Ref) => readonly string[];
  readonly down: (ref: Ref) => readonly string[];
  /** Columns whose change is a change of that side: its own, and what its expression reads besides. */
  readonly oldWatched: readonly Field[];
  readonly newWatched: readonly Field[];
  /** True where up, or storing its value, can raise: an old writer must not fail by it. */
  readonly raises: boolean;
  /** True where its expressions must not be evaluated under a writer's settings. */
  readonly unsettled: boolean;
}

/** One column that gets a value where a writer left NULL. */
export interface Supply {
  readonly kind: "supply";
  readonly field: Field;
  readonly on: "insert" | "write";
  readonly fill: (ref: Ref) => string;
  readonly reads: readonly Field[];
  readonly raises: boolean;
  readonly unsettled: boolean;
  /** True where a row may not stay NULL. */
  readonly required: boolean;
}

export type Settled = Pair | Supply;

export const isPair = (link: Settled): link is Pair => link.kind === "pair";
export const isSupply = (link: Settled): link is Supply => link.kind === "supply";

/** Columns that a link writes. */
export const written = (link: Settled): readonly Field[] => (link.kind === "pair" ? [...link.old, ...link.new] : [link.field]);
/** Columns whose change concerns a link. */
export const watched = (link: Settled): readonly Field[] => (link.kind === "pair" ? [...link.oldWatched, ...link.newWatched] : [link.field]);
