// A run on real servers: forward, backward, refused, paused, resumed.
import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/problem.ts";
import type { ModuleContext } from "../../src/run/acts/module.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun } from "../../src/run/open.ts";
import type { News } from "../../src/run/tools.ts";
import { onMysql } from "../harness/mariadb.ts";
import { probeWhere, type RunDatabase, type RunStand, runStands } from "../harness/run-stands.ts";
import {
  backward,
  core,
  type Draft,
  draft,
  forward,
  holder,
  inTransaction,
  never,
  open,
  outside,
  planOf,
  quickTimes,
  runPlan,
  toolsFor,
  withSession,
} from "../harness/runs.ts";

const caught = async (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => expect.fail("no Problem"),
    (error) => error as Problem,
  );

const postgresSteps = (db: RunDatabase): readonly Draft[] => [
  draft("expand", inTransaction(["alter table t add column b int", "comment on column t.b is 'run {{run}}'"]), {
    locks: [db.strong("t")],
    timeouts: { statement: "budget" },
    undo: [core(inTransaction(["alter table t drop column b"]), { locks: [db.strong("t")] })],
  }),
  ...filled(db),
  draft("switch", inTransaction(["comment on table t is 'switched'"]), { undo: [core(inTransaction(["comment on table t is null"]))] }),
  draft("retire", inTransaction(["comment on table t is 'retired {{generation}}'"]), {
    group: "t",
    mark: "settle",
    undo: [core(inTransaction(["comment on table t is 'back {{generation}} {{settled}}'"]), { group: "t" })],
  }),
  draft("drop", inTransaction(["alter table t drop column a"]), { locks: [db.strong("t")] }),
];

/** DDL commits by itself here, and a comment is DDL. */
const mariadbSteps = (db: RunDatabase): readonly Draft[] => {
  const locks = [db.strong("t")];
  const there = (column: string, state: string): string =>
    `select if(count(*) = 1, ${state}) as state from information_schema.columns where table_schema = database() and table_name = 't' and column_name = '${column}'`;
  return [
    draft("expand", outside(["alter table t add column b int, algorithm=instant"]), {
      probe: there("b", "'done', 'absent'"),
      locks,
      timeouts: { statement: "budget" },
      undo: [core(outside(["alter table t drop column b"]), { probe: there("b", "'absent', 'done'"), locks })],
    }),
    ...filled(db),
    draft("switch", inTransaction(["update said set word = 'switched'"]), { undo: [core(inTransaction(["update said set word = null"]))] }),
    draft("retire", inTransaction(["update said set word = 'retired {{generation}}'"]), {
      group: "t",
      mark: "settle",
      undo: [core(inTransaction(["update said set word = 'back {{generation}} {{settled}}'"]), { group: "t" })],
    }),
    draft("drop", outside(["alter table t drop column a"]), { probe: there("a", "'absent', 'done'"), locks }),
  ];
};

const filled = (db: RunDatabase): readonly Draft[] => {
  const index = db.stand.index("t_b", "t (b)");
  const [same, text, key] = db.stand.engine === "postgres" ? ["b is not distinct from a * 2", "id::text", "key"] : ["b <=> a * 2", "cast(id as char)", "`key`"];
  return [
    draft(
      "backfill",
      db.along("t", {
        apply: "update t set b = a * 2 where {{after}} and {{upto}} and b is null",
        remaining: "select 1 from t where b is null limit 1",
        targetMs: 5,
      }),
    ),
    draft("backfill", index.act, { probe: index.probe, undo: [core(outside([dropIndex[db.stand.engine]("t_b", "t")]))] }),
    draft("backfill", {
      kind: "checks",
      checks: [{ title: "b is not twice a", statement: `select 'b is not 2a' as problem, ${text} as ${key} from t where not (${same}) limit 10` }],
    }),
  ];
};

const dropIndex = {
  postgres: (index: string, _table: string) => `drop index concurrently if exists ${index}`,
  // MySQL has no IF EXISTS here.
  mariadb: (index: string, table: string) => `alter table ${table} drop index ${onMysql ? "" : "if exists "}${index}`,
};

/** One step of every kind, with its way back. */
const everything = (db: RunDatabase) => planOf(db.stand.engine === "postgres" ? postgresSteps(db) : mariadbSteps(db), { name: "everything", tables: ["t"] });

const seed = (db: RunDatabase, rows = 2_000): Promise<unknown> =>
  db.rows(
    `create table t (id bigint primary key, a int not null); create table said (word text); insert into said values (null); insert into t select n, n from ${db.stand.series(rows)}`,
  );

/** What the last comment, or what stands for it, says. */
const said = (db: RunDatabase): Promise<string | null> =>
  db.one(db.stand.engine === "postgres" ? "select obj_description('t'::regclass)" : "select word from said");

const columnsOf = async (db: RunDatabase): Promise<readonly unknown[]> =>
  (
    await db.rows(
      `select column_name as name from information_schema.columns where table_schema = ${db.stand.engine === "postgres" ? "'public'" : "database()"} and table_name = 't' order by 1`,
    )
  ).map(({ name }) => name);

/** Words of each engine for what these tests do to a table. */
const words = {
  postgres: {
    join: "'x' || id",
    asText: "id::text",
    asNumber: "a::int",
    refused: '"x2222"',
    identity: "bigint generated by default as identity primary key",
    goOnAt: (n: number) => `alter sequence t_id_seq restart with ${n}`,
    insertNothing: "insert into t default values",
    slowBatch: "update t set met = met + 1 from pg_sleep(0.02) where {{after}} and {{upto}}",
    composite: {
      table: `create table t ("Key A" text collate "C", b varchar(20), done int default 0, primary key ("Key A", b)); insert into t select chr(65 + n % 50) || '''\\"', 'ä' || n from generate_series(1, 3000) n`,
      types: ["text", "character varying(20)"],
      name: '"Key A"',
      bound: `select "Key A" as k1, b::text as k2 from t where {{after}} order by "Key A", b offset {{limit}} - 1 limit 1`,
    },
    duplicate: "(a)=(1)",
  },
  mariadb: {
    join: "concat('x', id)",
    asText: "cast(id as char)",
    asNumber: "cast(a as signed)",
    refused: "x2222",
    identity: "bigint auto_increment primary key",
    goOnAt: (n: number) => `alter table t auto_increment = ${n}`,
    insertNothing: "insert into t () values ()",
    slowBatch: "update t join (select sleep(0.02) as slept) s set met = met + 1 where {{after}} and {{upto}} and slept = 0",
    composite: {
      table:
        "create table t (`Key A` varchar(20) collate utf8mb4_bin, b varchar(20), done int default 0, primary key (`Key A`, b)); insert into t (`Key A`, b) select concat(char(65 + seq % 50 using utf8mb4), '''\\\\\"'), concat('ä', seq) from seq_1_to_3000",
      types: ["varchar(20)", "varchar(20)"],
      name: "`Key A`",
      bound:
        "with page as (select `Key A`, b from t where {{after}} order by `Key A`, b limit {{limit}}) select `Key A` as k1, b as k2 from page where (select count(*) from page) = {{limit}} order by `Key A` desc, b desc limit 1",
    },
    duplicate: "Duplicate entry '1'",
  },
} as const satisfies Readonly<Record<RunStand["engine"], unknown>>;

describe.each(runStands)("on %s", (_, stand) => {
  const say = words[stand.engine];

  test("a run goes through all phases and is closed", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const tools = toolsFor(db.url);
    const { run, state } = await runPlan(tools, everything(db));
    expect(state).toMatchObject({ position: "drop", outcome: "applied", stopped: null });
    expect(await db.rows("select count(*) as n, sum(b) as sum from t")).toEqual([{ n: "2000", sum: "4002000" }]);
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
    const db = await stand.databaseFor(t);
    await seed(db);
    const tools = toolsFor(db.url);
    const held = await open(tools, everything(db));
    expect((await carry(held, { ...forward, goal: "retire" })).position).toBe("retire");
    const back = await carry(held, { ...backward, goal: "switch" });
    expect(back).toMatchObject({ position: "switch", groups: { t: { generation: 1 } } });
    expect(await said(db)).toMatch(/^back 1 \d+$/);
    expect((await carry(held, { ...forward, goal: "retire" })).groups["t"]?.generation).toBe(2);
    const state = await carry(held, backward);
    await held.release();
    expect(state).toMatchObject({ position: "start", outcome: "reverted" });
    expect(await columnsOf(db)).toEqual(["a", "id"]);
    expect(await db.one(stand.indexState("t_b"))).toBeNull();
  });

  test("a guard that finds something stops the step, and the run can be walked back", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const tools = toolsFor(db.url);
    const held = await open(
      tools,
      planOf([
        draft(
          "expand",
          inTransaction(["update t set a = a + 1 where id = 1"], {
            guards: [
              "select 'fine' as problem from t where false",
              `select ${stand.engine === "postgres" ? "'row ' || id || ' is bad'" : "concat('row ', id, ' is bad')"} as problem from t where id < 3 order by id`,
            ],
          }),
          { locks: [db.strong("t")] },
        ),
      ]),
    );
    const problem = await caught(carry(held, forward));
    expect(problem).toMatchObject({
      code: "guard-failed",
      message: expect.stringContaining("row 1 is bad"),
      done: expect.stringContaining("none of its steps is done"),
    });
    expect(await db.one("select a from t where id = 1")).toBe("1");
    expect((await carry(held, backward)).outcome).toBe("reverted");
    await held.release();
  });

  test("rows that are refused are named, and the run goes on from that batch when they are corrected", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(
      `create table t (id bigint primary key, a varchar(20), b int); insert into t (id) select n from ${stand.series(5000)}; update t set a = ${say.asText}; update t set a = ${say.join} where id in (2222, 2223, 4000)`,
    );
    const tools = toolsFor(db.url);
    const held = await open(
      tools,
      planOf([draft("backfill", db.along("t", { apply: `update t set b = ${say.asNumber} where {{after}} and {{upto}}`, targetMs: 20 }))]),
    );
    const problem = await caught(carry(held, forward));
    expect(problem.code).toBe("rows-refused");
    expect(problem.details).toMatchObject({
      rows: expect.arrayContaining([
        { key: "id = 2222", problem: expect.stringContaining(say.refused) },
        { key: "id = 2223", problem: expect.anything() },
      ]),
    });
    expect(await db.one("select count(b) from t where id >= 2222")).toBe("0");
    await db.rows(`update t set a = ${say.asText}`);
    expect((await carry(held, forward)).outcome).toBe("applied");
    await held.release();
    expect(await db.one("select count(*) from t where b = id")).toBe("5000");
  });

  test("batches adapt to their time and meet each row once", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(`create table t (id bigint primary key, met int not null default 0); insert into t (id) select n from ${stand.series(40000)}`);
    const news: News[] = [];
    const tools = toolsFor(db.url, { report: (each) => void news.push(each) });
    const limits: number[] = [];
    const plan = planOf([draft("backfill", db.along("t", { apply: "update t set met = met + 1 where {{after}} and {{upto}}", targetMs: 40 }))]);
    const { driver } = tools;
    const { run } = await runPlan({ ...tools, driver: { ...driver, connect: async (options) => watched(await driver.connect(options), limits) } }, plan);
    expect(await db.rows("select met, count(*) as n from t group by met")).toEqual([{ met: "1", n: "40000" }]);
    expect(limits[0]).toBe(100);
    expect(Math.max(...limits)).toBeGreaterThan(400);
    for (const [i, limit] of limits.entries()) if (i > 0) expect(limit / (limits[i - 1] ?? 1)).toBeLessThanOrEqual(2.01);
    const cursors = await withSession(tools, (session) => tools.store.cursors(session, run));
    expect(cursors["backfill-1"]).toMatchObject({ pass: 1, changed: 40000, after: ["40000"] });
    expect(news.some((each) => each.kind === "progress")).toBe(true);
  });

  test("a pass ends under constant inserts", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(`create table t (id ${say.identity}, b int); insert into t (id) select n from ${stand.series(3000)}; ${say.goOnAt(3001)}`);
    const client = await db.connect();
    let writing = true;
    const writer = (async () => {
      for (let n = 0; writing && n < 100_000; n += 1) await client.query(n % 50 === 0 ? say.insertNothing : "insert into t (b) values (0)");
    })();
    const tools = toolsFor(db.url);
    const plan = planOf([
      draft(
        "backfill",
        db.along("t", {
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
    expect(await db.one("select count(*) from t where b is null and id <= 3000")).toBe("0");
  });

  test("rows that no pass changes end in a Problem, not in an endless loop", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows("create table t (id bigint primary key, b int); insert into t values (1, null)");
    const problem = await caught(
      runPlan(
        toolsFor(db.url),
        planOf([
          draft(
            "backfill",
            db.along("t", { apply: "update t set b = 1 where false and {{after}} and {{upto}}", remaining: "select 1 from t where b is null" }),
          ),
        ]),
      ),
    );
    expect(problem.code).toBe("rows-remain");
  });

  test("a composite key of text and of mixed case is walked in its own order", async (t) => {
    const db = await stand.databaseFor(t);
    const { table, types, name, bound } = say.composite;
    await db.rows(table);
    const act = db.along("t", {
      key: [
        { name: "Key A", type: types[0] },
        { name: "b", type: types[1] },
      ],
      bound,
      last: `select ${name} as k1, b as k2 from t order by ${name} desc, b desc limit 1`,
      apply: "update t set done = done + 1 where {{after}} and {{upto}}",
    });
    await runPlan(toolsFor(db.url), planOf([draft("backfill", act)]));
    expect(await db.rows("select done, count(*) as n from t group by done")).toEqual([{ done: "1", n: "3000" }]);
  });

  test("a pause request of another process stops between batches, and resume goes on from there", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(`create table t (id bigint primary key, met int not null default 0); insert into t (id) select n from ${stand.series(2000)}`);
    let moving = (): void => undefined;
    const moved = new Promise<void>((resolve) => (moving = resolve));
    const tools = toolsFor(db.url, { report: (news) => news.kind === "progress" && moving() });
    const plan = planOf([draft("backfill", db.along("t", { apply: say.slowBatch, targetMs: 1 }))]);
    const held = await open(tools, plan);
    const carrying = caught(carry(held, forward));
    await moved;
    await withSession(tools, (session) => tools.store.requestPause(session, held.run, "ada@home"));
    const problem = await carrying;
    await held.release();
    expect(problem).toMatchObject({ code: "paused", exit: 130, hint: `Go on with: hotstick resume ${held.run}` });
    const n = Number(await db.one("select count(*) from t where met = 1"));
    expect(n).toBeGreaterThan(0);
    expect(n).toBeLessThan(2000);
    const again = await withSession(tools, (session) => holdRun(tools, session, held.run, { holder, wait: false, signal: never, times: quickTimes }));
    expect((await carry(again!, forward)).outcome).toBe("applied");
    await again!.release();
    expect(await db.rows("select met, count(*) as n from t group by met")).toEqual([{ met: "1", n: "2000" }]);
  });

  test("an abort cancels the statement under way, and the time limit pauses at the next boundary", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = toolsFor(db.url);
    const held = await open(tools, planOf([draft("expand", outside([stand.sleep(60)]))]));
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
    const db = await stand.databaseFor(t);
    const problem = await caught(runPlan(toolsFor(db.url), planOf([draft("expand", outside(["select 1"]), { probe: "select 'other' as state" })])));
    expect(problem.code).toBe("name-taken");
  });

  test("a unique index that the data refuse is taken away again at once", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows("create table t (id bigint primary key, a int); insert into t values (1, 1), (2, 1)");
    const { act, probe } = stand.index("t_a", "t (a)", true);
    const problem = await caught(runPlan(toolsFor(db.url), planOf([draft("retire", act, { probe })])));
    expect(problem).toMatchObject({ code: "step-refused", message: expect.stringContaining(say.duplicate) });
    expect(await db.one(stand.indexState("t_a"))).toBeNull();
  });

  // Elsewhere DDL in a transaction is taken back with it.
  test.runIf(stand.engine === "mariadb")(
    "DDL that commits by itself is found by its probe where its step is interrupted, and the steps after it are not lost",
    async (t) => {
      const db = await stand.databaseFor(t);
      await seed(db, 10);
      const add = (name: string) =>
        draft("expand", outside([`alter table t add column ${name} int, algorithm=instant`]), {
          probe: probeWhere(`columns where table_schema = database() and table_name = 't' and column_name = '${name}'`),
          locks: [db.strong("t")],
        });
      const held = await open(toolsFor(db.url), planOf([add("b"), add("a"), add("c")]));
      // Somebody has added it already, and the second one fails for its name.
      await db.rows("alter table t add column b int");
      const { outcome } = await carry(held, forward);
      await held.release();
      expect(outcome).toBe("applied");
      expect(await columnsOf(db)).toEqual(["a", "b", "c", "id"]);
      const events = await withSession(toolsFor(db.url), (session) => toolsFor(db.url).store.events(session, held.run));
      expect(events.flatMap((event) => (event.kind === "done" ? [event.found] : []))).toEqual([true, true, false]);
    },
  );

  test("a module's batches commit with its cursor, and it goes on behind the last one", async (t) => {
    const db = await stand.databaseFor(t);
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
    expect(await db.one(`select ${stand.list("n")} from t`)).toBe("1,2,3,4,5,6,7,8,9,10");
  });

  type Batch = (n: number) => Promise<unknown>;
  test.for([
    ["two at once", (batch: Batch): Promise<unknown> => Promise.all([batch(1), batch(2)]), "before the one before it had ended"],
    ["one that is not awaited", async (batch: Batch): Promise<void> => void batch(1), "before its last batch did"],
  ] as const)("a module's batches are one after another: %s", async ([, work, says], t) => {
    const db = await stand.databaseFor(t);
    await db.rows("create table t (n int)");
    const one =
      (context: ModuleContext): Batch =>
      (n) =>
        context.batch(async (session): Promise<number> => {
          await session.script([`insert into t values (${n})`]);
          await new Promise((resolve) => setTimeout(resolve, 100));
          return n;
        });
    const tools = toolsFor(db.url, { modules: () => Promise.resolve((context) => work(one(context))) });
    const held = await open(tools, planOf([draft("backfill", { kind: "module", file: "m.ts", export: "up", sha256: "" })]));
    expect(await caught(carry(held, forward))).toMatchObject({ code: "module-failed", message: expect.stringContaining(says) });
    // What was begun has ended, and was journalled.
    expect(await db.one(`select ${stand.list("n")} from t`)).toBe("1");
    await held.release();
  });
});

/** Notes the limits of the bounds that are asked for. */
function watched<S extends { script(statements: readonly string[]): Promise<unknown> }>(session: S, limits: number[]): S {
  const script = session.script.bind(session);
  session.script = (statements: readonly string[]) => {
    const limit = /(?:offset|order by id limit) (\d+)/.exec(statements.join(";"))?.[1];
    if (limit !== undefined) limits.push(Number(limit));
    return script(statements);
  };
  return session;
}
