// Numbers as people read them.

/** `340 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: two units at most. */
export function time(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} s`;
  const seconds = Math.round(ms / 1000);
  const two = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
    `${large} ${largeUnit}${small > 0 ? ` ${small} ${smallUnit}` : ""}`;
  if (seconds < 3600) return two(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return two(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** `840 MB`, `1.2 GB`; a table that holds anything has at least a megabyte. */
export function size(bytes: number): string {
  const megabytes = Math.max(1, Math.round(bytes / 1_000_000));
  return megabytes < 1000 ? `${megabytes} MB` : `${(bytes / 1_000_000_000).toFixed(1).replace(/\.0$/, "")} GB`;
}

/** Rounds to what an estimate is worth: one unit only. */
function roughly(ms: number): string {
  if (ms < 60_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}

/** `3–5 min`, `40 s to 2 min`, or one time where both ends read the same. */
export function range([low, high]: readonly [number, number]): string {
  const [from, to] = [roughly(low), roughly(high)];
  if (from === to) return from;
  const [number, unit] = from.split(" ") as [string, string];
  return to.endsWith(` ${unit}`) ? `${number}–${to}` : `${from} to ${to}`;
}

/** How far, as a number from 0 to 1; below 1 until it is known to be done, for totals are estimates. */
export const ratio = (done: number, total: number): number => (total <= 0 ? 0 : Math.min(0.99, done / total));
