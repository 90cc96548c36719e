// Which act comes next: pure, from the plan, what has happened and where to go.
import { type Phase, type Position, phaseIndex, phases, positions } from "../step/phase.ts";
import { type Act, asStatements, type Step, type StepCore } from "../step/step.ts";
import type { Direction } from "../store/event.ts";
import type { RunState } from "../store/fold.ts";

/** An act to be carried out: a step's own, or one of its undo. */
export interface Task {
  readonly step: Step;
  readonly core: StepCore & { readonly id: string };
  readonly way: "do" | "undo";
  /** Nothing of the step's undo is left after this one; true for the step itself. */
  readonly last: boolean;
}

export type Next =
  | ({ readonly kind: "task" } & Task)
  /** Interrupted outside a transaction, and to be walked back: find out what became of it. */
  | { readonly kind: "clear-up"; readonly step: Step }
  /** Begun without effect, and not wanted any more. */
  | { readonly kind: "untouched"; readonly step: Step }
  /** Has nothing to walk back. */
  | { readonly kind: "undone"; readonly step: Step }
  | { readonly kind: "phase-done"; readonly phase: Phase }
  | { readonly kind: "phase-undone"; readonly phase: Phase }
  | { readonly kind: "arrived" };

/** Such an act has either committed with its event or had no effect at all. */
export const isAtomic = (act: Act): boolean =>
  act.kind === "checks" || (act.kind === "statements" && act.transactional) || (act.kind === "shadow-copy" && act.form === "beside");

/**
 * Begun without effect: it was not sent yet, or the server has answered that it did nothing. (Of several statements some may have been done,
 * and what can be repaired leaves something to repair.)
 */
export function isWithoutEffect({ id, act }: Step, { intents }: RunState): boolean {
  if (isAtomic(act)) return true;
  const sent = asStatements(act);
  return sent !== null && sent.statements.length === 1 && sent.repair.length === 0 && sent.partial !== true && intents[id] === undefined;
}

function undoing(step: Step, state: RunState): Next {
  const done = state.undoDone[step.id] ?? [];
  const left = step.undo.filter((core) => !done.includes(core.id));
  const [core] = left;
  return core === undefined ? { kind: "undone", step } : { kind: "task", step, core, way: "undo", last: left.length === 1 };
}

function forwardStep(step: Step, state: RunState): Next | null {
  switch (state.steps[step.id] ?? "pending") {
    case "done":
      return null;
    case "undoing": {
      // Walking it back is finished first, unless that has had no effect: else a refused undo would leave no way at all.
      const [first] = step.undo;
      const begun = (state.undoDone[step.id] ?? []).length > 0;
      return !begun && first !== undefined && isAtomic(first.act) ? { kind: "untouched", step } : undoing(step, state);
    }
    default:
      return { kind: "task", step, core: step, way: "do", last: true };
  }
}

function backwardStep(step: Step, state: RunState): Next | null {
  switch (state.steps[step.id] ?? "pending") {
    case "pending":
    case "undone":
      return null;
    case "started":
      if (isWithoutEffect(step, state)) return { kind: "untouched", step };
      return asStatements(step.act) !== null ? { kind: "clear-up", step } : undoing(step, state);
    default:
      return undoing(step, state);
  }
}

const first = (steps: readonly Step[], next: (step: Step) => Next | null): Next | null => {
  for (const step of steps) {
    const found = next(step);
    if (found !== null) return found;
  }
  return null;
};

/** The next thing to do on the way to the goal. */
export function route(steps: readonly Step[], state: RunState, direction: Direction, goal: Position): Next {
  const place = positions.indexOf(goal);
  const of = (phase: Phase): readonly Step[] => steps.filter((step) => step.phase === phase);
  if (direction === "forward") {
    for (const phase of phases.slice(0, place)) {
      // A step's undo may take along what the steps before it prepared; only a phase walked back whole can be done again.
      const back = state.returning === phase ? first(of(phase).toReversed(), (step) => backwardStep(step, state)) : null;
      if (back !== null) return back;
      const next = first(of(phase), (step) => forwardStep(step, state));
      if (next !== null) return next;
      if (positions.indexOf(state.position) <= phaseIndex(phase)) return { kind: "phase-done", phase };
    }
    return { kind: "arrived" };
  }
  for (const phase of phases.slice(place).reverse()) {
    const next = first(of(phase).toReversed(), (step) => backwardStep(step, state));
    if (next !== null) return next;
    if (positions.indexOf(state.position) > phaseIndex(phase)) return { kind: "phase-undone", phase };
  }
  return { kind: "arrived" };
}
