// How many rows the next batch has.

export interface Pace {
  /** Rows of the next batch. */
  rows(): number;
  /** Tells how the last one went. */
  ran(batch: { readonly rows: number; readonly ms: number }): void;
  /** The last one met a lock or a deadlock: the next is smaller. */
  collided(): void;
  /** Resolves when the next batch may begin. */
  ready(): Promise<void>;
}

/** Fewer rows than this cost more in round trips than they spare in locks; wide rows may still need it. */
const least = 10;
/** A batch's undo, bloat and replication come in one piece. */
const most = 100_000;

/** Aims at a duration: at most doubles or halves from batch to batch, so that one slow answer does not throw it off. */
export function paceByTime(firstRows: number, targetMs: number): Pace {
  let rows = Math.min(most, Math.max(least, firstRows));
  const scale = (factor: number): void => {
    rows = Math.round(Math.min(most, Math.max(least, rows * factor)));
  };
  return {
    rows: () => rows,
    // A short last batch says nothing about a full one.
    ran: (batch) => {
      if (batch.rows >= rows) scale(Math.min(2, Math.max(0.5, targetMs / Math.max(batch.ms, 0.1))));
    },
    collided: () => scale(0.5),
    ready: () => Promise.resolve(),
  };
}
