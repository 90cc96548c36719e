// What this engine's triggers ask of a link besides what every engine's do.
import type { PairOf, Supplied, SupplyOf } from "../../sync/link.ts";
import type { Default } from "./default.ts";
import type { Field } from "./field.ts";

/** An old column: what its inserts get tells whether it was given. */
export interface OldField extends Field {
  readonly default: Default;
  /** True where that default stands in for none at all: who leaves out both sides is refused as before. */
  readonly standsIn: boolean;
}

export interface NewField extends Field, Supplied {}

export interface Pair extends PairOf<Field, OldField, NewField> {
  /** True where up gives a value for every row, whether or not that can be stored. */
  readonly total: boolean;
}

export type Supply = SupplyOf<Field>;

export type Settled = Pair | Supply;
