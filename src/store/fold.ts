// A run's state is a fold over its events. Pure: an event that was seen before changes nothing.
import type { Backend, Blocker } from "../drivers/driver.ts";
import { type Phase, type Position, positions } from "../step/phase.ts";
import type { Direction, Done, Outcome, RunEvent, StoppedBy } from "./event.ts";

/**
 * - `started`: begun, and maybe interrupted.   - `undoing`: being walked back.   - `undone`: walked back; may be done again.
 * A step without an entry is pending.
 */
export type StepState = "pending" | "started" | "done" | "undoing" | "undone";

/** What holes of one group are filled with. */
export interface GroupMarks {
  /** How often a step with the mark `settle` was done. */
  readonly generation: number;
  /** The bound of the last one; `0` where there is none. */
  readonly settled: string;
  /** The bound of the last step with the mark `archive`. */
  readonly archived: string;
}

export interface RunState {
  readonly direction: Direction;
  /** The last phase that is done. */
  readonly position: Position;
  /** Where whoever set out last wanted to go. */
  readonly goal: Position;
  readonly steps: Readonly<Record<string, StepState>>;
  /** The phase of which something was walked back and nothing done since. */
  readonly returning: Phase | null;
  /** By step: the acts of its undo that are done. */
  readonly undoDone: Readonly<Record<string, readonly string[]>>;
  /** By act (a step's or an undo's id): how often it was begun. */
  readonly attempts: Readonly<Record<string, number>>;
  /** By act: the backend that was about to run it, where nothing is known of the end. */
  readonly intents: Readonly<Record<string, Backend>>;
  readonly groups: Readonly<Record<string, GroupMarks>>;
  /** The act under way or interrupted. */
  readonly current: { readonly step: string; readonly since: string } | null;
  readonly waiting: { readonly step: string; readonly since: string; readonly blockers: readonly Blocker[]; readonly message: string } | null;
  readonly lastFailure: { readonly step: string; readonly message: string } | null;
  readonly paused: { readonly at: string; readonly reason: string } | null;
  readonly pauseRequestedBy: string | null;
  readonly stopped: (StoppedBy & { readonly at: string; readonly step: string | null }) | null;
  readonly outcome: Outcome | null;
  /** The highest id that was folded in. */
  readonly lastEvent: number;
  readonly updatedAt: string | null;
}

export const unopened: RunState = {
  direction: "forward",
  position: "start",
  goal: "start",
  steps: {},
  returning: null,
  undoDone: {},
  attempts: {},
  intents: {},
  groups: {},
  current: null,
  waiting: null,
  lastFailure: null,
  paused: null,
  pauseRequestedBy: null,
  stopped: null,
  outcome: null,
  lastEvent: 0,
  updatedAt: null,
};

export const noMarks: GroupMarks = { generation: 0, settled: "0", archived: "0" };

const without = <V>(record: Readonly<Record<string, V>>, key: string): Readonly<Record<string, V>> => {
  const { [key]: _, ...rest } = record;
  return rest;
};

const before = (phase: Phase): Position => positions[positions.indexOf(phase) - 1] ?? "start";
/** A phase of which anything has been walked back is not done. */
const atMostBefore = (position: Position, phase: Phase): Position => (positions.indexOf(position) >= positions.indexOf(phase) ? before(phase) : position);

function marked(state: RunState, done: Done): Pick<RunState, "groups"> {
  if (done.mark === null) return { groups: state.groups };
  const key = done.group ?? "";
  const marks = state.groups[key] ?? noMarks;
  const bound = done.bound ?? "0";
  return {
    groups: { ...state.groups, [key]: done.mark === "settle" ? { ...marks, generation: marks.generation + 1, settled: bound } : { ...marks, archived: bound } },
  };
}

/** What ends with the end of an act. */
const atRest = (state: RunState, act: string): Pick<RunState, "intents" | "current" | "waiting" | "lastFailure"> => ({
  intents: without(state.intents, act),
  current: null,
  waiting: null,
  lastFailure: null,
});

const setOut = (state: RunState, direction: Direction, goal: Position): RunState => ({
  ...state,
  direction,
  goal,
  paused: null,
  pauseRequestedBy: null,
  stopped: null,
  waiting: null,
  outcome: null,
});

function next(state: RunState, event: RunEvent): RunState {
  switch (event.kind) {
    case "opened":
      return event.goal === undefined ? { ...state, outcome: null } : setOut(state, "backward", event.goal);
    case "taken-over":
      return state;
    case "set-out":
      return setOut(state, event.direction, event.goal);
    case "started":
      return {
        ...state,
        steps: { ...state.steps, [event.step]: "started" },
        returning: null,
        undoDone: without(state.undoDone, event.step),
        attempts: { ...state.attempts, [event.step]: event.attempt },
        current: { step: event.step, since: event.at },
        waiting: null,
      };
    case "undo-started":
      return {
        ...state,
        steps: { ...state.steps, [event.of]: "undoing" },
        attempts: { ...state.attempts, [event.step]: event.attempt },
        position: atMostBefore(state.position, event.phase),
        current: { step: event.step, since: event.at },
        waiting: null,
      };
    case "intent":
      return { ...state, intents: { ...state.intents, [event.step]: event.backend } };
    case "waiting":
      return {
        ...state,
        waiting: {
          step: event.step,
          since: state.waiting?.step === event.step ? state.waiting.since : event.at,
          blockers: event.blockers,
          message: event.message,
        },
      };
    case "failed":
      return { ...state, lastFailure: { step: event.step, message: event.message }, intents: event.lost ? state.intents : without(state.intents, event.step) };
    case "done":
      return {
        ...state,
        ...atRest(state, event.step),
        ...marked(state, event),
        steps: { ...state.steps, [event.step]: "done" },
        undoDone: without(state.undoDone, event.step),
      };
    case "undo-done": {
      const done = [...(state.undoDone[event.of] ?? []), event.step];
      return {
        ...state,
        ...atRest(state, event.step),
        ...marked(state, event),
        steps: { ...state.steps, [event.of]: event.last ? "undone" : "undoing" },
        returning: event.phase,
        undoDone: event.last ? without(state.undoDone, event.of) : { ...state.undoDone, [event.of]: done },
      };
    }
    case "undone":
      return {
        ...state,
        ...atRest(state, event.step),
        steps: { ...state.steps, [event.step]: "undone" },
        returning: event.phase,
        position: atMostBefore(state.position, event.phase),
      };
    case "untouched":
      return { ...state, ...atRest(state, event.step), steps: { ...state.steps, [event.step]: state.steps[event.step] === "undoing" ? "done" : "pending" } };
    case "phase-done":
      return { ...state, position: event.phase };
    case "phase-undone":
      return { ...state, position: atMostBefore(state.position, event.phase) };
    case "pause-requested":
      return { ...state, pauseRequestedBy: event.by };
    case "paused":
      return { ...state, paused: { at: event.at, reason: event.reason }, pauseRequestedBy: null, waiting: null };
    case "stopped":
      return { ...state, stopped: { ...event.problem, at: event.at, step: event.step }, waiting: null };
    case "closed":
      return { ...state, outcome: event.outcome, current: null, waiting: null };
    default:
      // A newer program's event: the store's version says whether that matters.
      return state;
  }
}

/** Nothing of the step is begun, or all of it is taken back. */
export const isUntouched = ({ steps }: Pick<RunState, "steps">, id: string): boolean => ["pending", "undone"].includes(steps[id] ?? "pending");

/** Folds events, in the order of their ids, into a state. */
export function fold(events: readonly RunEvent[], state: RunState = unopened): RunState {
  let folded = state;
  for (const event of events) {
    if (event.id !== null && event.id <= folded.lastEvent) continue;
    folded = { ...next(folded, event), lastEvent: event.id ?? folded.lastEvent, updatedAt: event.at };
  }
  return folded;
}
