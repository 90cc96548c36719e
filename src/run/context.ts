// What every act gets to work with.
import type { Backend } from "../drivers/driver.ts";
import type { Plan } from "../plan/plan.ts";
import type { Done, Happening } from "../store/event.ts";
import type { Connection } from "./connection.ts";
import { type Holes, holesOf } from "./holes.ts";
import type { Journal } from "./journal.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { Replicas } from "./replicas.ts";
import type { Task } from "./route.ts";
import type { Stops } from "./stops.ts";
import type { CarryOptions, Tools } from "./tools.ts";

export interface RunContext extends Omit<Tools, "replicas"> {
  readonly run: number;
  readonly plan: Plan;
  readonly options: CarryOptions;
  readonly lease: LeaseKeeper;
  /** Carries out the acts. */
  readonly work: Connection;
  /** Journals, watches and asks while `work` is busy. */
  readonly side: Connection;
  readonly journal: Journal;
  readonly replicas: Replicas;
  readonly stops: Stops;
}

export const holes = (context: RunContext, task: Task): Holes => holesOf(context.run, context.journal.state, task.core.group);

/** Fails with the class `fenced` when the lease is not ours. */
export const holdStatement = (context: RunContext): string => context.store.statements.hold(context.lease.hold);

const nextAttempt = (context: RunContext, task: Task): number => (context.journal.state.attempts[task.core.id] ?? 0) + 1;

/** What is journalled when an attempt begins. */
function beginning({ step, core, way }: Task, attempt: number): Happening {
  const { phase, id } = step;
  return way === "do" ? { kind: "started", step: id, attempt, phase } : { kind: "undo-started", step: core.id, attempt, of: id, phase };
}

/** Journals that an attempt begins; returns its number. */
export async function begin(context: RunContext, task: Task): Promise<number> {
  const attempt = nextAttempt(context, task);
  await context.journal.note(beginning(task, attempt));
  return attempt;
}

/** The same for an attempt that notes its intent before anything is sent. */
export function beginWithIntent(context: RunContext, task: Task): number {
  const attempt = nextAttempt(context, task);
  context.journal.owe(beginning(task, attempt));
  return attempt;
}

/** The same for an attempt that journals its beginning with its end, in one transaction: it leaves no trace where it fails. */
export function beginTogether(context: RunContext, task: Task): { readonly attempt: number; readonly started: string } {
  const attempt = nextAttempt(context, task);
  const happening = beginning(task, attempt);
  context.journal.told(happening);
  return { attempt, started: context.store.statements.note(context.run, happening) };
}

/** Before an act that keeps a cursor begins afresh. */
export async function forgetCursor(context: RunContext, task: Task): Promise<void> {
  await context.side.use((session) => session.script([holdStatement(context), context.store.statements.dropCursor(context.run, task.core.id)]));
}

/** What is journalled at the end of an act. */
export function doneEvent(task: Task, attempt: number, ms: number | null, found = false): Happening {
  const { step, core, last } = task;
  const done: Done = { phase: step.phase, ms: ms === null ? null : Math.round(ms), group: core.group, mark: core.mark, bound: null, found };
  return task.way === "do" ? { kind: "done", step: core.id, attempt, ...done } : { kind: "undo-done", step: core.id, attempt, of: step.id, last, ...done };
}

/** Journals the end of an act that does not commit with its event. */
export const noteDone = (context: RunContext, task: Task, attempt: number, ms: number, found = false): Promise<void> =>
  context.journal.note(doneEvent(task, attempt, ms, found));

/** A timeout of a step, ms; `budget` is the run's. */
export const timeout = (value: number | "budget", budget: number): number => (value === "budget" ? budget : value);

/** Ends a session of ours whose connection is lost, so that what it was doing is decided, and waits until it is gone. */
export async function endBackend(context: RunContext, backend: Backend, step: string | null): Promise<void> {
  const { driver, clock } = context;
  const since = clock.now();
  for (let attempt = 1; ; attempt += 1) {
    if (!(await context.side.use((session) => driver.alive(session, backend)))) return;
    await context.side.use((session) => driver.terminate(session, backend));
    if (attempt > 4)
      context.report({
        kind: "waiting",
        for: "backend",
        step,
        what: `our lost session to end (pid ${backend.pid})`,
        blockers: [],
        holder: null,
        sinceMs: clock.now() - since,
        attempt,
        attempts: null,
      });
    context.lease.check();
    await clock.sleep(attempt === 1 ? 20 : 250, context.lease.lost);
  }
}
