// What this engine's triggers ask of a link besides what every engine's do.
import type { PairOf, Supplied, SupplyOf } from "../../sync/link.ts";
import type { Default } from "./default.ts";
import type { Field } from "./field.ts";

/** An old column: what its inserts get tells whether it was given. */
export interface OldField extends Field {
  readonly default: Default;
}

export interface NewField extends Field, Supplied {}

interface Unsettled {
  /** True where its expressions must not be evaluated under a writer's settings. */
  readonly unsettled: boolean;
}

export interface Pair extends PairOf<Field, OldField, NewField>, Unsettled {}

export interface Supply extends SupplyOf<Field>, Unsettled {}

export type Settled = Pair | Supply;
