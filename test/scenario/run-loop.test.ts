// A run on real servers: forward, backward, refused, paused, resumed.
import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/problem.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun } from "../../src/run/open.ts";
import type { News } from "../../src/run/tools.ts";
import { majors } from "../harness/majors.ts";
import {
  alongId,
  backward,
  core,
  draft,
  forward,
  holder,
  indexProbe,
  inTransaction,
  never,
  open,
  outside,
  planOf,
  quickTimes,
  runPlan,
  strong,
  toolsFor,
  withSession,
} from "../harness/runs.ts";
import { databaseFor, type TestDatabase } from "../harness/servers.ts";

const caught = async (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => expect.fail("no Problem"),
    (error) => error as Problem,
  );

/** One step of every kind, with its way back. */
const everything = () =>
  planOf(
    [
      draft("expand", inTransaction(["alter table t add column b int", "comment on column t.b is 'run {{run}}'"]), {
        locks: [strong("t")],
        timeouts: { statement: "budget" },
        undo: [core(inTransaction(["alter table t drop column b"]), { locks: [strong("t")] })],
      }),
      draft(
        "backfill",
        alongId("t", {
          apply: "update t set b = a * 2 where {{after}} and {{upto}} and b is null",
          remaining: "select 1 from t where b is null limit 1",
          targetMs: 5,
        }),
      ),
      draft("backfill", outside(["create index concurrently t_b on t (b)"], ["drop index concurrently t_b"]), {
        probe: indexProbe("t_b"),
        undo: [core(outside(["drop index concurrently if exists t_b"]))],
      }),
      draft("backfill", {
        kind: "checks",
        checks: [{ title: "b is not twice a", statement: "select 'b is not 2a' as problem, id::text as key from t where b is distinct from a * 2 limit 10" }],
      }),
      draft("switch", inTransaction(["comment on table t is 'switched'"]), { undo: [core(inTransaction(["comment on table t is null"]))] }),
      draft("retire", inTransaction(["comment on table t is 'retired {{generation}}'"]), {
        group: "t",
        mark: "settle",
        undo: [core(inTransaction(["comment on table t is 'back {{generation}} {{settled}}'"]), { group: "t" })],
      }),
      draft("drop", inTransaction(["alter table t drop column a"]), { locks: [strong("t")] }),
    ],
    { name: "everything", tables: ["t"] },
  );

const seed = (db: TestDatabase, rows = 2_000): Promise<unknown> =>
  db.rows(`create table t (id bigint primary key, a int not null); insert into t select n, n from generate_series(1, ${rows}) n`);

describe.each(majors)("on PostgreSQL %i", (major) => {
  test("a run goes through all phases and is closed", async (t) => {
    const db = await databaseFor(t, major);
    await seed(db);
    const tools = toolsFor(db.url);
    const { run, state } = await runPlan(tools, everything());
    expect(state).toMatchObject({ position: "drop", outcome: "applied", stopped: null });
    expect(await db.rows("select count(*)::int as n, sum(b)::int as sum from t")).toEqual([{ n: 2000, sum: 4_002_000 }]);
    await withSession(tools, async (session) => {
      expect(await tools.store.overview(session)).toMatchObject({ migrations: [{ name: "everything", state: "applied" }], openRuns: [] });
      const events = await tools.store.events(session, run);
      expect(events.filter((event) => event.kind === "done").map((event) => event.step)).toEqual([
        "expand-1",
        "backfill-2",
        "backfill-3",
        "backfill-4",
        "switch-5",
        "retire-6",
        "drop-7",
      ]);
      expect(await tools.store.lease(session, run)).toBeNull();
    });
  });

  test("a run is walked back to its start, phase by phase", async (t) => {
    const db = await databaseFor(t, major);
    await seed(db);
    const tools = toolsFor(db.url);
    const held = await open(tools, everything());
    expect((await carry(held, { ...forward, goal: "retire" })).position).toBe("retire");
    const back = await carry(held, { ...backward, goal: "switch" });
    expect(back).toMatchObject({ position: "switch", groups: { t: { generation: 1 } } });
    const [comment] = await db.rows<{ c: string }>("select obj_description('t'::regclass) as c");
    expect(comment?.c).toMatch(/^back 1 \d+$/);
    expect((await carry(held, { ...forward, goal: "retire" })).groups["t"]?.generation).toBe(2);
    const state = await carry(held, backward);
    await held.release();
    expect(state).toMatchObject({ position: "start", outcome: "reverted" });
    expect(await db.rows("select attname from pg_attribute where attrelid = 't'::regclass and attnum > 0 and not attisdropped order by 1")).toEqual([
      { attname: "a" },
      { attname: "id" },
    ]);
    expect(await db.rows("select to_regclass('t_b') as index")).toEqual([{ index: null }]);
  });

  test("a guard that finds something stops the step, and the run can be walked back", async (t) => {
    const db = await databaseFor(t, major);
    await seed(db);
    const tools = toolsFor(db.url);
    const held = await open(
      tools,
      planOf([
        draft(
          "expand",
          inTransaction(["alter table t add column b int"], {
            guards: ["select 'fine' as problem where false", "select 'row ' || id || ' is bad' as problem from t where id < 3 order by id"],
          }),
          { locks: [strong("t")] },
        ),
      ]),
    );
    const problem = await caught(carry(held, forward));
    expect(problem).toMatchObject({ code: "guard-failed", message: expect.stringContaining("row 1 is bad"), done: expect.stringContaining("0 of 1 steps") });
    expect((await carry(held, backward)).outcome).toBe("reverted");
    await held.release();
  });

  test("rows that are refused are named, and the run goes on from that batch when they are corrected", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      "create table t (id bigint primary key, a text, b int); insert into t select n, n::text from generate_series(1, 5000) n; update t set a = 'x' || id where id in (2222, 2223, 4000)",
    );
    const tools = toolsFor(db.url);
    const held = await open(tools, planOf([draft("backfill", alongId("t", { apply: "update t set b = a::int where {{after}} and {{upto}}", targetMs: 20 }))]));
    const problem = await caught(carry(held, forward));
    expect(problem.code).toBe("rows-refused");
    expect(problem.details).toMatchObject({
      rows: expect.arrayContaining([
        { key: "id = 2222", problem: expect.stringContaining('"x2222"') },
        { key: "id = 2223", problem: expect.anything() },
      ]),
    });
    expect(await db.rows("select count(b)::int as n from t where id >= 2222")).toEqual([{ n: 0 }]);
    await db.rows("update t set a = id::text");
    expect((await carry(held, forward)).outcome).toBe("applied");
    await held.release();
    expect(await db.rows("select count(*)::int as n from t where b = id")).toEqual([{ n: 5000 }]);
  });

  test("batches adapt to their time and meet each row once", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table t (id bigint primary key, met int not null default 0); insert into t select n from generate_series(1, 40000) n");
    const news: News[] = [];
    const tools = toolsFor(db.url, { report: (each) => void news.push(each) });
    const limits: number[] = [];
    const plan = planOf([draft("backfill", alongId("t", { apply: "update t set met = met + 1 where {{after}} and {{upto}}", targetMs: 40 }))]);
    const { driver } = tools;
    const { run } = await runPlan({ ...tools, driver: { ...driver, connect: async (options) => watched(await driver.connect(options), limits) } }, plan);
    expect(await db.rows("select met, count(*)::int as n from t group by met")).toEqual([{ met: 1, n: 40000 }]);
    expect(limits[0]).toBe(100);
    expect(Math.max(...limits)).toBeGreaterThan(400);
    for (const [i, limit] of limits.entries()) if (i > 0) expect(limit / (limits[i - 1] ?? 1)).toBeLessThanOrEqual(2.01);
    const cursors = await withSession(tools, (session) => tools.store.cursors(session, run));
    expect(cursors["backfill-1"]).toMatchObject({ pass: 1, changed: 40000, after: ["40000"] });
    expect(news.some((each) => each.kind === "progress")).toBe(true);
  });

  test("a pass ends under constant inserts", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      "create table t (id bigint generated by default as identity primary key, b int); insert into t (id) select n from generate_series(1, 3000) n; alter sequence t_id_seq restart with 3001",
    );
    const client = await db.connect();
    let writing = true;
    const writer = (async () => {
      for (let n = 0; writing && n < 100_000; n += 1) await client.query(n % 50 === 0 ? "insert into t default values" : "insert into t (b) values (0)");
    })();
    const tools = toolsFor(db.url);
    const plan = planOf([
      draft(
        "backfill",
        alongId("t", {
          apply: "update t set b = 1 where {{after}} and {{upto}} and b is null",
          remaining: "select 1 from t where b is null and id <= 3000 limit 1",
          targetMs: 10,
        }),
      ),
    ]);
    const { state } = await runPlan(tools, plan);
    writing = false;
    await writer;
    expect(state.outcome).toBe("applied");
    expect(await db.rows("select count(*)::int as n from t where b is null and id <= 3000")).toEqual([{ n: 0 }]);
  });

  test("rows that no pass changes end in a Problem, not in an endless loop", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table t (id bigint primary key, b int); insert into t values (1, null)");
    const problem = await caught(
      runPlan(
        toolsFor(db.url),
        planOf([
          draft("backfill", alongId("t", { apply: "update t set b = 1 where false and {{after}} and {{upto}}", remaining: "select 1 from t where b is null" })),
        ]),
      ),
    );
    expect(problem.code).toBe("rows-remain");
  });

  test("a composite key of text and of mixed case is walked in its own order", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      `create table t ("Key A" text collate "C", b varchar(20), done int default 0, primary key ("Key A", b)); insert into t select chr(65 + n % 50) || '''\\"', 'ä' || n from generate_series(1, 3000) n`,
    );
    const order = `"Key A", b`;
    const act = alongId("t", {
      key: [
        { name: "Key A", type: "text" },
        { name: "b", type: "character varying(20)" },
      ],
      bound: `select "Key A" as k1, b::text as k2 from t where {{after}} order by ${order} offset {{limit}} - 1 limit 1`,
      last: `select "Key A" as k1, b::text as k2 from t order by "Key A" desc, b desc limit 1`,
      apply: "update t set done = done + 1 where {{after}} and {{upto}}",
    });
    await runPlan(toolsFor(db.url), planOf([draft("backfill", act)]));
    expect(await db.rows("select done, count(*)::int as n from t group by done")).toEqual([{ done: 1, n: 3000 }]);
  });

  test("a pause request of another process stops between batches, and resume goes on from there", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table t (id bigint primary key, met int not null default 0); insert into t select n from generate_series(1, 2000) n");
    let moving = (): void => undefined;
    const moved = new Promise<void>((resolve) => (moving = resolve));
    const tools = toolsFor(db.url, { report: (news) => news.kind === "progress" && moving() });
    const plan = planOf([
      draft("backfill", alongId("t", { apply: "update t set met = met + 1 from pg_sleep(0.02) where {{after}} and {{upto}}", targetMs: 1 })),
    ]);
    const held = await open(tools, plan);
    const carrying = caught(carry(held, forward));
    await moved;
    await withSession(tools, (session) => tools.store.requestPause(session, held.run, "ada@home"));
    const problem = await carrying;
    await held.release();
    expect(problem).toMatchObject({ code: "paused", exit: 130, hint: `Go on with: hotstick resume ${held.run}` });
    const [{ n = 0 } = {}] = await db.rows<{ n: number }>("select count(*)::int as n from t where met = 1");
    expect(n).toBeGreaterThan(0);
    expect(n).toBeLessThan(2000);
    const again = await withSession(tools, (session) => holdRun(tools, session, held.run, { holder, wait: false, signal: never, times: quickTimes }));
    expect((await carry(again!, forward)).outcome).toBe("applied");
    await again!.release();
    expect(await db.rows("select met, count(*)::int as n from t group by met")).toEqual([{ met: 1, n: 2000 }]);
  });

  test("an abort cancels the statement under way, and the time limit pauses at the next boundary", async (t) => {
    const db = await databaseFor(t, major);
    const tools = toolsFor(db.url);
    const held = await open(tools, planOf([draft("expand", outside(["select pg_sleep(60)"]))]));
    const abort = new AbortController();
    const since = Date.now();
    const carrying = caught(carry(held, { ...forward, abort: abort.signal }));
    setTimeout(() => abort.abort("interrupt"), 300);
    expect(await carrying).toMatchObject({ code: "paused" });
    expect(Date.now() - since).toBeLessThan(5_000);
    const late = await caught(carry(held, { ...forward, options: { maxTimeMs: 0 } }));
    expect(late).toMatchObject({ code: "paused", details: { reason: "max-time" } });
    await held.release();
  });

  test("a name that belongs to something else is left alone", async (t) => {
    const db = await databaseFor(t, major);
    const problem = await caught(runPlan(toolsFor(db.url), planOf([draft("expand", outside(["select 1"]), { probe: "select 'other' as state" })])));
    expect(problem.code).toBe("name-taken");
  });

  test("a unique index that the data refuse is taken away again at once", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table t (id bigint primary key, a int); insert into t values (1, 1), (2, 1)");
    const plan = planOf([
      draft("retire", outside(["create unique index concurrently t_a on t (a)"], ["drop index concurrently t_a"]), { probe: indexProbe("t_a") }),
    ]);
    const problem = await caught(runPlan(toolsFor(db.url), plan));
    expect(problem).toMatchObject({ code: "step-refused", message: expect.stringContaining("(a)=(1)") });
    expect(await db.rows("select to_regclass('t_a') as index")).toEqual([{ index: null }]);
  });

  test("a module's batches commit with its cursor, and it goes on behind the last one", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table t (n int)");
    let crash = true;
    const tools = toolsFor(db.url, {
      modules: () =>
        Promise.resolve(async (context) => {
          for (let n = ((context.cursor as number | null) ?? 0) + 1; n <= 10; n += 1) {
            if (n === 6 && crash) throw new Error("out of luck");
            await context.batch(async (session) => {
              await session.script([`insert into t values (${n})`]);
              return n;
            });
          }
        }),
    });
    const held = await open(tools, planOf([draft("backfill", { kind: "module", file: "m.ts", export: "up", sha256: "" })]));
    expect(await caught(carry(held, forward))).toMatchObject({ code: "module-failed", message: expect.stringContaining("out of luck") });
    crash = false;
    expect((await carry(held, forward)).outcome).toBe("applied");
    await held.release();
    expect(await db.rows("select array_agg(n order by n) as n from t")).toEqual([{ n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }]);
  });
});

/** Notes the limits of the bounds that are asked for. */
function watched<S extends { script(statements: readonly string[]): Promise<unknown> }>(session: S, limits: number[]): S {
  const script = session.script.bind(session);
  session.script = (statements: readonly string[]) => {
    const limit = /offset (\d+) - 1/.exec(statements.join(";"))?.[1];
    if (limit !== undefined) limits.push(Number(limit));
    return script(statements);
  };
  return session;
}
