// A statement outside a transaction that waits for a table holds up whoever comes after it, also when it has worked for an hour and
// waits a second time at its end. Where the server cannot end such a wait in time, we do, from another connection.
import type { Blocker, Session } from "../../drivers/driver.ts";
import { inTheWay } from "../clear-way.ts";
import type { RunContext } from "../context.ts";
import type { Task } from "../route.ts";

/** Looking costs the server a fraction of a millisecond. */
const [shortestPollMs, longestPollMs] = [20, 250];

export interface QueueWatch {
  /** True where the statement was ended by us. */
  readonly spent: boolean;
  /** Who was in its way when it was seen waiting. */
  readonly blockers: readonly Blocker[];
  stop(): Promise<void>;
}

/** Whose statement may wait, and what ends it. */
type Queued = Pick<Session, "backend" | "cancel">;

const nobody: QueueWatch = { spent: false, blockers: [], stop: async () => undefined };

class Watch implements QueueWatch {
  spent = false;
  blockers: readonly Blocker[] = [];
  private readonly stopping = new AbortController();
  private readonly watching: Promise<void>;

  constructor(context: RunContext, task: Task, session: Queued, limitMs: number, query: string) {
    this.watching = this.watch(context, task, session, limitMs, query);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.watching;
  }

  private async watch(context: RunContext, task: Task, session: Queued, limitMs: number, query: string): Promise<void> {
    const pollMs = Math.min(longestPollMs, Math.max(shortestPollMs, limitMs / 4));
    let since: number | null = null;
    for (;;) {
      await context.clock.sleep(pollMs, this.stopping.signal, context.lease.lost);
      if (this.stopping.signal.aborted || context.lease.lost.aborted) return;
      const [rows = []] = await context.side.use((side) => side.script([query])).catch(() => [[]]);
      if (this.stopping.signal.aborted) return;
      if (rows.length === 0) {
        since = null;
        continue;
      }
      const now = context.clock.now();
      if (since === null) {
        since = now;
        this.blockers = await inTheWay(context, task, session.backend.pid).catch(() => []);
      } else if (now - since >= limitMs) {
        this.spent = true;
        await session.cancel().catch(() => undefined);
        // Who had only just begun when the wait did is worth naming by now, and nobody waits for the answer any more.
        if (this.blockers.length === 0) this.blockers = await inTheWay(context, task, session.backend.pid).catch(() => []);
      }
    }
  }
}

/** @param limitMs how long it may wait, ms; 0: for ever. */
export function watchQueue(context: RunContext, task: Task, session: Queued, limitMs: number): QueueWatch {
  const { queued } = context.dialect;
  if (queued === null || limitMs <= 0 || !task.core.locks.some((lock) => lock.strong)) return nobody;
  return new Watch(context, task, session, limitMs, queued(session.backend.pid));
}
