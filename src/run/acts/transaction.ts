// A step in one transaction with its event: it happens exactly once. Strong locks obey the run's budget.
import type { TransactionRequest } from "../../dialects/dialect.ts";
import type { Blocker } from "../../drivers/driver.ts";
import type { StatementsAct } from "../../step/step.ts";
import { clearWay, inTheWay } from "../clear-way.ts";
import { begin, beginTogether, doneEvent, holdStatement, holes, type RunContext, timeout } from "../context.ts";
import { Tries, timedOut } from "../failures.ts";
import { fill } from "../holes.ts";
import type { Task } from "../route.ts";
import { surrounded } from "./around.ts";
import { commit } from "./commit.ts";

/** lock_timeout is for each lock, so waiting gets half of the budget and what is done under the locks the rest. */
const waitShare = 0.5;

function requestOf(context: RunContext, task: Task, act: StatementsAct, attempt: number): TransactionRequest {
  const { core } = task;
  const budget = context.options.lockBudgetMs;
  const filled = (template: string): string => fill(template, holes(context, task));
  const strong = core.locks.some((lock) => lock.strong);
  return {
    lease: holdStatement(context),
    journal: [context.store.statements.note(context.run, doneEvent(task, attempt, null))],
    locks: core.locks,
    guards: act.guards.map(filled),
    statements: surrounded(context, task, act),
    lockTimeout: timeout(core.timeouts.lock, budget * waitShare),
    // A budget without a strong lock is nobody's: nothing is held up.
    holdTimeout: core.timeouts.statement === "budget" ? (strong ? budget : 0) : core.timeouts.statement,
  };
}

/**
 * Looks once, while the locks are being waited for, who is in the way: afterwards they may have gone. Whoever began later than we
 * did is behind us. Never rejects.
 */
async function watchBlockers(context: RunContext, task: Task, pid: number, afterMs: number, ended: AbortSignal): Promise<readonly Blocker[]> {
  if (afterMs <= 0 || !task.core.locks.some((lock) => lock.strong)) return [];
  const since = context.clock.now();
  await context.clock.sleep(afterMs, ended);
  if (ended.aborted) return [];
  const found = await inTheWay(context, task, pid).catch(() => []);
  return found.filter((blocker) => blocker.ageMs >= context.clock.now() - since);
}

/** @throws Problem. */
export async function transaction(context: RunContext, task: Task, act: StatementsAct): Promise<void> {
  const tries = new Tries(context, task);
  for (;;) {
    // A plain migration waits for nobody, and hundreds of them want no message of their own for each beginning.
    const isPlain = context.plan.mode === "plain" && task.way === "do" && task.core.locks.length === 0;
    if (isPlain) await context.journal.pay();
    const { attempt, started } = isPlain ? beginTogether(context, task) : { attempt: await begin(context, task), started: null };
    const asked = requestOf(context, task, act, attempt);
    const request = started === null ? asked : { ...asked, journal: [started, ...asked.journal] };
    await clearWay(context, task, attempt, request.lockTimeout);
    await context.checkpoint("transaction:before");
    const session = await context.work.session();
    const ended = new AbortController();
    const since = context.clock.now();
    const watched = watchBlockers(context, task, session.backend.pid, request.lockTimeout / 2, ended.signal);
    try {
      await commit(context, task, attempt, context.dialect.transaction(request), request.holdTimeout);
      // Whoever goes on after a crash has a session of his own too.
      if (context.dialect.leavesState(act.statements)) await context.work.close();
      return;
    } catch (error) {
      // What was set for it may not have been set back.
      if (act.around !== undefined) await session.close();
      const waited = context.clock.now() - since;
      const late = timedOut(context, task, error, waited);
      if (late !== null) throw late;
      await tries.again(error, attempt, request.lockTimeout, await watched);
    } finally {
      ended.abort();
      await watched;
    }
  }
}
