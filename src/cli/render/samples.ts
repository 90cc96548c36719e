// A run, its events and its waiting, for the tests of what is shown.
import type { Blocker, PhaseView, RunEvent, RunView, StepView, Waiting } from "../../app/contract.ts";
import { createStyle } from "./style.ts";

export const plain = createStyle({ colour: false });

export const rail: readonly PhaseView[] = [
  { phase: "expand", state: "done", steps: 2, stepsDone: 2 },
  { phase: "backfill", state: "active", steps: 3, stepsDone: 1 },
  { phase: "switch", state: "pending", steps: 1, stepsDone: 0 },
  { phase: "retire", state: "pending", steps: 2, stepsDone: 0 },
  { phase: "drop", state: "empty", steps: 0, stepsDone: 0 },
];

export const blocker: Blocker = {
  pid: 4711,
  gid: null,
  user: "alice",
  application: "psql",
  state: "idle in transaction",
  ageMs: 14_000,
  query: "select 1",
  relation: "app.users",
  mode: "AccessShareLock",
  maintenance: false,
};

export const waiting: Waiting = { for: "lock", what: "ACCESS EXCLUSIVE on app.users", blockers: [blocker], sinceMs: 3000, attempt: 3, attempts: 60 };

export const step: StepView = { id: "backfill-1", title: "fill first_name, last_name of users", phase: "backfill", direction: "forward", attempt: 1 };

export const run: RunView = {
  id: "12",
  migrations: ["20261122T1430_split_name"],
  mode: "phased",
  state: "working",
  position: "expand",
  direction: "forward",
  rail,
  ready: false,
  step,
  progress: { rowsDone: 30_000, rowsTotal: 120_000, rowsPerSecond: 12_345.6, etaMs: [7000, 9000], pass: 1 },
  waiting,
  holder: { name: "deploy@web-7", pid: 99, silentMs: 800 },
  problem: null,
  oldUsers: [],
  findings: [],
  startedAt: "2026-11-22T14:30:00Z",
  updatedAt: "2026-11-22T14:31:00Z",
  finishedAt: null,
  next: { command: "hotstick advance", why: "once no old code runs" },
};

type Body<E> = E extends unknown ? Omit<E, "at" | "run"> : never;
export const event = (body: Body<RunEvent>): RunEvent => ({ at: "2026-11-22T14:30:00Z", run: "12", ...body }) as RunEvent;
