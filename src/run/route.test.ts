import { describe, expect, test } from "vitest";
import { type Phase, phases, positions } from "../step/phase.ts";
import type { Act, Step, StepCore } from "../step/step.ts";
import type { RunState, StepState } from "../store/fold.ts";
import { unopened } from "../store/fold.ts";
import { type Next, route } from "./route.ts";

const atomic: Act = { kind: "statements", transactional: true, guards: [], statements: [], repair: [] };
const outside: Act = { ...atomic, transactional: false };
const checks: Act = { kind: "checks", checks: [] };
const core = (act: Act): StepCore => ({
  title: "",
  act,
  probe: null,
  locks: [],
  work: "instant",
  timeouts: { lock: 0, statement: 0 },
  why: "",
  estimate: { rows: null, ms: null, holdMs: null },
  group: null,
  mark: null,
});
const step = (id: string, act: Act, undo: readonly Act[]): Step => ({
  ...core(act),
  id,
  phase: id.split("-")[0] as Phase,
  migrations: [],
  undo: undo.map((each, i) => ({ ...core(each), id: `${id}-undo-${i + 1}` })),
});

const plan = [
  step("expand-1", atomic, [atomic]),
  step("expand-2", outside, [outside, atomic]),
  step("backfill-1", checks, []),
  step("switch-1", atomic, [outside]),
  step("retire-1", atomic, [atomic, atomic]),
];

const at = (steps: Record<string, StepState>, own: Partial<RunState> = {}): RunState => ({ ...unopened, steps, ...own });
const named = (next: Next): string =>
  next.kind === "task"
    ? `${next.way} ${next.core.id}`
    : "step" in next
      ? `${next.kind} ${next.step.id}`
      : "phase" in next
        ? `${next.kind} ${next.phase}`
        : next.kind;

/** Lets everything succeed at once. */
function follow(state: RunState, direction: "forward" | "backward", goal: RunState["goal"]): readonly string[] {
  const said: string[] = [];
  let now = state;
  for (let n = 0; n < 50; n += 1) {
    const next = route(plan, now, direction, goal);
    said.push(named(next));
    switch (next.kind) {
      case "arrived":
        return said;
      case "task": {
        const done = [...(now.undoDone[next.step.id] ?? []), next.core.id];
        const position =
          next.way === "undo" ? (positions[Math.min(positions.indexOf(now.position), phases.indexOf(next.step.phase))] ?? "start") : now.position;
        now =
          next.way === "do"
            ? { ...now, returning: null, steps: { ...now.steps, [next.step.id]: "done" } }
            : {
                ...now,
                position,
                steps: { ...now.steps, [next.step.id]: next.last ? "undone" : "undoing" },
                returning: next.step.phase,
                undoDone: { ...now.undoDone, [next.step.id]: next.last ? [] : done },
              };
        break;
      }
      case "undone":
        now = { ...now, returning: next.step.phase, steps: { ...now.steps, [next.step.id]: "undone" } };
        break;
      case "untouched":
        now = { ...now, steps: { ...now.steps, [next.step.id]: now.steps[next.step.id] === "undoing" ? "done" : "pending" } };
        break;
      case "clear-up":
        now = { ...now, steps: { ...now.steps, [next.step.id]: "done" } };
        break;
      case "phase-done":
        now = { ...now, position: next.phase };
        break;
      case "phase-undone":
        now = { ...now, position: positions[phases.indexOf(next.phase)] ?? "start" };
        break;
    }
  }
  return said;
}

const allDone = Object.fromEntries(plan.map(({ id }) => [id, "done" as const]));

describe("route", () => {
  test("forward goes through the phases in order, empty ones too", () => {
    expect(follow(unopened, "forward", "drop")).toEqual([
      "do expand-1",
      "do expand-2",
      "phase-done expand",
      "do backfill-1",
      "phase-done backfill",
      "do switch-1",
      "phase-done switch",
      "do retire-1",
      "phase-done retire",
      "phase-done drop",
      "arrived",
    ]);
  });

  test("forward stops behind its goal", () => {
    expect(follow(unopened, "forward", "expand").at(-2)).toBe("phase-done expand");
  });

  test("backward goes in reverse, each undo in its own order", () => {
    expect(follow(at(allDone, { position: "drop" }), "backward", "start")).toEqual([
      "phase-undone drop",
      "undo retire-1-undo-1",
      "undo retire-1-undo-2",
      "undo switch-1-undo-1",
      "undone backfill-1",
      "phase-undone backfill",
      "undo expand-2-undo-1",
      "undo expand-2-undo-2",
      "undo expand-1-undo-1",
      "arrived",
    ]);
  });

  test("backward stops before its goal", () => {
    expect(follow(at(allDone, { position: "retire" }), "backward", "switch")).toEqual(["undo retire-1-undo-1", "undo retire-1-undo-2", "arrived"]);
  });

  test("walking back leaves out what a transaction has not done, and looks after what was begun outside one", () => {
    expect(named(route(plan, at({ "expand-1": "started" }), "backward", "start"))).toBe("untouched expand-1");
    expect(named(route(plan, at({ "expand-1": "done", "expand-2": "started" }), "backward", "start"))).toBe("clear-up expand-2");
    expect(named(route(plan, at({ "backfill-1": "started" }), "backward", "start"))).toBe("untouched backfill-1");
  });

  test("an undo that has begun to change something is finished before going forward; one that has not is left", () => {
    const half = at({ ...allDone, "retire-1": "undoing" }, { position: "switch", undoDone: { "retire-1": ["retire-1-undo-1"] } });
    expect(follow(half, "forward", "retire")).toEqual(["undo retire-1-undo-2", "do retire-1", "phase-done retire", "arrived"]);
    expect(follow(at({ ...allDone, "retire-1": "undoing" }, { position: "switch" }), "forward", "retire")).toEqual([
      "untouched retire-1",
      "phase-done retire",
      "arrived",
    ]);
    expect(named(route(plan, at({ ...allDone, "switch-1": "undoing" }, { position: "backfill" }), "forward", "retire"))).toBe("undo switch-1-undo-1");
  });

  test("a phase that was half walked back is walked back whole before it is done again", () => {
    const half = at({ "expand-1": "done", "expand-2": "undone" }, { returning: "expand" });
    expect(follow(half, "forward", "expand")).toEqual(["undo expand-1-undo-1", "do expand-1", "do expand-2", "phase-done expand", "arrived"]);
    expect(follow(at({ "expand-1": "done", "expand-2": "undone" }), "forward", "expand")).toEqual(["do expand-2", "phase-done expand", "arrived"]);
  });
});
