// How far a long act is, and when it may end.

export interface Progress {
  readonly rowsDone: number;
  /** An estimate; null where unknown. */
  readonly rowsTotal: number | null;
  readonly rowsPerSecond: number | null;
  /** Between these two, ms; null where nothing can be said. */
  readonly etaMs: readonly [number, number] | null;
  /** From 1. */
  readonly pass: number;
  /** What the server says it is at, where it does; else null. */
  readonly doing: string | null;
}

/** Two moving averages of the rate: one that follows quickly, one that remembers. The truth is usually between them. */
export class Meter {
  private last: { readonly at: number; readonly done: number } | null = null;
  private quick: number | null = null;
  private slow: number | null = null;

  /** @param at ms */
  mark(at: number, done: number): void {
    if (this.last !== null && at > this.last.at && done >= this.last.done) {
      const seconds = (at - this.last.at) / 1000;
      const rate = (done - this.last.done) / seconds;
      // Weighted by time, so that many small batches count as much as one long one.
      const blend = (before: number | null, memory: number): number => (before === null ? rate : before + (rate - before) * (1 - Math.exp(-seconds / memory)));
      this.quick = blend(this.quick, 5);
      this.slow = blend(this.slow, 60);
    }
    this.last = { at, done };
  }

  progress(total: number | null, pass: number, doing: string | null = null): Progress {
    const done = this.last?.done ?? 0;
    const rates = [this.quick, this.slow].filter((rate): rate is number => rate !== null && rate > 0);
    // A tenth either way: an estimate of rows is no better.
    const eta =
      total === null || total <= done || rates.length === 0
        ? null
        : ([(0.9 * (total - done) * 1000) / Math.max(...rates), (1.1 * (total - done) * 1000) / Math.min(...rates)] as const);
    return { rowsDone: done, rowsTotal: total, rowsPerSecond: this.quick === null ? null : Math.round(this.quick), etaMs: eta, pass, doing };
  }
}
