import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { phases } from "../step/phase.ts";
import type { Happening, RunEvent } from "./event.ts";
import { fold, unopened } from "./fold.ts";

const step = fc.constantFrom("expand-1", "backfill-1", "retire-1");
const undo = fc.constantFrom("retire-1-undo-1", "retire-1-undo-2");
const phase = fc.constantFrom(...phases);
const done = {
  phase,
  ms: fc.constantFrom(null, 5),
  group: fc.constantFrom(null, "app.users"),
  mark: fc.constantFrom(null, "settle" as const, "archive" as const),
  bound: fc.constantFrom(null, "1000"),
  found: fc.boolean(),
};
const attempt = fc.integer({ min: 1, max: 9 });
const backend = fc.constant({ pid: 1, started: "2026" });

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant("opened" as const), by: fc.constant("a"), migrations: fc.constant([]) }),
  fc.record({ kind: fc.constant("opened" as const), by: fc.constant("a"), migrations: fc.constant([]), goal: phase }),
  fc.record({ kind: fc.constant("set-out" as const), by: fc.constant("a"), direction: fc.constantFrom("forward" as const, "backward" as const), goal: phase }),
  fc.record({ kind: fc.constant("started" as const), step, attempt, phase }),
  fc.record({ kind: fc.constant("undo-started" as const), step: undo, attempt, of: fc.constant("retire-1"), phase }),
  fc.record({ kind: fc.constant("intent" as const), step, attempt, backend }),
  fc.record({ kind: fc.constant("waiting" as const), step, attempt, blockers: fc.constant([]), message: fc.constant("") }),
  fc.record({ kind: fc.constant("failed" as const), step, attempt, message: fc.constant(""), lost: fc.boolean() }),
  fc.record({ kind: fc.constant("done" as const), step, attempt, ...done }),
  fc.record({ kind: fc.constant("undo-done" as const), step: undo, attempt, of: fc.constant("retire-1"), last: fc.boolean(), ...done }),
  fc.record({ kind: fc.constant("undone" as const), step, phase }),
  fc.record({ kind: fc.constant("untouched" as const), step }),
  fc.record({ kind: fc.constantFrom("phase-done" as const, "phase-undone" as const), phase }),
  fc.record({ kind: fc.constant("pause-requested" as const), by: fc.constant("b") }),
  fc.record({ kind: fc.constant("paused" as const), reason: fc.constant("interrupt") }),
  fc.record({ kind: fc.constant("stopped" as const), step: fc.constant(null), problem: fc.constant({ code: "x", message: "", hint: null, details: null }) }),
  fc.record({ kind: fc.constant("closed" as const), outcome: fc.constantFrom("applied" as const, "reverted" as const) }),
);

const events: fc.Arbitrary<RunEvent[]> = fc
  .array(happening, { maxLength: 40 })
  .map((list) => list.map((each, i) => ({ ...each, id: i + 1, at: `2026-01-01T00:00:${i}Z` })));

const doneEvent = { phase: "retire", ms: null, group: "app.users", mark: "settle", bound: "77", found: false } as const;
const told = (list: readonly Happening[]): readonly RunEvent[] => list.map((each, i) => ({ ...each, id: i + 1, at: "" }));

describe("fold", () => {
  test("a prefix and then the rest is the whole", () => {
    fc.assert(fc.property(events, fc.nat(), (list, cut) => void expect(fold(list.slice(cut), fold(list.slice(0, cut)))).toEqual(fold(list))));
  });

  test("events seen twice change nothing", () => {
    fc.assert(fc.property(events, fc.nat(), (list, from) => void expect(fold([...list, ...list.slice(from)])).toEqual(fold(list))));
  });

  test("what was folded is plain data", () => {
    fc.assert(fc.property(events, (list) => void expect(JSON.parse(JSON.stringify(fold(list)))).toEqual(fold(list))));
  });

  test("an event of a newer program is passed over", () => {
    expect(fold([{ kind: "danced", id: 1, at: "" } as unknown as RunEvent])).toEqual({ ...unopened, lastEvent: 1, updatedAt: "" });
  });

  test("walking back lowers the position with its first act, and doing it again clears what was walked back", () => {
    const there = told([
      { kind: "phase-done", phase: "retire" },
      { kind: "done", step: "retire-1", attempt: 1, ...doneEvent },
      { kind: "undo-started", step: "retire-1-undo-1", attempt: 1, of: "retire-1", phase: "retire" },
    ]);
    expect(fold(there)).toMatchObject({ position: "switch", steps: { "retire-1": "undoing" } });
    const half = told([...there, { kind: "undo-done", step: "retire-1-undo-1", attempt: 1, of: "retire-1", last: false, ...doneEvent, mark: null }]);
    expect(fold(half).undoDone).toEqual({ "retire-1": ["retire-1-undo-1"] });
    expect(fold(told([...half, { kind: "started", step: "retire-1", attempt: 2, phase: "retire" }]))).toMatchObject({
      undoDone: {},
      attempts: { "retire-1": 2 },
    });
  });

  test("a group counts its own retirements and keeps the last bound", () => {
    const twice = told([
      { kind: "done", step: "retire-1", attempt: 1, ...doneEvent },
      { kind: "done", step: "retire-1", attempt: 2, ...doneEvent, bound: "99" },
      { kind: "done", step: "retire-2", attempt: 1, ...doneEvent, group: "app.b" },
      { kind: "done", step: "drop-1", attempt: 1, ...doneEvent, mark: "archive", bound: "120" },
    ]);
    expect(fold(twice).groups).toEqual({
      "app.users": { generation: 2, settled: "99", archived: "120" },
      "app.b": { generation: 1, settled: "77", archived: "0" },
    });
  });
});
