import { expect, test } from "vitest";
import type { Plan, PlanResult, Step } from "../../app/contract.ts";
import { planText } from "./plan.ts";
import { plain } from "./samples.ts";

const users = { schema: "app", name: "users" };
const none = { rows: null, ms: null, holdMs: null };
const expand: Step = {
  id: "expand-1",
  phase: "expand",
  migrations: ["a"],
  title: "add first_name to users",
  act: { kind: "statements", transactional: true, guards: [], statements: ["alter table app.users\n  add first_name text", "create trigger t"], repair: [] },
  probe: null,
  locks: [{ table: users, mode: "ACCESS EXCLUSIVE", strong: true }],
  work: "instant",
  timeouts: { lock: "budget", statement: "budget" },
  why: "a column without a default is free",
  estimate: { rows: null, ms: 3, holdMs: 2 },
  group: null,
  mark: null,
  undo: [
    {
      id: "expand-1-undo-1",
      title: "drop first_name",
      act: { kind: "statements", transactional: true, guards: [], statements: ["alter table app.users drop first_name"], repair: [] },
      probe: null,
      locks: [],
      work: "instant",
      timeouts: { lock: "budget", statement: "budget" },
      why: "",
      estimate: none,
      group: null,
      mark: null,
    },
  ],
};
const batches: Step["act"] = {
  kind: "batches",
  table: users,
  key: [{ name: "id", type: "bigint" }],
  bound: "select",
  last: "select",
  apply: "update app.users set first_name = …",
  check: null,
  remaining: null,
  targetMs: 100,
  firstRows: 1000,
};
const backfill: Step = {
  ...expand,
  id: "backfill-1",
  phase: "backfill",
  title: "fill first_name",
  act: batches,
  locks: [],
  work: "batched",
  why: "",
  estimate: { rows: 1_000_000, ms: 90_000, holdMs: null },
  undo: [],
};
const plan: Plan = {
  format: 1,
  engine: "postgres",
  version: 180004,
  migrations: [{ name: "a", parents: [], operations: [], accept: [], bytesHash: null, contentHash: "c" }],
  mode: "phased",
  steps: [expand, backfill],
  tables: [users],
  findings: [
    { rule: "user-trigger", severity: "warn", subject: { kind: "trigger", name: "app.users.audit" }, message: "It reads name.", fix: "Look at it." },
    { rule: "data-loss", severity: "refuse", subject: { kind: "column", name: "app.users.name" }, message: "Values would go.", acceptable: true },
  ],
  hash: "0123456789abcdef",
};
const result: PlanResult = {
  server: { engine: "postgres", product: "PostgreSQL 18.4", database: "app", user: "me" },
  pending: ["a"],
  plan,
  lockBudgetMs: 200,
  next: null,
};

test("a plan says what, under which lock, for how long, why, and how back", () => {
  expect(planText(result, plain)).toBe(`Plan for app (PostgreSQL 18.4): 1 migration, 2 steps, lock budget 200 ms
  a

expand → the new shape is added beside the old one
  expand-1  add first_name to users
    locks  ACCESS EXCLUSIVE on app.users
    work   instant, about 3 ms, holds its locks for about 2 ms
    why    a column without a default is free
    | alter table app.users
    |   add first_name text
    | create trigger t
    undo   drop first_name
           | alter table app.users drop first_name

backfill → existing rows get their new values; then new code may be deployed
  backfill-1  fill first_name
    locks  none
    work   batched, about 1,000,000 rows, about 1 min 30 s
    per batch of about 100 ms, along id:
    | update app.users set first_name = …

Findings: 1 refused, 1 warning
  ✗ refused data-loss (column app.users.name)
    Values would go.
    or: accept: ["data-loss"] in the migration, if that is what you want
  ! warning user-trigger (trigger app.users.audit)
    It reads name.
    do: Look at it.

plan 0123456789ab
`);
});

test("what is refused has no steps and no name", () => {
  const text = planText({ ...result, plan: { ...plan, steps: [], hash: "" } }, plain);
  expect(text).toMatch(/^Plan for app \(PostgreSQL 18.4\): 1 migration, refused\n {2}a\n\nFindings: 1 refused, 1 warning\n/);
  expect(text).toMatch(/ {4}do: Look at it\.\n$/);
});

test("one step is one, and an endless line is cut", () => {
  const act = { kind: "checks" as const, checks: [{ title: "rows", statement: `select ${"x".repeat(2000)}` }] };
  const text = planText({ ...result, plan: { ...plan, steps: [{ ...backfill, act }] } }, plain);
  expect(text).toContain("1 migration, 1 step, lock budget");
  expect(text).toMatch(/\| select x{593} … 1,407 characters more \(--json shows all\)\n/);
});

test("what cannot be walked back says why", () => {
  const oneWay = { ...plan, steps: [{ ...backfill, oneWay: "its statements have no undo" }] };
  expect(planText({ ...result, plan: oneWay }, plain)).toContain("\n    undo   none: its statements have no undo\n");
});

test("nothing pending", () => expect(planText({ ...result, pending: [], plan: null }, plain)).toBe("Nothing to do: app (PostgreSQL 18.4) is up to date.\n"));
