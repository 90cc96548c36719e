// Watches, all the while, whether anybody waits for a lock behind Hotstick, and for how long.
import type { Inspector, LockSample, LockWait } from "./engine.ts";

/** Often enough to see each wait that a person could notice; the server tells since when it lasts. */
const everyMs = 15;

/** Sessions of others that wait for Hotstick, or for somebody who waits for it. */
export function behindHotstick({ waits, hotstick }: LockSample): readonly LockWait[] {
  const behind = new Set(hotstick);
  // Each round finds those who wait for the ones found so far.
  for (let size = -1; size !== behind.size; ) {
    size = behind.size;
    for (const wait of waits) if (wait.behind.some((session) => behind.has(session))) behind.add(wait.session);
  }
  return waits.filter(({ session }) => behind.has(session) && !hotstick.includes(session));
}

export class LockWatch {
  /** Longest waits so far, ms. */
  longestTable = 0;
  longestRow = 0;
  /** Who waits this moment. */
  now: readonly LockWait[] = [];
  private readonly inspector: Inspector;
  private stopped = false;
  private watching: Promise<void> | null = null;

  constructor(inspector: Inspector) {
    this.inspector = inspector;
  }

  get longest(): number {
    return Math.max(this.longestTable, this.longestRow);
  }

  /** Goes on until it is stopped. */
  watch(): Promise<void> {
    this.watching ??= this.look();
    return this.watching;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.watching?.catch(() => undefined);
  }

  private async look(): Promise<void> {
    while (!this.stopped) {
      this.now = behindHotstick(await this.inspector.locks());
      for (const { table, ms } of this.now) {
        if (table) this.longestTable = Math.max(this.longestTable, ms);
        else this.longestRow = Math.max(this.longestRow, ms);
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
