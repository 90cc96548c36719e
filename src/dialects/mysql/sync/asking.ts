// Who computes what a batch fills: the batch itself, or the trigger, which it asks row by row.
//
// A batch is a third faster where it computes the values itself. The trigger does it where a value depends on what other links are given in
// the same row, and where an expression can fail: there each row must have a handler of its own.
import type { SyncInput } from "./input.ts";
import type { Pair, Settled } from "./link.ts";

/** True where batches always leave a link to the trigger. @param group the links that share columns with it, and itself. */
export const isAsked = (pair: Pair, group: readonly Settled[], input: Pick<SyncInput, "fill">): boolean =>
  pair.marker !== null && (!pair.total || group.length > 1 || input.fill === "backward");

/** True where some batch may: also where a value that cannot be stored has stopped a batch that computed by itself. */
export const mayBeAsked = (pair: Pair, group: readonly Settled[], input: Pick<SyncInput, "fill">): boolean =>
  isAsked(pair, group, input) || (pair.marker !== null && pair.raises);
