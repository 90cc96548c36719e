// Closing a run: the one commit that takes away what every other is told by, the lease and with it the right to ask as its holder.
import type { Outcome } from "../store/event.ts";
import type { RunContext } from "./context.ts";

/** What the run itself says, on a connection that needs no lease; false where it cannot be asked. */
async function isClosed({ driver, store, run }: RunContext, outcome: Outcome): Promise<boolean> {
  try {
    const session = await driver.connect({ purpose: `run ${run} closing` });
    try {
      return (await store.run(session, run))?.outcome === outcome;
    } finally {
      await session.close();
    }
  } catch {
    return false;
  }
}

/**
 * @throws what hindered it, where the run is not closed: a closed run has no lease, so whoever lost the answer, or whose heartbeat was faster
 * than it, meets what a takeover looks like.
 */
export async function close(context: RunContext, outcome: Outcome): Promise<void> {
  const { side, store, lease, journal } = context;
  try {
    await side.use((session) => store.close(session, lease.hold, outcome));
  } catch (error) {
    if (!(await isClosed(context, outcome))) throw error;
  }
  journal.closed(outcome);
}
