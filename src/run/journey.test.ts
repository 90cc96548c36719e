import { describe, expect, test } from "vitest";
import type { Phase, Position } from "../step/phase.ts";
import type { Step } from "../step/step.ts";
import type { Done, Happening } from "../store/event.ts";
import { fold } from "../store/fold.ts";
import { type Journey, journeyOf } from "./journey.ts";

const act = { kind: "statements", transactional: true, guards: [], statements: [], repair: [] };
const step = (phase: Phase, undos: number): Step =>
  ({ id: `${phase}-1`, phase, act, undo: Array.from({ length: undos }, (_, i) => ({ id: `${phase}-1-undo-${i + 1}`, act })) }) as unknown as Step;
const steps = [step("expand", 1), step("switch", 1), step("retire", 2)];

const end = (phase: Phase): Done => ({ phase, ms: null, group: null, mark: null, bound: null, found: false });
const opened: Happening = { kind: "opened", by: "ada", migrations: [] };
const forward = (goal: Position): Happening => ({ kind: "set-out", by: "ada", direction: "forward", goal });
const back = (goal: Position): Happening => ({ kind: "set-out", by: "ada", direction: "backward", goal });
const doing = (phase: Phase): Happening[] => [{ kind: "started", step: `${phase}-1`, attempt: 1, phase }];
const did = (phase: Phase): Happening[] => [...doing(phase), { kind: "done", step: `${phase}-1`, attempt: 1, ...end(phase) }];
const passed = (phase: Phase): Happening => ({ kind: "phase-done", phase });
const undid = (phase: Phase, n: number, last: boolean): Happening[] => {
  const undo = { step: `${phase}-1-undo-${n}`, attempt: 1, of: `${phase}-1` };
  return [
    { kind: "undo-started", ...undo, phase },
    { kind: "undo-done", ...undo, last, ...end(phase) },
  ];
};
const ready = [opened, forward("backfill"), ...did("expand"), passed("expand"), passed("backfill")];
const retired = [...ready, forward("retire"), ...did("switch"), passed("switch"), ...did("retire"), passed("retire")];

describe("how far a run has come", () => {
  test.each<[string, readonly Happening[], Journey]>([
    ["nobody set out with it", [opened], "unbegun"],
    ["somebody has, and nothing is done", [opened, forward("backfill")], "under-way"],
    ["its last step is done, and its phase is not", ready.slice(0, -2), "under-way"],
    ["it is ready", ready, "arrived"],
    ["it is ready, and was asked to pause meanwhile", [...ready, { kind: "paused", reason: "interrupt" }], "under-way"],
    ["it set out back, and nothing is taken back", [...retired, back("switch")], "under-way"],
    ["it is between two acts of the last phase to be taken back", [...retired, back("switch"), ...undid("retire", 1, false)], "under-way"],
    ["that phase is taken back", [...retired, back("switch"), ...undid("retire", 1, false), ...undid("retire", 2, true)], "arrived"],
    ["all is done, and it is still open", [...retired, forward("drop"), passed("drop")], "under-way"],
    ["it is complete", [...retired, forward("drop"), passed("drop"), { kind: "closed", outcome: "applied" }], "over"],
    ["all is taken back, and it is still open", [...ready, back("start"), ...undid("expand", 1, true)], "under-way"],
    ["it set out back to where it had not been", [...ready, back("retire")], "arrived"],
  ])("%s", (_, happenings, expected) => {
    const state = fold(happenings.map((each, i) => ({ ...each, id: i + 1, at: "" })));
    expect(journeyOf(steps, state)).toBe(expected);
  });
});
