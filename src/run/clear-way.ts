// Before a strong lock: transactions that will not end soon are waited for without queueing, since whoever queues holds up everybody behind.
import type { Blocker } from "../drivers/driver.ts";
import type { Lock } from "../step/step.ts";
import type { RunContext } from "./context.ts";
import { lockBusy, nameBlockers } from "./problems.ts";
import type { Task } from "./route.ts";

/** Looking costs nobody anything. */
const pollMs = 200;
/** The journal is told when the blockers change, and else this often. */
const tellMs = 10_000;

const strongLocks = (task: Task): readonly Lock[] => task.core.locks.filter((lock) => lock.strong);

const namesOf = (task: Task): string =>
  strongLocks(task)
    .map((lock) => `${lock.mode} on ${lock.table.schema}.${lock.table.name}`)
    .join(", ");

/** Who holds or awaits a lock in our way; ourselves left out. */
export async function inTheWay(context: RunContext, task: Task, ownPid: number | null): Promise<readonly Blocker[]> {
  const strong = strongLocks(task);
  if (strong.length === 0) return [];
  const blockers = await context.side.use((session) => context.driver.blockers(session, strong));
  return blockers.filter((blocker) => blocker.pid === null || blocker.pid !== ownPid);
}

/** Who must have ended before we queue; on replicas too, where our lock arrives later and stops readers in the same way. */
async function everywhere(context: RunContext, task: Task): Promise<readonly Blocker[]> {
  const strong = strongLocks(task);
  return strong.length === 0 ? [] : [...(await inTheWay(context, task, null)), ...(await context.replicas.blockers(strong))];
}

/**
 * Returns when only short transactions are in the way, or maintenance, which yields.
 * @param patientMs a transaction that is older will not end while we wait in the queue.
 * @throws Problem `lock-busy`, `paused`, `lease-lost`.
 */
export async function clearWay(context: RunContext, task: Task, attempt: number, patientMs: number): Promise<void> {
  const { clock, options } = context;
  const since = clock.now();
  // As long as that many tries would take.
  const deadline = since + options.maxTries * Math.max(options.pauseMs, 10 * patientMs);
  let told = { key: "", at: 0 };
  for (let look = 1; ; look += 1) {
    const old = (await everywhere(context, task)).filter((blocker) => blocker.ageMs > patientMs && !blocker.maintenance);
    if (old.length === 0) return;
    const key = old.map((blocker) => `${blocker.server ?? ""} ${blocker.pid ?? blocker.gid}`).join(" ");
    if (key !== told.key || clock.now() - told.at > tellMs) {
      await context.journal.note({ kind: "waiting", step: task.core.id, attempt, blockers: old, message: nameBlockers(old) });
      told = { key, at: clock.now() };
    }
    context.report({
      kind: "waiting",
      for: "transaction",
      step: task.core.id,
      what: namesOf(task),
      blockers: old,
      holder: null,
      sinceMs: clock.now() - since,
      attempt: look,
      attempts: null,
    });
    if (clock.now() > deadline) throw lockBusy(task, look, "older transactions did not end.", old);
    await context.stops.sleep(pollMs);
  }
}
