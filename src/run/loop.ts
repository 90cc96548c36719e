// The loop: from where a run stands to where it shall go, one act after another.

import { keyOf } from "../schema/names.ts";
import type { Position } from "../step/phase.ts";
import { type Act, asStatements, type Step } from "../step/step.ts";
import type { Direction } from "../store/event.ts";
import type { RunState } from "../store/fold.ts";
import { batches } from "./acts/batches.ts";
import { checks } from "./acts/checks.ts";
import { module } from "./acts/module.ts";
import { shadowCopy } from "./acts/shadow-copy.ts";
import { clearUp, statement } from "./acts/statement.ts";
import { transaction } from "./acts/transaction.ts";
import { close } from "./close.ts";
import type { RunContext } from "./context.ts";
import type { Held } from "./held.ts";
import { endAt } from "./journey.ts";
import { leave } from "./leave.ts";
import { Replicas } from "./replicas.ts";
import { type Next, route, type Task } from "./route.ts";
import { type StopRequest, Stops } from "./stops.ts";
import { type CarryOptions, carryOptions } from "./tools.ts";

export interface CarryRequest extends StopRequest {
  readonly direction: Direction;
  /** Forward: the last phase to be done. Backward: where to be back; `start` ends the run. */
  readonly goal: Position;
  /** Who asks for it. */
  readonly by: string;
  /** Keys of tables that somebody has dropped: what was done to them needs no walking back. */
  readonly gone?: ReadonlySet<string>;
  readonly options?: Partial<CarryOptions>;
}

/** Carries out one act. @param resumed it was interrupted before. @throws Problem. */
function enact(context: RunContext, task: Task, act: Act, resumed: boolean): Promise<void> {
  switch (act.kind) {
    case "statements":
      return act.transactional ? transaction(context, task, act) : statement(context, task, act);
    case "batches":
      return batches(context, task, act, resumed);
    case "checks":
      return checks(context, task, act);
    case "module":
      return module(context, task, act, resumed);
    case "shadow-copy":
      return shadowCopy(context, task, act);
  }
}

/** An undo that was begun and not finished has its attempt in the journal, and is not among the finished. */
function isResumed({ journal }: RunContext, { step, core, way }: Task): boolean {
  const { steps, current } = journal.state;
  return way === "do" ? steps[step.id] === "started" : steps[step.id] === "undoing" && current?.step === core.id;
}

async function perform(context: RunContext, next: Exclude<Next, { kind: "arrived" }>): Promise<void> {
  const { journal, plan, checkpoint } = context;
  switch (next.kind) {
    case "task":
      await checkpoint("step:before");
      await enact(context, next, next.core.act, isResumed(context, next));
      return checkpoint("step:after");
    case "clear-up": {
      const act = asStatements(next.step.act);
      if (act !== null) await clearUp(context, { step: next.step, core: next.step, way: "do", last: true }, act);
      return;
    }
    case "untouched":
      return journal.note({ kind: "untouched", step: next.step.id });
    case "undone":
      return journal.note({ kind: "undone", step: next.step.id, phase: next.step.phase });
    case "phase-done":
    case "phase-undone":
      await checkpoint("phase:before");
      // A phase without steps is passed again by whoever goes on.
      if (plan.steps.some(({ phase }) => phase === next.phase)) await journal.note({ kind: next.kind, phase: next.phase });
      else journal.owe({ kind: next.kind, phase: next.phase });
      return checkpoint("phase:after");
  }
}

/** Whether all that the step was done to is gone. */
function isGone({ group, locks }: Step, gone: ReadonlySet<string>): boolean {
  const tables = group === null ? locks.map(({ table }) => keyOf(table)) : [group];
  return tables.length > 0 && tables.every((table) => gone.has(table));
}

/** What is left of the next act where tables are gone. */
function withoutGone(next: Next, gone: ReadonlySet<string>): Next {
  const back = next.kind === "clear-up" || (next.kind === "task" && next.way === "undo");
  return back && isGone(next.step, gone) ? { kind: "undone", step: next.step } : next;
}

async function travel(context: RunContext, { direction, goal, by, gone = new Set() }: CarryRequest): Promise<void> {
  const { journal, plan, stops, checkpoint } = context;
  await journal.note({ kind: "set-out", by, direction, goal });
  for (;;) {
    stops.boundary();
    const next = withoutGone(route(plan.steps, journal.state, direction, goal), gone);
    if (next.kind === "arrived") break;
    await perform(context, next);
  }
  const outcome = endAt(direction, goal);
  if (outcome !== null) await checkpoint("run:closing");
  await journal.pay();
  if (outcome === null) return;
  await close(context, outcome);
  await checkpoint("run:closed");
}

/** A statement by itself is carried to its end by the server, and found there by whoever goes on. */
const isLeft = ({ journal }: RunContext): boolean => {
  const act = journal.state.current?.step;
  return act !== undefined && journal.state.intents[act] !== undefined;
};

/**
 * Carries a run that is held to its goal.
 * @returns where it stands then.
 * @throws Problem: `paused` (exit 130), `lock-busy`, `lease-lost` (exit 5), or what stopped a step; the run can be gone on with.
 */
export async function carry(held: Held, request: CarryRequest): Promise<RunState> {
  const options = { ...carryOptions, ...request.options };
  const stops = new Stops(held.tools.clock, held.lease, request, options.maxTimeMs);
  const replicas = new Replicas(held.tools.replicas ?? [], held.tools.clock, AbortSignal.any([request.abort, held.lease.lost]));
  const context: RunContext = {
    ...held.tools,
    replicas,
    run: held.run,
    plan: held.plan,
    options,
    lease: held.lease,
    work: held.work,
    side: held.side,
    journal: held.journal,
    stops,
  };
  // Whoever aborts wants the statement under way to end now; so does a lost lease, but for one that is left to whoever comes next.
  const cancel = (): void => void held.work.cancel();
  const lose = (): void => {
    if (!isLeft(context)) cancel();
  };
  held.work.leaveOn(request.abort);
  held.side.leaveOn(request.abort);
  request.abort.addEventListener("abort", cancel);
  held.lease.lost.addEventListener("abort", lose);
  try {
    await travel(context, request);
    return held.journal.state;
  } catch (error) {
    throw await leave(context, error);
  } finally {
    request.abort.removeEventListener("abort", cancel);
    held.lease.lost.removeEventListener("abort", lose);
    await replicas.close();
  }
}
