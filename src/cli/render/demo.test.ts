import { expect, test } from "vitest";
import type { DemoApplication, DemoResult, DemoView } from "../../app/contract.ts";
import { demoPicture, demoText, sceneLines } from "./demo.ts";
import { width } from "./layout.ts";
import { atRest, type Live } from "./live.ts";
import { plain, rail, step, waiting } from "./samples.ts";
import { sparkline } from "./sparkline.ts";
import { createStyle } from "./style.ts";

const application: DemoApplication = {
  name: "old application",
  columns: "name",
  state: "working",
  requests: 12_345,
  failed: 0,
  p99: 3.14,
  slots: [null, 1, 4, 900],
  waitingMs: 0,
};
const view: DemoView = {
  subject: "200,000 users · PostgreSQL 18",
  elapsedMs: 83_000,
  scenes: [],
  scene: "hotstick start",
  command: "hotstick start",
  checking: false,
  rail,
  applications: [application, { ...application, name: "new application", columns: "first_name, last_name", state: "absent", requests: 0, p99: null }],
  locks: { waiting: 2, longestMs: 88 },
};
const live: Live = { rail, step: { view: step, since: 0 }, progress: { rowsDone: 30, rowsTotal: 100, rowsPerSecond: 1, etaMs: null, pass: 1 }, waiting: null };

test("the picture says what is under way, how the applications fare, and who waits", () => {
  const lines = demoPicture(view, live, plain, 80);
  expect(lines).toEqual([
    "── 200,000 users · PostgreSQL 18 ────────────────────────────────────── 1:23 ──",
    "hotstick start",
    "● expand  ◐ backfill 1/3  ○ switch  ○ retire  · drop",
    "$ hotstick start  fill first_name, last_name of users",
    "███░░░░░░░ 30 % · 30 of about 100 rows · 1 rows/s",
    "",
    "old application  name                   p99   3.1 ms  12,345 requests  0 failed",
    "·▁▂█",
    "new application  first_name, last_name                  not yet there",
    "·▁▂█",
    "2 sessions wait behind Hotstick · longest so far 88 ms",
  ]);
});

test("it has as many lines at every moment, none wider than the terminal", () => {
  const wide = { ...application, slots: new Array<number>(240).fill(5) };
  const moments: readonly (readonly [DemoView, Live])[] = [
    [view, live],
    [{ ...view, command: null, rail: [], scene: null }, atRest],
    [
      { ...view, applications: [wide, wide] },
      { ...live, waiting: { view: waiting, at: 0 } },
    ],
    [{ ...view, applications: [{ ...wide, waitingMs: 4000, failed: 1_000_000 }, wide] }, live],
  ];
  for (const columns of [40, 80, 120, 300])
    for (const [seen, state] of moments) {
      const lines = demoPicture(seen, state, createStyle({ colour: true }), columns);
      expect(lines).toHaveLength(11);
      for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
    }
});

test("an application that waits is seen to wait", () => {
  const stuck = { ...application, waitingMs: 4000 };
  expect(demoPicture({ ...view, applications: [stuck] }, atRest, plain, 80).join("\n")).toContain("waits 4 s");
});

test("bars are scaled alike everywhere, and plain where the terminal is", () => {
  expect(sparkline([0, 3, 6, 12, 25, 50, 100, 200, 5000, null], plain)).toBe("▁▂▃▄▅▆▇██·");
  expect(sparkline([0, 5000], createStyle({ colour: false, symbols: "ascii" }))).toBe("_#");
});

test("a scene that failed says why", () => {
  expect(sceneLines({ title: "Start", ok: false, message: "it failed" }, plain)).toEqual(["✗ Start", "  it failed"]);
});

test("figures are said with what went wrong", () => {
  const result: DemoResult = {
    ok: false,
    rows: 200_000,
    seconds: 81.4,
    requests: 24_000,
    failed: 1,
    wrongReads: 0,
    wrongRows: 2,
    lostWrites: 0,
    longestLockWaitMs: 90,
    longestTableLockWaitMs: 12,
    longestRowLockWaitMs: 90,
    p50Before: 1.2,
    p50During: 2.5,
    p99Before: 7,
    p99During: 30,
    longestRequestMs: 150,
    rowsPerSecond: 40_000,
    killed: true,
    resumed: true,
    rolledBack: true,
    undone: false,
    naive: { requests: 900, failed: 0, longestStallMs: 4200, wrongRows: 300 },
    scenes: [{ title: "Undo", ok: false, message: "no way" }],
    problems: ["row 5 is wrong"],
    url: null,
    next: { command: "hotstick init", why: "sets up your own project" },
  };
  const text = demoText(result, plain);
  expect(text).toContain("24,000 in 81 s, 1 failed");
  expect(text).toContain("✓ rolled back  ✓ killed  ✓ resumed  ✗ undone");
  expect(text).toContain("everybody waited 4.2 s, 0 failed, 300 wrong rows");
  expect(text).toContain("✗ Undo\n  no way\nrow 5 is wrong\n");
});
