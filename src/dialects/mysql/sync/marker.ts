// The marker of a row: 10 × generation + side. NULL, or anything up to 10 × generation, is a row that is not filled in this generation.
import type { Ref } from "../../sync/link.ts";

/** Who wrote last. */
export const side = { old: 1, new: 2, both: 3 } as const;
export type Side = (typeof side)[keyof typeof side];

/**
 * The hole is filled before the statement is sent, and a digit behind it makes a literal: to a trigger an expression over two literals
 * costs as much as a statement more.
 */
const base = "{{generation}}0";

export const markerValue = (written: Side): string => `{{generation}}${written}`;

export const isPending = (marker: string, ref: Ref): string => `coalesce(${ref(marker)} <= ${base}, true)`;
/** The same as ranges that an index over the marker can serve. */
export const pendingRanges = (marker: string, ref: Ref): string => `${ref(marker)} is null or ${ref(marker)} <= ${base}`;

/** The side that a marker of any generation names. */
export const sideOf = (marker: string, ref: Ref): string => `${ref(marker)} % 10`;

/**
 * What a batch writes where the trigger is to fill the row, and to say in the marker how that went. Zero, since it is false: a trigger that
 * may be asked looks for it as a condition by itself, at a third of the price of a comparison.
 */
export const request = "0";
export const isRequest = (marker: string, ref: Ref): string => `${ref(marker)} = ${request}`;

/** Left by a batch on a row whose old side cannot be translated: this generation's batches pass it by. Never a request. */
export const refused = "-{{generation}}2";
/** Pending and not refused; the common answer comes first. */
export const isFillable = (marker: string, ref: Ref): string => `${ref(marker)} is null or ${ref(marker)} <= ${base} and ${ref(marker)} <> ${refused}`;
