// A run as people see it: from its plan and the fold of its journal. Pure, but for `readView`.
import type { Finding } from "../finding.ts";
import type { Plan } from "../plan/plan.ts";
import { journeyOf } from "../run/journey.ts";
import { type Phase, phases, positions } from "../step/phase.ts";
import type { RunEvent } from "../store/event.ts";
import { type RunState as Folded, fold, isUntouched } from "../store/fold.ts";
import type { Cursor, Lease, RunHeader } from "../store/store.ts";
import type { Evidence, PhaseView, Progress, RunState, RunView, StepView, Waiting } from "./contract.ts";
import { nextOf } from "./next.ts";
import type { Parts } from "./parts.ts";
import { stepsById } from "./teller.ts";

/** What the database holds of one run. */
export interface Stored {
  readonly header: RunHeader;
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  readonly cursors: Readonly<Record<string, Cursor>>;
  /** Null where the run is closed. */
  readonly lease: Lease | null;
  /** The holder's sessions are gone, though its lease has not ended yet. */
  readonly abandoned: boolean;
}

const isPast = (state: Folded, phase: Phase): boolean => positions.indexOf(state.position) >= positions.indexOf(phase);

export function railOf(plan: Plan, state: Folded): readonly PhaseView[] {
  return phases.map((phase) => {
    const steps = plan.steps.filter((step) => step.phase === phase);
    const begun = steps.filter(({ id }) => !isUntouched(state, id));
    const stepsDone = steps.filter(({ id }) => state.steps[id] === "done").length;
    const known = isPast(state, phase) ? "done" : begun.length > 0 ? "active" : "pending";
    return { phase, state: steps.length === 0 ? "empty" : known, steps: steps.length, stepsDone };
  });
}

/** @param header of the run, `outcome` included. */
export function stateOf({ header, plan, events, lease, abandoned }: Omit<Stored, "cursors">, state: Folded): RunState {
  if (header.outcome === "applied") return "complete";
  if (header.outcome === "reverted") return events.some((event) => event.kind === "closed" && event.outcome === "applied") ? "undone" : "rolled-back";
  if (lease !== null && lease.holder !== null && !lease.expired && !abandoned) return "working";
  if (state.stopped !== null) return "stopped";
  if (state.paused !== null) return "paused";
  return journeyOf(plan.steps, state) === "arrived" ? "resting" : "interrupted";
}

function stepOf(plan: Plan, state: Folded): StepView | null {
  const id = state.current?.step;
  const step = id === undefined ? undefined : stepsById(plan).get(id);
  return step === undefined ? null : { ...step, attempt: state.attempts[step.id] ?? 1 };
}

const progressOf = (cursor: Cursor | undefined): Progress | null =>
  cursor === undefined || cursor.seen === 0 ? null : { rowsDone: cursor.seen, rowsTotal: cursor.total, rowsPerSecond: null, etaMs: null, pass: cursor.pass };

const waitingOf = (state: Folded, now: number): Waiting | null =>
  state.waiting === null
    ? null
    : {
        for: "transaction",
        what: state.waiting.message,
        blockers: state.waiting.blockers,
        sinceMs: Math.max(0, now - Date.parse(state.waiting.since)),
        attempt: state.attempts[state.waiting.step] ?? 1,
        attempts: null,
      };

/** @param several more than one run is open, so commands must name theirs. */
export function viewOf(
  stored: Stored,
  {
    several,
    now,
    oldUsers = [],
    findings = [],
  }: { readonly several: boolean; readonly now: number; readonly oldUsers?: readonly Evidence[]; readonly findings?: readonly Finding[] },
): RunView {
  const { header, plan, events, cursors, lease } = stored;
  const folded = fold(events);
  const state = stateOf(stored, folded);
  const step = header.outcome === null ? stepOf(plan, folded) : null;
  const view: Omit<RunView, "next"> = {
    id: String(header.id),
    migrations: header.migrations,
    mode: plan.mode,
    state,
    position: folded.position,
    direction: folded.direction === "forward" ? "forward" : "back",
    rail: railOf(plan, folded),
    ready: plan.mode === "phased" && isPast(folded, "backfill") && header.outcome !== "reverted",
    step,
    progress: step === null ? null : progressOf(cursors[step.id]),
    waiting: state === "working" ? waitingOf(folded, now) : null,
    holder: state === "working" && lease?.holder ? { name: lease.holder.name, pid: lease.holder.pid, silentMs: Math.round(lease.silentMs) } : null,
    problem:
      folded.stopped === null || header.outcome !== null
        ? null
        : { code: folded.stopped.code, message: folded.stopped.message, hint: folded.stopped.hint, subject: null, done: null, details: folded.stopped.details },
    oldUsers,
    findings,
    startedAt: header.startedAt,
    updatedAt: folded.updatedAt ?? header.startedAt,
    finishedAt: header.closedAt,
  };
  return { ...view, next: nextOf(view, several) };
}

/** Null where there is no such run. */
export async function readStored({ ask, store, driver }: Parts, id: number): Promise<Stored | null> {
  return ask(async (session) => {
    const run = await store.run(session, id);
    if (run === null) return null;
    const { plan, ...header } = run;
    const events = await store.events(session, id);
    const cursors = await store.cursors(session, id);
    const lease = header.outcome === null ? await store.lease(session, id) : null;
    // Younger ones may not have recorded a session yet.
    let abandoned = lease !== null && lease.holder !== null && lease.silentMs > 2_000 && lease.backends.length > 0;
    for (const backend of abandoned ? (lease?.backends ?? []) : []) abandoned = abandoned && !(await driver.alive(session, backend));
    return { header, plan, events, cursors, lease, abandoned };
  });
}
