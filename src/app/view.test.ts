import { describe, expect, test } from "vitest";
import type { Plan } from "../plan/plan.ts";
import type { Phase } from "../step/phase.ts";
import type { Happening, RunEvent } from "../store/event.ts";
import { fold } from "../store/fold.ts";
import type { Lease } from "../store/store.ts";
import { nextGoal } from "./forward.ts";
import { lastRecord } from "./shape-record.ts";
import { viewOf } from "./view.ts";

const step = (phase: Phase) => ({ id: `${phase}-1`, title: phase, phase, undo: [] }) as unknown as Plan["steps"][number];
const plan = { mode: "phased", tables: [], steps: [step("expand"), step("switch"), step("retire")] } as unknown as Plan;
const header = { id: 7, planHash: "", migrations: ["a"], by: "ada@home", startedAt: "2026-01-01T00:00:00Z", closedAt: null, outcome: null };
const told = (happenings: readonly Happening[]): readonly RunEvent[] => happenings.map((each, i) => ({ ...each, id: i + 1, at: "2026-01-01T00:00:01Z" }));
const lease: Lease = { run: 7, token: "t", holder: null, since: "", expiresAt: "", silentMs: 0, expired: true, backends: [] };
const held: Lease = { ...lease, holder: { name: "ada@home", pid: 1, version: "" }, expired: false };

const opened: Happening = { kind: "opened", by: "ada@home", migrations: ["a"] };
const setOut: Happening = { kind: "set-out", by: "ada@home", direction: "forward", goal: "backfill" };
const started: Happening = { kind: "started", step: "expand-1", attempt: 1, phase: "expand" };
const done: Happening = { kind: "done", step: "expand-1", attempt: 1, phase: "expand", ms: 5, group: null, mark: null, bound: null, found: false };
const ready: readonly Happening[] = [opened, setOut, started, done, { kind: "phase-done", phase: "expand" }, { kind: "phase-done", phase: "backfill" }];

const view = (happenings: readonly Happening[], own: Partial<Parameters<typeof viewOf>[0]> = {}, several = false) =>
  viewOf({ header, plan, events: told(happenings), cursors: {}, lease, abandoned: false, ...own }, { several, now: Date.parse("2026-01-01T00:00:05Z") });

describe("a run as people see it", () => {
  test.each<[string, readonly Happening[], Partial<Parameters<typeof viewOf>[0]>, object]>([
    ["nobody set out with it", [opened], {}, { state: "interrupted", next: { command: "hotstick resume" } }],
    ["somebody carries it", [opened, setOut, started], { lease: held }, { state: "working", step: { id: "expand-1" }, holder: { name: "ada@home" } }],
    ["its driver is gone", [opened, setOut, started], { lease: held, abandoned: true }, { state: "interrupted", holder: null }],
    ["it is ready", ready, {}, { state: "resting", position: "backfill", ready: true, next: { command: "hotstick advance" } }],
    ["it was paused", [...ready.slice(0, 3), { kind: "paused", reason: "interrupt" }], {}, { state: "paused" }],
    [
      "a problem stopped it",
      [...ready.slice(0, 3), { kind: "stopped", step: "expand-1", problem: { code: "lock-busy", message: "m", hint: null, details: null } }],
      {},
      { state: "stopped", problem: { code: "lock-busy" } },
    ],
    [
      "it is on its way back",
      [...ready, { ...setOut, direction: "backward", goal: "expand" }, { kind: "phase-undone", phase: "backfill" }],
      {},
      { state: "resting", direction: "back", next: { command: "hotstick rollback" } },
    ],
    ["it is complete", ready, { header: { ...header, outcome: "applied", closedAt: "2026-01-02T00:00:00Z" }, lease: null }, { state: "complete", next: null }],
    [
      "it was undone",
      [
        { kind: "closed", outcome: "applied" },
        { kind: "closed", outcome: "reverted" },
      ],
      { header: { ...header, outcome: "reverted", closedAt: "2026-01-02T00:00:00Z" }, lease: null },
      { state: "undone" },
    ],
  ])("%s", (_, happenings, own, expected) => {
    expect(view(happenings, own)).toMatchObject(expected);
  });

  test("its rail knows phases without steps", () => {
    expect(view(ready).rail.map(({ state }) => state)).toEqual(["done", "empty", "pending", "pending", "empty"]);
  });

  test("commands name it where several are open", () => {
    expect(view(ready, {}, true).next?.command).toBe("hotstick advance 7");
  });
});

test("the next goal passes phases in which nothing is to be done", () => {
  const at = (...more: readonly Happening[]) => nextGoal(plan, fold(told([...ready, ...more])));
  expect(at()).toBe("switch");
  expect(at({ kind: "phase-done", phase: "switch" })).toBe("retire");
  expect(at({ kind: "phase-done", phase: "switch" }, { kind: "phase-done", phase: "retire" })).toBe("drop");
});

test("a record of the schema counts until something is done after it", () => {
  const shape: Happening = { kind: "shape", tables: {}, objects: null };
  expect(lastRecord(told([...ready, shape, setOut, { kind: "closed", outcome: "applied" }]))).toMatchObject({ kind: "shape" });
  expect(lastRecord(told([shape, ...ready]))).toBeNull();
});
