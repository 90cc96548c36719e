import { expect, test } from "vitest";
import { historyText, runText, statusText, verifyText } from "./result.ts";
import { blockerText, progressText, railText, runLines, waitingText } from "./run.ts";
import { blocker, plain, rail, run, waiting } from "./samples.ts";

test("the rail shows what is done, under way, to come and empty", () => {
  expect(railText(rail, plain)).toBe("● expand  ◐ backfill 1/3  ○ switch  ○ retire  · drop");
});

test("progress", () => {
  expect(progressText(run.progress!, plain)).toBe("█████░░░░░░░░░░░░░░░ 25 % · 30,000 of about 120,000 rows · 12,346 rows/s · 7–9 s left");
  expect(progressText({ rowsDone: 5, rowsTotal: null, rowsPerSecond: null, etaMs: null, pass: 2 }, plain)).toBe("5 rows · pass 2");
  expect(progressText({ rowsDone: 130, rowsTotal: 100, rowsPerSecond: null, etaMs: null, pass: 1 }, plain, 4)).toBe("████ 99 % · 130 of about 130 rows");
});

test("who holds a lock is named", () => {
  expect(waitingText(waiting)).toBe(
    "waiting for ACCESS EXCLUSIVE on app.users, held by pid 4711, psql (alice), idle in transaction for 14 s, AccessShareLock on app.users · 3 s, try 3 of 60",
  );
  expect(blockerText({ ...blocker, pid: null, gid: "gid-1", application: "", user: "", maintenance: true })).toBe(
    "prepared transaction gid-1, idle in transaction for 14 s, AccessShareLock on app.users, gives way by itself",
  );
  expect(blockerText({ ...blocker, application: "x\u001b[2J\ny" })).toContain("x\ufffd[2J y");
});

test("a run at work", () => {
  expect(runLines(run, plain)).toEqual([
    "20261122T1430_split_name run 12",
    "  ● expand  ◐ backfill 1/3  ○ switch  ○ retire  · drop",
    "  state    at work",
    "  step     backfill-1  fill first_name, last_name of users",
    "  rows     █████░░░░░░░░░░░░░░░ 25 % · 30,000 of about 120,000 rows · 12,346 rows/s · 7–9 s left",
    `  waiting  ${waitingText(waiting)}`,
    "  driver   deploy@web-7, pid 99, last seen 800 ms ago",
    "  since    2026-11-22T14:30:00Z",
  ]);
});

const resting = { ...run, state: "resting" as const, ready: true, step: null, progress: null, waiting: null, holder: null };

test("a ready run says so, and what shows old code", () => {
  const oldUsers = [
    { source: "connections" as const, seen: true, message: "role web_v1 has 3 sessions" },
    { source: "statements" as const, seen: null, message: "pg_stat_statements is not installed" },
    { source: "objects" as const, seen: false, message: "no view names the column" },
  ];
  const text = runLines({ ...resting, oldUsers }, plain).join("\n");
  expect(text).toContain("ready    yes: code that uses the new shape may be deployed");
  expect(text).toContain("old code ✗ role web_v1 has 3 sessions\n           ? pg_stat_statements is not installed\n           ✓ no view names the column");
});

test("a result ends in the next command, or in how to resume", () => {
  const result = { run: resting, findings: [], paused: null, next: null };
  expect(runText(result, plain)).toMatch(/\n\nNext: hotstick advance {2}once no old code runs\n$/);
  expect(runText({ ...result, paused: { reason: "interrupt", resume: "hotstick resume" } }, plain)).toMatch(
    /\n\nPaused safely. Go on with: hotstick resume\n$/,
  );
  expect(runText({ ...result, run: null }, plain)).toBe("Nothing to do.\n");
});

test("status without runs", () => {
  const server = { engine: "postgres", product: "PostgreSQL 18.4", database: "app", user: "deploy" };
  const status = { server, runs: [], applied: 1, last: { migration: "a", at: "2026" }, pending: ["b"], next: { command: "hotstick up", why: "applies it" } };
  expect(statusText(status, plain)).toBe(
    "app on PostgreSQL 18.4 as deploy\n1 migration applied, last a at 2026\n\n1 pending:\n  b\n\nNext: hotstick up  applies it\n",
  );
});

test("verify names bad rows", () => {
  const checks = [
    { title: "new = up(old)", object: "app.users", rows: 10, bad: [{ key: "id 3", problem: "first_name is NULL" }] },
    { title: "verify every row of app.users", object: "app.users", rows: 10, bad: [] },
    { title: "triggers", object: "app.users", rows: null, bad: [{ key: "", problem: "one is gone" }] },
  ];
  expect(verifyText({ run, ok: false, checks, next: null }, plain)).toBe(
    "✗ new = up(old) app.users (about 10 rows)\n    id 3: first_name is NULL\n✓ verify every row of app.users (about 10 rows)\n✗ triggers app.users\n    one is gone\nOld and new values do not agree.\n",
  );
});

test("history in columns", () => {
  const entry = { migration: "a", run: "1", state: "complete" as const, position: "drop" as const, startedAt: "2026-01-01", finishedAt: null, by: "me@here" };
  expect(historyText({ entries: [entry, { ...entry, migration: "long" }], events: [] }, plain)).toBe(
    "2026-01-01  a     complete  run 1 by me@here\n2026-01-01  long  complete  run 1 by me@here\n",
  );
});
