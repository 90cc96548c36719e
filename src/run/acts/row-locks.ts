// Whose rows a batch waits for.
import type { Blocker } from "../../drivers/driver.ts";
import type { ObjectName } from "../../schema/model.ts";
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

/** Who changes rows of a table at this moment, where a batch that met a locked row did not wait for it. Never rejects. */
export async function rowChangers(context: RunContext, table: ObjectName): Promise<readonly Blocker[]> {
  const { rowChangers: mode } = context.dialect;
  if (mode === null) return [];
  const found = await context.side.use((session) => context.driver.blockers(session, [{ table, mode }])).catch(() => []);
  return found.filter(({ pid }) => pid === null || pid !== context.work.backend?.pid);
}
