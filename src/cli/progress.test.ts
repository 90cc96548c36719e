import { expect, test } from "vitest";
import type { Progress } from "../app/contract.ts";
import { type Clock, lineReporter, liveReporter } from "./progress.ts";
import { width } from "./render/layout.ts";
import { event, plain, rail, step, waiting } from "./render/samples.ts";

function fake(columns = 80) {
  let written = "";
  let now = 0;
  let tick: (() => void) | null = null;
  const clock: Clock = {
    now: () => now,
    every(_, call) {
      tick = call;
      return () => {
        tick = null;
      };
    },
  };
  return {
    screen: {
      write: (text: string) => {
        written += text;
      },
      columns: () => columns,
    },
    clock,
    pass(ms: number) {
      now += ms;
      tick?.();
    },
    take() {
      const text = written;
      written = "";
      return text;
    },
  };
}

const moves = /(\r\p{Cc}\[\d+A|\p{Cc}\[[JK]|\n)/u;

/** What a terminal shows after such text: rows, with "up", "clear the line's rest", "clear the rest" and line ends obeyed. */
function shown(text: string): readonly string[] {
  const rows: string[] = [""];
  let [row, written] = [0, ""];
  for (const piece of text.split(moves)) {
    const up = /\[(\d+)A/.exec(piece);
    if (up) [row, written] = [row - Number(up[1]), ""];
    else if (piece.endsWith("[K")) rows[row] = written;
    else if (piece.endsWith("[J")) rows.splice(row, rows.length, written);
    else if (piece === "\n") {
      [row, written] = [row + 1, ""];
      rows[row] ??= "";
    } else {
      written += piece;
      rows[row] = written + (rows[row] ?? "").slice(written.length);
    }
  }
  return rows.slice(0, -1);
}

const progress = (rowsDone: number): Progress => ({ rowsDone, rowsTotal: 100, rowsPerSecond: 10, etaMs: null, pass: 1 });
const begun = event({ event: "step", step, state: "begun", ms: null, rows: null, message: null });
const done = event({ event: "step", step, state: "done", ms: 1200, rows: 100, message: null });
const opened = event({ event: "opened", migrations: ["a"], rail });

test("without a terminal: a line for each change of state, progress every ten seconds at most", () => {
  const { screen, clock, pass, take } = fake();
  const reporter = lineReporter(screen, plain, clock);
  reporter.report(opened);
  reporter.report(begun);
  expect(take()).toBe("a run 12\n→ backfill-1  fill first_name, last_name of users\n");
  for (let i = 0; i < 30; i++) {
    reporter.report(event({ event: "progress", step, progress: progress(i) }));
    pass(1000);
  }
  expect(take().split("\n").length - 1).toBe(3);
  reporter.report(done);
  expect(take()).toBe("✓ backfill-1  fill first_name, last_name of users (100 rows, 1.2 s)\n");
});

test("without a terminal: that it waits is said at once, that it waits on now and then", () => {
  const { screen, clock, pass, take } = fake();
  const reporter = lineReporter(screen, plain, clock);
  for (let i = 0; i < 25; i++) {
    reporter.report(event({ event: "waiting", step, waiting: { ...waiting, attempt: i + 1 } }));
    pass(1000);
  }
  const lines = take().trimEnd().split("\n");
  expect(lines.map((line) => /try (\d+)/.exec(line)?.[1])).toEqual(["1", "11", "21"]);
});

test("on a terminal: done steps stay, one block below says what happens now", () => {
  const { screen, clock, pass, take } = fake();
  const reporter = liveReporter(screen, plain, clock);
  let all = "";
  const see = () => {
    all += take();
    return shown(all);
  };
  reporter.report(opened);
  reporter.report(begun);
  expect(see()).toEqual(["a run 12", "● expand  ◐ backfill 1/3  ○ switch  ○ retire  · drop", "backfill-1  fill first_name, last_name of users 0 ms"]);
  pass(2000);
  reporter.report(event({ event: "progress", step, progress: progress(50) }));
  expect(see().slice(2)).toEqual(["backfill-1  fill first_name, last_name of users 2 s", "████████████░░░░░░░░░░░░ 50 % · 50 of about 100 rows · 10 rows/s"]);
  reporter.report(event({ event: "waiting", step, waiting }));
  pass(1000);
  expect(see().at(-1)).toMatch(/^waiting for ACCESS EXCLUSIVE on app.users, held by pid 4711, psql \(alice\)/);
  reporter.report(done);
  expect(see()).toEqual([
    "a run 12",
    "✓ backfill-1  fill first_name, last_name of users (100 rows, 1.2 s)",
    "● expand  ◐ backfill 2/3  ○ switch  ○ retire  · drop",
  ]);
  reporter.report(event({ event: "phase", phase: "backfill", direction: "forward", state: "done" }));
  reporter.report(event({ event: "ready" }));
  expect(see().slice(2)).toEqual(["ready: code that uses the new shape may be deployed", "● expand  ● backfill  ○ switch  ○ retire  · drop"]);
  reporter.close();
  reporter.report(opened);
  pass(1000);
  expect(see()).toHaveLength(3);
  reporter.say("bye");
  expect(see().at(-1)).toBe("bye");
});

test("no line of the block is wider than the terminal, and progress is painted ten times a second at most", () => {
  const { screen, clock, pass, take } = fake(40);
  const reporter = liveReporter(screen, plain, clock);
  reporter.report(opened);
  reporter.report(event({ event: "waiting", step, waiting }));
  for (const line of shown(take())) expect(width(line)).toBeLessThan(40);
  for (let i = 0; i < 100; i++) {
    reporter.report(event({ event: "progress", step, progress: progress(i) }));
    pass(0);
  }
  pass(100);
  take();
  reporter.report(event({ event: "progress", step, progress: progress(99) }));
  reporter.report(event({ event: "progress", step, progress: progress(99) }));
  expect(take().match(/99 %/g)).toHaveLength(1);
});

test("walking back empties the rail", () => {
  const { screen, clock, take } = fake();
  const reporter = liveReporter(screen, plain, clock);
  reporter.report(opened);
  reporter.report(event({ event: "step", step: { ...step, direction: "back" }, state: "done", ms: null, rows: null, message: null }));
  reporter.report(event({ event: "phase", phase: "backfill", direction: "back", state: "done" }));
  expect(shown(take()).at(-1)).toBe("● expand  ○ backfill  ○ switch  ○ retire  · drop");
});

test("what a plan found is told in full, before anything is done", () => {
  const log = fake();
  const finding = {
    rule: "columns-not-named",
    severity: "note" as const,
    subject: { kind: "table", name: "users" },
    message: "It has more columns.",
    fix: "Name them.",
  };
  lineReporter(log.screen, plain, log.clock).report(event({ event: "finding", finding }));
  expect(log.take()).toBe("note columns-not-named (table users)\n  It has more columns.\n  do: Name them.\n");
});
