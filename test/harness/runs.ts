// Hand-written plans and the tools to carry them: the run is tested without operations and without the planner.
import { createHash, randomUUID } from "node:crypto";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { mysqlDialect } from "../../src/dialects/mysql/mysql.ts";
import { enact } from "../../src/dialects/postgres/enact.ts";
import { postgresQuoting } from "../../src/dialects/postgres/quoting.ts";
import type { Session } from "../../src/drivers/driver.ts";
import { mysqlDriver } from "../../src/drivers/mysql/index.ts";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { systemClock } from "../../src/run/clock.ts";
import type { Held } from "../../src/run/held.ts";
import { type CarryRequest, carry } from "../../src/run/loop.ts";
import { openRun } from "../../src/run/open.ts";
import type { LeaseTimes, Tools } from "../../src/run/tools.ts";
import type { Phase } from "../../src/step/phase.ts";
import type { Act, BatchesAct, Lock, StatementsAct, Step, StepCore, Timeouts } from "../../src/step/step.ts";
import type { RunState } from "../../src/store/fold.ts";
import { mysqlStore } from "../../src/store/mysql/mysql-store.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { Holder } from "../../src/store/store.ts";
import { asPart } from "./part.ts";
import { databaseFor, type TestDatabase } from "./servers.ts";

/** Only what a run asks of a dialect; the rest belongs to planning. */
export const runDialect = { engine: "postgres", quoting: postgresQuoting, ...enact } as Dialect;

export const holder: Holder = { name: "tester@here", pid: process.pid, version: "0.0.0" };

/** Quick enough for tests; the database's clock counts them all the same. */
export const quickTimes: LeaseTimes = { ttlMs: 3_000, beatMs: 300, graceMs: 200 };
/** Where nobody waits for a lease to expire: a dead process is told by its sessions, and a busy machine must not cost a lease. */
export const patientTimes: LeaseTimes = { ...quickTimes, ttlMs: 60_000 };

type EngineTools = Pick<Tools, "driver" | "dialect" | "store">;

/** The parts of the engine that the URL names. */
const engineTools = (url: string): EngineTools =>
  url.startsWith("mysql:")
    ? { driver: mysqlDriver({ url }), dialect: mysqlDialect, store: mysqlStore(mysqlDialect.quoting) }
    : { driver: postgresDriver({ url }), dialect: runDialect, store: postgresStore(postgresQuoting) };

export function toolsFor(url: string, own: Partial<Tools> = {}): Tools {
  return {
    ...engineTools(url),
    clock: systemClock,
    random: Math.random,
    modules: () => Promise.reject(new Error("no module")),
    checkpoint: () => undefined,
    report: () => undefined,
    ...own,
  };
}

export interface CoreFields {
  readonly title?: string;
  readonly probe?: string;
  readonly locks?: readonly Lock[];
  readonly timeouts?: Partial<Timeouts>;
  readonly group?: string;
  readonly mark?: "settle" | "archive";
}

export const core = (act: Act, fields: CoreFields = {}): StepCore => ({
  title: fields.title ?? act.kind,
  act,
  probe: fields.probe === undefined ? null : { query: fields.probe },
  locks: fields.locks ?? [],
  work: "instant",
  timeouts: { lock: "budget", statement: 0, ...fields.timeouts },
  why: "",
  estimate: { rows: null, ms: null, holdMs: null },
  group: fields.group ?? null,
  mark: fields.mark ?? null,
});

export const inTransaction = (statements: readonly string[], own: Partial<StatementsAct> = {}): StatementsAct => ({
  kind: "statements",
  transactional: true,
  guards: [],
  statements,
  repair: [],
  ...own,
});

export const outside = (statements: readonly string[], repair: readonly string[] = []): StatementsAct => ({
  kind: "statements",
  transactional: false,
  guards: [],
  statements,
  repair,
});

/** A strong lock on a table of schema public. */
export const strong = (name: string, mode = "ACCESS EXCLUSIVE"): Lock => ({ table: { schema: "public", name }, mode, strong: true });

/** A walk along the primary key `id` (bigint) of a table of schema public. */
export const alongId = (table: string, own: Partial<BatchesAct>): BatchesAct => ({
  kind: "batches",
  table: { schema: "public", name: table },
  key: [{ name: "id", type: "bigint" }],
  bound: `select id::text as k1 from ${table} where {{after}} order by id offset {{limit}} - 1 limit 1`,
  last: `select id::text as k1 from ${table} order by id desc limit 1`,
  apply: null,
  check: null,
  remaining: null,
  targetMs: 50,
  firstRows: 100,
  ...own,
});

/** The probe of an index of schema public. */
export const indexProbe = (name: string): string => `
  select case when i.indexrelid is null then 'absent' when i.indisvalid then 'done' else 'broken' end as state
  from (select 1) one left join pg_index i on i.indexrelid = to_regclass('public.${name}')`;

export type Draft = StepCore & { readonly phase: Phase; readonly undo?: readonly StepCore[] };

export const draft = (phase: Phase, act: Act, fields: CoreFields & { readonly undo?: readonly StepCore[] } = {}): Draft => ({
  ...core(act, fields),
  phase,
  ...(fields.undo === undefined ? {} : { undo: fields.undo }),
});

/** Steps as a plan numbers them. */
export function planOf(drafts: readonly Draft[], own: { readonly name?: string; readonly tables?: readonly string[] } = {}): Plan {
  const name = own.name ?? `m_${randomUUID().slice(0, 8)}`;
  const steps = drafts.map((each, i): Step => {
    const id = `${each.phase}-${i + 1}`;
    return { ...each, id, migrations: [name], undo: (each.undo ?? []).map((undo, n) => ({ ...undo, id: `${id}-undo-${n + 1}` })) };
  });
  const body = {
    format: 1,
    engine: "postgres",
    version: 0,
    migrations: [{ name, parents: [], operations: [], accept: [], bytesHash: null, contentHash: name }],
    mode: "phased",
    steps,
    tables: (own.tables ?? []).map((table) => ({ schema: "public", name: table })),
    findings: [],
  } as const;
  return { ...body, hash: createHash("sha256").update(JSON.stringify(body)).digest("hex") };
}

/** A database of its own for a part of a test, or for one of several tests that run at once. */
export const withDatabase = <T>(major: number, work: (db: TestDatabase) => Promise<T>): Promise<T> =>
  asPart(async (part) => work(await databaseFor(part, major)));

/** A session that is closed when `work` ends. */
export async function withSession<T>(tools: Tools, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await tools.driver.connect({ purpose: "test" });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Opens a run of a plan; the store is made first. */
export const open = (tools: Tools, plan: Plan, times: LeaseTimes = quickTimes): Promise<Held> =>
  withSession(tools, async (session) => {
    await tools.store.ensure(session);
    const { seen } = await tools.store.overview(session);
    return openRun(tools, session, plan, { holder, seen, times });
  });

export const never: AbortSignal = new AbortController().signal;

export const forward: CarryRequest = { direction: "forward", goal: "drop", by: "test", pause: never, abort: never, options: { pauseMs: 50 } };
export const backward: CarryRequest = { ...forward, direction: "backward", goal: "start" };

/** Opens, carries and releases. */
export async function runPlan(tools: Tools, plan: Plan, request: Partial<CarryRequest> = {}): Promise<{ readonly run: number; readonly state: RunState }> {
  const held = await open(tools, plan);
  try {
    return { run: held.run, state: await carry(held, { ...forward, ...request }) };
  } finally {
    await held.release();
  }
}
