// Statements that the server refuses inside a transaction: intent, act, probe, done. Killing us does not stop the server, so an
// interrupted one is looked for before anything is concluded.
import type { Backend, Session } from "../../drivers/driver.ts";
import { asStatements, type StatementsAct } from "../../step/step.ts";
import { clearWay } from "../clear-way.ts";
import { beginWithIntent, doneEvent, endBackend, holdStatement, holes, noteDone, type RunContext, timeout } from "../context.ts";
import { failureOf, Tries, timedOut, WaitedTooLong } from "../failures.ts";
import { fill } from "../holes.ts";
import { isAt } from "../left-at-work.ts";
import { isPartial, nameTaken, sentBefore } from "../problems.ts";
import type { Task } from "../route.ts";
import { within } from "./around.ts";
import { type QueueWatch, watchQueue } from "./queue.ts";
import { watchProgress } from "./watch.ts";

type ProbeState = "done" | "absent" | "broken" | "other";

/** What there is of it; null where it has no probe. */
async function probe(context: RunContext, task: Task): Promise<ProbeState | null> {
  const { probe: asked } = task.core;
  if (asked === null) return null;
  const [rows] = await context.side.use((session) => session.script([fill(asked.query, holes(context, task))]));
  const state = rows?.[0]?.["state"];
  if (state !== "done" && state !== "absent" && state !== "broken" && state !== "other") throw new Error(`the probe of ${task.core.id} says ${String(state)}`);
  return state;
}

/** Waiting gets half of the budget, and what is done under the lock the rest. */
const waitMs = (context: RunContext, { core }: Task): number => timeout(core.timeouts.lock, context.options.lockBudgetMs / 2);

/** What an attempt may have made others wait, ms. */
const stallMs = (context: RunContext, { core }: Task, elapsedMs: number): number =>
  core.locks.some((lock) => lock.strong) ? Math.min(elapsedMs, context.options.lockBudgetMs) : 0;

/** Whether its probe can say anything: not where what it makes may be somebody else's. */
const mayBeDone = ({ journal }: RunContext, { core }: Task): boolean => core.probe?.afterIntent !== true || journal.state.intents[core.id] !== undefined;

/**
 * Sends one by one. The hold cannot last beyond its own message, which is the statement's where it may be: a zombie is stopped by it, or
 * ended by whoever takes over.
 */
async function run(context: RunContext, task: Task, session: Session, statements: readonly string[]): Promise<void> {
  const { statement } = task.core.timeouts;
  const limits = { lock: waitMs(context, task), statement: timeout(statement, context.options.lockBudgetMs), alone: true };
  const before = [...context.dialect.prelude(limits), holdStatement(context)];
  const apart = context.dialect.messageIsTransaction;
  if (apart) await session.script(before);
  for (const template of statements) {
    // There is nothing yet that could be cancelled.
    if (context.stops.aborted) context.stops.boundary();
    const text = fill(template, holes(context, task));
    const sent = session.script(apart ? [text] : [...before, text], { limitMs: limits.statement });
    sent.catch(() => undefined);
    await context.checkpoint("statement:sent");
    await sent;
  }
}

/**
 * A session of an earlier try may still be at work there: its end is waited for, or brought about where nobody wants its work, where it holds
 * up others at its end for too long, and where it only idles, behind a connection that the server believes in.
 */
async function settle(context: RunContext, task: Task, wanted: boolean): Promise<void> {
  const backend: Backend | undefined = context.journal.state.intents[task.core.id];
  if (backend === undefined || backend.pid === (await context.work.session()).backend.pid) return;
  if (!wanted) return endBackend(context, backend, task.core.id);
  const { act } = task.core;
  const texts = asStatements(act)?.statements ?? [];
  const end = (): Promise<void> => endBackend(context, backend, task.core.id);
  const watching = watchProgress(context, task, backend.pid);
  const queue = watchQueue(context, task, { backend, cancel: end }, waitMs(context, task));
  try {
    for (let attempt = 1; await context.side.use((session) => context.driver.alive(session, backend)); attempt += 1) {
      if (!(await context.side.use((session) => isAt(context, session, backend, texts, holes(context, task))))) return await end();
      context.report({
        kind: "waiting",
        for: "backend",
        step: task.core.id,
        what: `the server to finish what pid ${backend.pid} began`,
        blockers: [],
        holder: null,
        sinceMs: attempt * 1000,
        attempt,
        attempts: null,
      });
      await context.stops.sleep(1_000);
    }
  } finally {
    await Promise.all([watching.stop(), queue.stop()]);
  }
}

/** Repairs what a failed try left, at once: an invalid unique index goes on refusing the application's writes. */
async function repair(context: RunContext, task: Task, act: StatementsAct): Promise<ProbeState | null> {
  const state = await probe(context, task);
  if (state !== "broken") return state;
  await run(context, task, await context.work.session(), act.repair);
  return probe(context, task);
}

/** A statement that the server refused has done nothing: what it would have made, if it is there, is not ours. One of several things may have done some. */
async function settleRefusal(context: RunContext, task: Task, error: unknown, attempt: number): Promise<void> {
  const { driver, journal, stops } = context;
  if (isPartial(task)) return;
  if ((task.core.probe !== null && task.core.probe.afterIntent !== true) || stops.aborted || !["refused", "denied", "fatal"].includes(driver.classify(error)))
    return;
  await journal.note({ kind: "failed", step: task.core.id, attempt, message: driver.describe(error), lost: false });
}

/** One try. @param unknown what came of an earlier one. @throws the server's error, or `WaitedTooLong`. */
async function attemptIt(context: RunContext, task: Task, act: StatementsAct, attempt: number, unknown: boolean): Promise<void> {
  await clearWay(context, task, attempt, waitMs(context, task));
  const session = await context.work.session();
  const { backend } = session;
  await context.journal.note({ kind: "intent", step: task.core.id, attempt, backend });
  await context.checkpoint("statement:intended");
  const watching = watchProgress(context, task, backend.pid);
  const queue: QueueWatch = watchQueue(context, task, session, waitMs(context, task));
  try {
    await within(context, task, session, act, () => run(context, task, session, act.statements));
  } catch (error) {
    await queue.stop();
    const kind = context.driver.classify(error);
    if (!queue.spent && !(unknown && context.driver.isAlreadySo(error))) await settleRefusal(context, task, error, attempt);
    throw kind !== "lost" && (queue.spent || (kind === "retry" && queue.blockers.length > 0)) ? new WaitedTooLong(error, queue.blockers) : error;
  } finally {
    await Promise.all([watching.stop(), queue.stop()]);
  }
  await context.checkpoint("statement:returned");
}

/** What a probe shows may be journalled a moment later, with the next step's intent; what nothing shows is written down at once. */
async function end(context: RunContext, task: Task, attempt: number, ms: number, found: boolean): Promise<void> {
  if (task.core.probe === null) await noteDone(context, task, attempt, ms, found);
  else context.journal.owe(doneEvent(task, attempt, ms, found));
}

/** @throws Problem. */
export async function statement(context: RunContext, task: Task, act: StatementsAct): Promise<void> {
  const tries = new Tries(context, task);
  for (;;) {
    await settle(context, task, true);
    const attempt = beginWithIntent(context, task);
    // Without a probe nobody knows what came of it; and a probe knows only the whole.
    const unknown = (task.core.probe === null || isPartial(task)) && context.journal.state.intents[task.core.id] !== undefined;
    const since = context.clock.now();
    try {
      let state = mayBeDone(context, task) ? await repair(context, task, act) : null;
      if (state === "other") throw nameTaken(task);
      const found = state === "done";
      if (!found) {
        await attemptIt(context, task, act, attempt, unknown);
        state = await probe(context, task);
        if (state !== "done" && state !== null) throw new Error(`${task.core.id} was carried out, and its probe says ${state}`);
      }
      await context.checkpoint("statement:probed");
      await end(context, task, attempt, context.clock.now() - since, found);
      return;
    } catch (error) {
      // Whoever aborts wants to leave at once; and behind a lost connection the statement may still be at work.
      if (!context.stops.aborted && context.driver.classify(error) !== "lost") await repair(context, task, act).catch(() => undefined);
      const late = timedOut(context, task, error, context.clock.now() - since);
      if (late !== null) throw late;
      if (unknown && context.driver.isAlreadySo(error)) throw sentBefore(task, context.driver.describe(error), error);
      await tries.again(error, attempt, stallMs(context, task, context.clock.now() - since));
    }
  }
}

/** Interrupted, and to be walked back: afterwards it is either done or untouched. @throws Problem. */
export async function clearUp(context: RunContext, task: Task, act: StatementsAct): Promise<void> {
  try {
    await settle(context, task, false);
    const state = mayBeDone(context, task) ? await repair(context, task, act) : "absent";
    // Without a probe nobody knows, nor of what may be done by half; its undo must do in all cases.
    if (state === "done" || state === null || (isPartial(task) && context.journal.state.intents[task.core.id] !== undefined))
      await noteDone(context, task, context.journal.state.attempts[task.core.id] ?? 1, 0, true);
    else await context.journal.note({ kind: "untouched", step: task.step.id });
  } catch (error) {
    throw failureOf(context, task, error);
  }
}
