// How long requests took: kept one by one, so that every figure is exact.

/** From and to, ms by the machine's clock. */
export type Stretch = readonly [from: number, to: number];

/** The value that so many hundredths of all values do not exceed; 0 where there are none. */
export function percentile(values: readonly number[], hundredths: number): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * hundredths) / 100) - 1)] ?? 0;
}

/** The largest of many values; 0 where there are none. */
export const longest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

/** All requests of one application: when each was due, and how long after that it was answered. */
export class Latencies {
  private readonly due: number[] = [];
  private readonly took: number[] = [];

  get count(): number {
    return this.due.length;
  }

  /** @param times due and duration in turn. */
  add(times: readonly number[]): void {
    for (let i = 0; i + 1 < times.length; i += 2) {
      this.due.push(times[i] ?? 0);
      this.took.push(times[i + 1] ?? 0);
    }
  }

  /** Durations of the requests that were under way at any time of these stretches. */
  within(stretches: readonly Stretch[]): readonly number[] {
    return this.took.filter((ms, i) => {
      const due = this.due[i] ?? 0;
      return stretches.some(([from, to]) => due <= to && due + ms >= from);
    });
  }

  /** Durations of the requests that were due since. The newest come last but for those that waited, so a look from the end has to go a little further. */
  since(from: number): readonly number[] {
    let i = this.due.length;
    const slack = from - 5000;
    const found: number[] = [];
    while (i > 0 && (this.due[i - 1] ?? 0) >= slack) {
      i -= 1;
      if ((this.due[i] ?? 0) >= from) found.push(this.took[i] ?? 0);
    }
    return found;
  }

  /** The longest durations by slots of time, oldest first; null: nothing was due in it. */
  slots(until: number, width: number, count: number): readonly (number | null)[] {
    const slots = new Array<number | null>(count).fill(null);
    const from = (Math.floor(until / width) - count + 1) * width;
    for (let i = this.due.length - 1; i >= 0 && (this.due[i] ?? 0) >= from - 5000; i -= 1) {
      const slot = Math.floor(((this.due[i] ?? 0) - from) / width);
      if (slot >= 0 && slot < count) slots[slot] = Math.max(slots[slot] ?? 0, this.took[i] ?? 0);
    }
    return slots;
  }
}
