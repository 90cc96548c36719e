// What an engine tells of an application that is watched while a run goes through its table.

/** Longest times that any client was seen waiting behind a session of ours, ms. */
export interface Waits {
  readonly longestLockMs: number;
  readonly longestRowMs: number;
}

export interface Watch {
  stop(): Promise<Waits>;
}

/** A server with the table `people (id, name, email)`. */
export interface Application {
  /** For the run. */
  readonly url: string;
  /** For the application. */
  readonly clientUrl: string;
  /** A type for short texts. */
  readonly text: string;
  seed(rows: number): Promise<void>;
  /** Ends what the server still does about the round before. */
  settle(): Promise<void>;
  watch(): Promise<Watch>;
  stop(): Promise<void>;
}

const everyMs = 10;

/** One client that waits now. `sinceMs`: for how long, where the server tells. */
export interface Waiting {
  /** The same as long as it is the same wait. */
  readonly key: string;
  readonly isTable: boolean;
  readonly sinceMs?: number;
}

/** Looks every 10 ms, which is added to what was seen where the server does not tell how long a wait has lasted. */
export function watchBy(look: () => Promise<readonly Waiting[]>): { stop(): Promise<Waits> } {
  let [stopped, longestLockMs, longestRowMs] = [false, 0, 0];
  const seen = new Map<string, number>();
  const watching = (async () => {
    while (!stopped) {
      const now = performance.now();
      const waiting = await look();
      for (const { key, isTable, sinceMs } of waiting) {
        const since = seen.get(key) ?? now;
        seen.set(key, since);
        const ms = sinceMs ?? now - since + everyMs;
        if (isTable) longestLockMs = Math.max(longestLockMs, ms);
        else longestRowMs = Math.max(longestRowMs, ms);
      }
      const here = new Set(waiting.map(({ key }) => key));
      for (const key of seen.keys()) if (!here.has(key)) seen.delete(key);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return { longestLockMs, longestRowMs };
    },
  };
}
