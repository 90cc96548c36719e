// The marker of a row: 4 × generation + side. NULL, or anything up to 4 × generation, is a row that is not filled in this generation.
import type { Ref } from "./field.ts";

/** Who wrote last. */
export const side = { old: 1, new: 2, both: 3 } as const;
export type Side = (typeof side)[keyof typeof side];

/** The hole is filled before the statement is sent. */
const base = "4 * {{generation}}";

export const markerValue = (written: Side): string => `${base} + ${written}`;

export const isPending = (marker: string, ref: Ref): string => `coalesce(${ref(marker)} <= ${base}, true)`;

/** The side that a marker of any generation names. */
export const sideOf = (marker: string, ref: Ref): string => `${ref(marker)} % 4`;

/**
 * What a batch writes: the trigger fills the row, and says in the marker how that went. A row that got the request while no trigger
 * was there asks in the other way, so that the marker changes again.
 */
export const request = (marker: string, ref: Ref): string => `if(${ref(marker)} <=> -1, -3, -1)`;
export const isRequest = (marker: string, ref: Ref): string => `${ref(marker)} in (-1, -3)`;

/** Left by a batch on a row whose old side cannot be translated: this generation's batches pass it by. Never -1 or -3. */
export const refused = `-(${base}) - 2`;
export const isRefused = (marker: string, ref: Ref): string => `${ref(marker)} <=> ${refused}`;
