// Whose rows a batch waits for.
import type { Blocker } from "../../drivers/driver.ts";
import type { RunContext } from "../context.ts";

/**
 * Looks once while the work's session waits, for afterwards they may have gone. Never rejects.
 * @param afterMs so long that a short wait costs nobody a question.
 */
export async function watchRowLocks(context: RunContext, afterMs: number, ended: AbortSignal): Promise<readonly Blocker[]> {
  await context.clock.sleep(afterMs, ended);
  const { backend } = context.work;
  if (ended.aborted || backend === null) return [];
  return context.side.use((session) => context.driver.waitedFor(session, backend)).catch(() => []);
}
