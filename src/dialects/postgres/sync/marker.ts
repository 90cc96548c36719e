// The marker of a row: 4 × generation + side. Anything up to 4 × generation, or NULL, is a row that is not filled in this generation.
import type { Ref } from "../../sync/link.ts";

/** Who wrote last. */
export const side = { old: 1, new: 2, both: 3 } as const;
export type Side = (typeof side)[keyof typeof side];

/** Folded to a constant when the expression is planned. The hole stands in a literal, so that the text can be parsed before it is filled. */
const base = "(4 operator(pg_catalog.*) '{{generation}}'::pg_catalog.int4)";

export const markerValue = (written: Side): string => `(${base} operator(pg_catalog.+) ${written})::pg_catalog.int2`;

export const isPending = (marker: string, ref: Ref): string => `coalesce(${ref(marker)} operator(pg_catalog.<=) ${base}::pg_catalog.int2, true)`;

/** The side that a marker of any generation names. */
export const sideOf = (marker: string, ref: Ref): string => `(${ref(marker)} operator(pg_catalog.%) 4)`;

/** A marker of an earlier generation, carried over to this one. */
export const carriedMarker = (marker: string, ref: Ref): string => `(${base} operator(pg_catalog.+) ${sideOf(marker, ref)})::pg_catalog.int2`;
