// No application statement waits behind a run for longer than the budget, whoever holds the table.
import type pg from "pg";
import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/problem.ts";
import { carry } from "../../src/run/loop.ts";
import type { News } from "../../src/run/tools.ts";
import { majors } from "../harness/majors.ts";
import { draft, forward, inTransaction, open, planOf, runPlan, strong, toolsFor, withSession } from "../harness/runs.ts";
import { databaseFor, type TestDatabase } from "../harness/servers.ts";

const caught = async (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => expect.fail("no Problem"),
    (error) => error as Problem,
  );

/** Beyond the budget: a round trip, and a machine that is busy with other tests. */
const slackMs = 150;

/** Writers that note how long their slowest statement took. */
async function traffic(db: TestDatabase, clients: number): Promise<{ stop(): Promise<{ readonly slowest: number; readonly statements: number }> }> {
  let going = true;
  let slowest = 0;
  let statements = 0;
  const writers = await Promise.all(Array.from({ length: clients }, () => db.connect()));
  const write = async (client: pg.Client, n: number): Promise<void> => {
    while (going) {
      const since = performance.now();
      await client.query(n % 2 === 0 ? "select * from t where id = 1" : `update t set a = a + 1 where id = ${n}`);
      slowest = Math.max(slowest, performance.now() - since);
      statements += 1;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const writing = Promise.all(writers.map(write));
  return {
    async stop() {
      going = false;
      await writing;
      return { slowest, statements };
    },
  };
}

const seed = (db: TestDatabase) =>
  db.rows("create table t (id bigint primary key, a int); create table u (id bigint primary key); insert into t select n, 0 from generate_series(1, 100) n");
const addColumn = () =>
  planOf([draft("expand", inTransaction(["alter table t add column b int"]), { locks: [strong("t")], timeouts: { statement: "budget" } })]);
const budget = 200;
const carried = { ...forward, options: { lockBudgetMs: budget, maxTries: 4, pauseMs: 20 } };

describe.each(majors)("on PostgreSQL %i", (major) => {
  test("an old transaction is waited for without queueing, and named", async (t) => {
    const db = await databaseFor(t, major);
    await seed(db);
    const old = await db.connect();
    await old.query("set application_name = 'slow report'; begin; select * from t limit 1");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const clients = await traffic(db, 6);
    const news: News[] = [];
    const tools = toolsFor(db.url, { report: (each) => void news.push(each) });
    const held = await open(tools, addColumn());
    const carrying = carry(held, { ...carried, options: { ...carried.options, maxTries: 20 } });
    await expect
      .poll(() => news.some((each) => each.kind === "waiting" && each.for === "transaction" && each.blockers[0]?.application === "slow report"), {
        timeout: 5_000,
      })
      .toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await old.query("commit");
    expect((await carrying).outcome).toBe("applied");
    await held.release();
    const { slowest, statements } = await clients.stop();
    expect(statements).toBeGreaterThan(100);
    expect(slowest).toBeLessThan(budget + slackMs);
    const events = await withSession(tools, (session) => tools.store.events(session, held.run));
    expect(events.filter((event) => event.kind === "started")).toHaveLength(1);
    expect(events.find((event) => event.kind === "waiting")).toMatchObject({
      message: expect.stringMatching(/^pid \d+ \(slow report, idle in transaction for [\d.]+ s, ACCESS SHARE on public\.t\)$/),
    });
  });

  test("a transaction that will not end makes it give up, with its name and the budget as a hint", async (t) => {
    const db = await databaseFor(t, major);
    await seed(db);
    const old = await db.connect();
    await old.query("begin; lock table t in access share mode");
    const clients = await traffic(db, 4);
    const problem = await caught(runPlan(toolsFor(db.url), addColumn(), carried));
    expect(problem).toMatchObject({
      code: "lock-busy",
      exit: 5,
      hint: expect.stringContaining("--lock-budget"),
      message: expect.stringContaining("ACCESS SHARE on public.t"),
    });
    expect(problem.details).toMatchObject({ blockers: [{ relation: "public.t" }] });
    expect((await clients.stop()).slowest).toBeLessThan(budget + slackMs);
    await old.query("rollback");
  });

  test("a prepared transaction is named by its id", async (t) => {
    const db = await databaseFor(t, major);
    const [setting] = await db.rows<{ n: number }>("select current_setting('max_prepared_transactions')::int as n");
    t.skip(setting?.n === 0, "the server allows no prepared transactions");
    await seed(db);
    await db.rows("begin; update t set a = 1 where id = 1; prepare transaction 'left behind'");
    const problem = await caught(runPlan(toolsFor(db.url), addColumn(), carried));
    expect(problem).toMatchObject({ code: "lock-busy", message: expect.stringContaining('prepared transaction "left behind"') });
    await db.rows("rollback prepared 'left behind'");
  });

  test("overlapping readers may starve it, but never their neighbours", async (t) => {
    const db = await databaseFor(t, major);
    await seed(db);
    let reading = true;
    const readers = await Promise.all([0, 1, 2, 3].map(() => db.connect()));
    const read = Promise.all(
      readers.map(async (client, i) => {
        await new Promise((resolve) => setTimeout(resolve, i * 100));
        while (reading) await client.query("select pg_sleep(0.4) from t where id = 1");
      }),
    );
    const clients = await traffic(db, 4);
    const problem = await caught(runPlan(toolsFor(db.url), addColumn(), carried));
    expect(problem.code).toBe("lock-busy");
    reading = false;
    await read;
    expect((await clients.stop()).slowest).toBeLessThan(budget + slackMs);
  });

  test("waiting and holding together stay within the budget, over all statements of the step", async (t) => {
    const db = await databaseFor(t, major);
    await seed(db);
    const clients = await traffic(db, 4);
    const slow = planOf([
      draft("expand", inTransaction(["alter table t add column b int", ...Array.from({ length: 6 }, () => "select pg_sleep(0.06)")]), {
        locks: [strong("t"), strong("u")],
        timeouts: { statement: "budget" },
      }),
    ]);
    const problem = await caught(runPlan(toolsFor(db.url), slow, { ...carried, options: { ...carried.options, maxTries: 2 } }));
    expect(problem).toMatchObject({ code: "lock-busy", message: expect.stringContaining("statement timeout") });
    expect((await clients.stop()).slowest).toBeLessThan(budget + slackMs);
    expect(await db.rows("select count(*)::int as n from pg_attribute where attrelid = 't'::regclass and attname = 'b'")).toEqual([{ n: 0 }]);
  });

  test("autovacuum gives way", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("alter system set autovacuum_naptime = '1s'");
    await db.rows("select pg_reload_conf()");
    t.onTestFinished(async () => {
      await db.rows("alter system reset autovacuum_naptime");
    });
    await db.rows(
      "create table t (id bigint primary key, a int) with (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
    );
    await db.rows("insert into t select n, 0 from generate_series(1, 50000) n; update t set a = 1");
    await expect
      .poll(() => db.rows("select count(*)::int as n from pg_stat_progress_vacuum where relid = 't'::regclass"), { timeout: 30_000, interval: 100 })
      .toEqual([{ n: 1 }]);
    const clients = await traffic(db, 4);
    const { state } = await runPlan(toolsFor(db.url), addColumn(), { ...carried, options: { ...carried.options, maxTries: 10 } });
    expect(state).toMatchObject({ outcome: "applied", attempts: { "expand-1": 1 } });
    expect((await clients.stop()).slowest).toBeLessThan(budget + slackMs);
  });
});
