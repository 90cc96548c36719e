// A run that is ours to carry: its lease, its connections, its journal.
import type { Session } from "../drivers/driver.ts";
import type { Plan } from "../plan/plan.ts";
import type { Hold } from "../store/store.ts";
import { Connection } from "./connection.ts";
import { Journal } from "./journal.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { LeaseTimes, Tools } from "./tools.ts";

export interface Held {
  readonly run: number;
  readonly plan: Plan;
  readonly tools: Tools;
  readonly lease: LeaseKeeper;
  readonly work: Connection;
  readonly side: Connection;
  readonly journal: Journal;
  /** Gives the lease back and closes all connections. Call it whatever happened; it never throws. */
  release(): Promise<void>;
}

/** Giving back must not hang on a server that does not answer; the lease then ends by itself. */
const releaseMs = 5_000;

/** @param takenAt the clock's time before the lease was asked for. */
export async function hold(tools: Tools, session: Session, taken: Hold, plan: Plan, times: LeaseTimes, takenAt: number): Promise<Held> {
  const lease = new LeaseKeeper(tools, taken, times, takenAt);
  const work = new Connection(tools, lease, "work");
  const side = new Connection(tools, lease, "journal");
  lease.start();
  const close = async (): Promise<void> => {
    await lease.stop();
    await Promise.all([work.close(), side.close()]);
  };
  const giveBack = async (): Promise<void> => {
    await work.close();
    if (!lease.lost.aborted && !journal.isClosed) await side.use((open) => tools.store.release(open, taken));
  };
  let journal: Journal;
  try {
    journal = new Journal(tools, lease, side, await tools.store.events(session, taken.run));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    run: taken.run,
    plan,
    tools,
    lease,
    work,
    side,
    journal,
    async release() {
      const given = new AbortController();
      const giving = giveBack()
        .catch(() => undefined)
        .finally(() => given.abort());
      await tools.clock.sleep(releaseMs, given.signal);
      await close();
      await giving;
    },
  };
}
