// No application statement waits behind a run for longer than the budget, whoever holds the table.
import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/problem.ts";
import { carry } from "../../src/run/loop.ts";
import type { News } from "../../src/run/tools.ts";
import { ownMariadbFor } from "../harness/mariadb.ts";
import { inDatabase, probeWhere, type RunConnection, type RunDatabase, type RunStand, runStands } from "../harness/run-stands.ts";
import { draft, forward, inTransaction, open, outside, planOf, runPlan, toolsFor, withSession } from "../harness/runs.ts";
import { measureBusy, measureSlowest } from "../harness/slowest.ts";

const caught = async (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => expect.fail("no Problem"),
    (error) => error as Problem,
  );

/** Beyond the budget: a round trip, and what of a busy machine one client meets and another does not. */
const slackMs = 150;

/** Readers and writers that note how long they waited at most. @param readOnly Where a stranger's lock holds up writers anyway. */
async function traffic(
  db: RunDatabase,
  clients: number,
  { table = "t", readOnly = false } = {},
): Promise<{ stop(): Promise<{ readonly waited: number; readonly statements: number }> }> {
  const busy = measureBusy(await db.connect());
  const connections = await Promise.all(Array.from({ length: clients }, () => db.connect()));
  const sending = connections.map((client, n) =>
    measureSlowest(() => client.query(n % 2 === 0 || readOnly ? `select * from ${table} where id = 1` : `update ${table} set a = a + 1 where id = ${n}`)),
  );
  return {
    async stop() {
      const each = await Promise.all(sending.map((one) => one.stop()));
      const { ms } = await busy.stop();
      return { waited: Math.max(...each.map((one) => one.ms)) - ms, statements: each.reduce((sum, one) => sum + one.statements, 0) };
    },
  };
}

const seed = (db: RunDatabase) =>
  db.rows(`create table t (id bigint primary key, a int); create table u (id bigint primary key); insert into t select n, 0 from ${db.stand.series(100)}`);

/** The words of each engine for what is in the way, and for what is done there. */
interface Words {
  readonly old: (connection: RunConnection) => Promise<unknown>;
  /** What a waiting run says of it. */
  readonly named: RegExp;
  readonly addColumn: (db: RunDatabase) => ReturnType<typeof draft>;
  readonly prepare: (name: string) => string;
  readonly forget: (name: string) => string;
}

const late = (table: string, column: string): string =>
  probeWhere(`columns where table_schema = database() and table_name = '${table}' and column_name = '${column}'`);

const words: Readonly<Record<RunStand["engine"], Words>> = {
  postgres: {
    old: (connection) => connection.query("set application_name = 'slow report'; begin; select * from t limit 1"),
    named: /^pid \d+ \(slow report, idle in transaction for [\d.]+ s, ACCESS SHARE on public\.t\)$/,
    addColumn: (db) => draft("expand", inTransaction(["alter table t add column b int"]), { locks: [db.strong("t")], timeouts: { statement: "budget" } }),
    prepare: (name) => `begin; update t set a = 1 where id = 50; prepare transaction '${name}'`,
    forget: (name) => `rollback prepared '${name}'`,
  },
  mariadb: {
    old: (connection) => connection.query("start transaction; select * from t limit 1"),
    named: /^pid \d+ \(.*idle in transaction for [\d.]+ s, .* on .*\.t\)$/,
    addColumn: (db) =>
      draft("expand", outside(["alter table t add column b int, algorithm=instant"]), {
        probe: late("t", "b"),
        locks: [db.strong("t")],
        timeouts: { statement: "budget" },
      }),
    prepare: (name) => `xa start '${name}'; update t set a = 1 where id = 50; xa end '${name}'; xa prepare '${name}'`,
    forget: (name) => `xa rollback '${name}'`,
  },
};

const addColumn = (db: RunDatabase) => planOf([words[db.stand.engine].addColumn(db)]);
const budget = 200;
const carried = { ...forward, options: { lockBudgetMs: budget, maxTries: 4, pauseMs: 20 } };

describe.each(runStands)("on %s", (_, stand) => {
  const say = words[stand.engine];

  test("an old transaction is waited for without queueing, and named", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const old = await db.connect();
    await say.old(old);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const clients = await traffic(db, 6);
    const news: News[] = [];
    const tools = toolsFor(db.url, { report: (each) => void news.push(each) });
    const held = await open(tools, addColumn(db));
    const carrying = carry(held, { ...carried, options: { ...carried.options, maxTries: 20 } });
    await expect
      .poll(() => news.some((each) => each.kind === "waiting" && each.for === "transaction" && each.blockers[0]?.state === "idle in transaction"))
      .toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await old.query("commit");
    expect((await carrying).outcome).toBe("applied");
    await held.release();
    const { waited, statements } = await clients.stop();
    expect(statements).toBeGreaterThan(100);
    expect(waited).toBeLessThan(budget + slackMs);
    const events = await withSession(tools, (session) => tools.store.events(session, held.run));
    expect(events.filter((event) => event.kind === "started")).toHaveLength(1);
    expect(events.find((event) => event.kind === "waiting")).toMatchObject({
      message: expect.stringMatching(say.named),
    });
  });

  test("a transaction that will not end makes it give up, with its name and the budget as a hint", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const old = await db.connect();
    await say.old(old);
    const clients = await traffic(db, 4);
    const problem = await caught(runPlan(toolsFor(db.url), addColumn(db), carried));
    expect(problem).toMatchObject({
      code: "lock-busy",
      exit: 5,
      hint: expect.stringContaining("--lock-budget"),
      message: expect.stringMatching(/lock on .*\.t|ACCESS SHARE on public\.t/),
    });
    expect(problem.details).toMatchObject({ blockers: [{ relation: expect.stringMatching(/\.t$/) }] });
    expect((await clients.stop()).waited).toBeLessThan(budget + slackMs);
    await old.query("rollback");
  });

  test("a prepared transaction is named by its id", async (t) => {
    const db = await stand.databaseFor(t);
    t.skip(
      stand.engine === "postgres" && (await db.one("select current_setting('max_prepared_transactions')")) === "0",
      "the server allows no prepared transactions",
    );
    await seed(db);
    await db.rows(say.prepare("left behind"));
    const clients = await traffic(db, 4);
    const problem = await caught(runPlan(toolsFor(db.url), addColumn(db), carried));
    const { waited } = await clients.stop();
    await db.rows(say.forget("left behind"));
    expect(problem).toMatchObject({ code: "lock-busy", message: expect.stringContaining('prepared transaction "left behind"') });
    expect(waited).toBeLessThan(budget + slackMs);
  });

  test("overlapping readers may starve it, but never their neighbours", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    let reading = true;
    const readers = await Promise.all([0, 1, 2, 3].map(() => db.connect()));
    const read = Promise.all(
      readers.map(async (client, i) => {
        await new Promise((resolve) => setTimeout(resolve, i * 100));
        while (reading) await client.query(`${stand.sleep(0.4)} from t where id = 1`);
      }),
    );
    const clients = await traffic(db, 4);
    const problem = await caught(runPlan(toolsFor(db.url), addColumn(db), carried));
    expect(problem.code).toBe("lock-busy");
    reading = false;
    await read;
    expect((await clients.stop()).waited).toBeLessThan(budget + slackMs);
  });

  // Elsewhere a statement is a step's transaction, and its limit the budget: below.
  test.runIf(stand.engine === "postgres")("waiting and holding together stay within the budget, over all statements of the step", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const clients = await traffic(db, 4);
    const slow = planOf([
      draft("expand", inTransaction(["alter table t add column b int", ...Array.from({ length: 6 }, () => "select pg_sleep(0.06)")]), {
        locks: [db.strong("t"), db.strong("u")],
        timeouts: { statement: "budget" },
      }),
    ]);
    const problem = await caught(runPlan(toolsFor(db.url), slow, { ...carried, options: { ...carried.options, maxTries: 2 } }));
    expect(problem).toMatchObject({ code: "lock-busy", message: expect.stringContaining("statement timeout") });
    expect((await clients.stop()).waited).toBeLessThan(budget + slackMs);
    expect(await db.one("select count(*) from pg_attribute where attrelid = 't'::regclass and attname = 'b'")).toBe("0");
  });

  test.runIf(stand.engine === "postgres")("autovacuum gives way", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows("alter system set autovacuum_naptime = '1s'");
    await db.rows("select pg_reload_conf()");
    t.onTestFinished(async () => {
      await db.rows("alter system reset autovacuum_naptime");
    });
    await db.rows(
      "create table t (id bigint primary key, a int) with (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
    );
    await db.rows("insert into t select n, 0 from generate_series(1, 50000) n; update t set a = 1");
    await expect.poll(() => db.one("select count(*) from pg_stat_progress_vacuum where relid = 't'::regclass"), { interval: 100 }).toBe("1");
    const clients = await traffic(db, 4);
    const { state } = await runPlan(toolsFor(db.url), addColumn(db), { ...carried, options: { ...carried.options, maxTries: 10 } });
    expect(state).toMatchObject({ outcome: "applied", attempts: { "expand-1": 1 } });
    expect((await clients.stop()).waited).toBeLessThan(budget + slackMs);
  });
});

// Every ALTER is a statement of its own here, which waits for its table twice, and whose waits the server counts in whole seconds or not at all.
describe.each(runStands.filter(([, { engine }]) => engine === "mariadb"))("the waits of an ALTER on %s", (_, stand) => {
  /** Big enough for an ALTER to be at work for a while. */
  const seedBig = (db: RunDatabase) =>
    db.rows(`create table big (id bigint primary key, a int, pad varchar(200)); insert into big select n, 0, repeat('x', 200) from ${stand.series(300_000)}`);
  const working = stand.working("alter table big");

  test("one that turns out not to be instant is cut off within the budget, and nothing of it is left", async (t) => {
    const db = await stand.databaseFor(t);
    await seedBig(db);
    const clients = await traffic(db, 4, { table: "big" });
    const plan = planOf([
      draft("expand", outside(["alter table big add column b int, algorithm=copy, lock=shared"]), {
        probe: late("big", "b"),
        locks: [db.strong("big")],
        timeouts: { statement: "budget" },
      }),
    ]);
    const problem = await caught(runPlan(toolsFor(db.url), plan, { ...carried, options: { ...carried.options, maxTries: 2 } }));
    expect(problem.code).toBe("lock-busy");
    expect((await clients.stop()).waited).toBeLessThan(budget + slackMs);
    expect(await db.one(late("big", "b"))).toBe("absent");
    expect(await db.one(working)).toBe("0");
    expect(await db.rows("select table_name from information_schema.tables where table_schema = database() and table_name like '#%'")).toEqual([]);
  });

  test.each([
    ["an index", "add index b (a), algorithm=inplace, lock=none", probeWhere("statistics where table_schema = database() and index_name = 'b'")],
    ["a rebuild in place", "add column b int, algorithm=inplace, lock=none, force", late("big", "b")],
  ])(
    "%s that meets a transaction at its end is taken away from the queue, and made again when that one has gone",
    { timeout: 120_000 },
    async (_, actions, probe) => {
      await inDatabase(stand, async (db) => {
        await seedBig(db);
        const holder = await db.connect();
        const clients = await traffic(db, 4, { table: "big" });
        const news: News[] = [];
        const tools = toolsFor(db.url, { report: (each) => void news.push(each) });
        const plan = planOf([draft("expand", outside([`alter table big ${actions}`]), { probe, locks: [db.strong("big")] })]);
        const held = await open(tools, plan);
        const carrying = carry(held, { ...carried, options: { ...carried.options, maxTries: 30 } });
        carrying.catch(() => undefined);
        // It does not hold up the ALTER's work, only its end. The server itself looks for the moment: to a busy client it may be told too late.
        await holder.query(
          `begin not atomic while (${working} and state not like 'Waiting%') = 0 do do sleep(0.002); end while; start transaction; select id into @one from big limit 1; end`,
        );
        await expect.poll(() => news.some((each) => each.kind === "waiting" && each.for === "transaction" && each.blockers.length > 0)).toBe(true);
        await holder.query("rollback");
        expect((await carrying).outcome).toBe("applied");
        await held.release();
        const { waited } = await clients.stop();
        const events = await withSession(tools, (session) => tools.store.events(session, held.run));
        expect(events.find((event) => event.kind === "failed")).toMatchObject({
          message: expect.stringMatching(/waited too long for its table.*idle in transaction/),
        });
        expect(waited).toBeLessThan(budget + slackMs);
        expect(await db.one(probe)).toBe("done");
      });
    },
  );

  /** A table, and another that references it and is written in short transactions. @param always whether none ends before the next one has begun. */
  async function referenced(db: RunDatabase, always = false) {
    await seedBig(db);
    await db.rows(
      `create table child (id bigint primary key, big bigint, n int not null default 0, foreign key (big) references big (id)); insert into child (id, big) select n, n from ${stand.series(8)}`,
    );
    let [going, slowest, openOnes] = [true, 0, 0];
    const clients = await Promise.all(Array.from({ length: 8 }, () => db.connect()));
    const busy = measureBusy(await db.connect());
    const writing = clients.map(async (client, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * 5));
      while (going) {
        const since = performance.now();
        await client.query(`start transaction; update child set n = n + 1 where id = ${i + 1}`);
        slowest = Math.max(slowest, performance.now() - since);
        openOnes += 1;
        await new Promise((resolve) => setTimeout(resolve, 30));
        while (always && going && openOnes < 2) await new Promise((resolve) => setTimeout(resolve, 1));
        openOnes -= 1;
        await client.query("commit");
      }
    });
    return async (): Promise<number> => {
      going = false;
      await Promise.all(writing);
      return slowest - (await busy.stop()).ms;
    };
  }
  const addedTo = (db: RunDatabase, actions: string, probe: string, fields = {}) =>
    planOf([draft("expand", outside([`alter table big ${actions}`]), { probe, locks: [db.strong("big")], ...fields })]);
  const instant = (db: RunDatabase) => addedTo(db, "add column b int, algorithm=instant", late("big", "b"), { timeouts: { statement: "budget" } });

  test("an index of a table that others reference is not lost to their writers, who are kept out at its end", async () => {
    await inDatabase(stand, async (db) => {
      const stop = await referenced(db);
      const plan = addedTo(db, "add index b (a), algorithm=nocopy, lock=none", probeWhere("statistics where table_schema = database() and index_name = 'b'"));
      const { state } = await runPlan(toolsFor(db.url), plan, carried);
      expect(await stop()).toBeLessThan(budget + slackMs);
      expect(state).toMatchObject({ outcome: "applied", attempts: { "expand-1": 1 } });
    });
  });

  test("an instant step on such a table waits for none of them in a budget without a whole second, and gives up", async () => {
    await inDatabase(stand, async (db) => {
      const stop = await referenced(db, true);
      await expect.poll(() => db.one("select count(*) from information_schema.innodb_trx where trx_tables_locked > 0")).not.toBe("0");
      const problem = await caught(runPlan(toolsFor(db.url), instant(db), carried));
      expect(await stop()).toBeLessThan(budget + slackMs);
      expect(problem).toMatchObject({ code: "lock-busy", hint: expect.stringContaining("--lock-budget") });
    });
  });

  test("with a whole second to wait it waits as long as their transactions last", async () => {
    await inDatabase(stand, async (db) => {
      const stop = await referenced(db);
      const { state } = await runPlan(toolsFor(db.url), instant(db), { ...carried, options: { ...carried.options, lockBudgetMs: 2_000 } });
      expect(await stop()).toBeLessThan(budget + slackMs);
      expect(state).toMatchObject({ outcome: "applied", attempts: { "expand-1": 1 } });
    });
  });

  test.each([
    ["an instant step", "budget"],
    ["a long one", 0],
  ] as const)("%s waits within the budget for a stranger's LOCK TABLES, about which this server tells nothing", async (_, statement) => {
    await inDatabase(stand, async (db) => {
      await seed(db);
      const stranger = await db.connect();
      await stranger.query("lock tables t read");
      const clients = await traffic(db, 4, { readOnly: true });
      const plan = planOf([{ ...words.mariadb.addColumn(db), timeouts: { lock: "budget", statement } }]);
      const problem = await caught(runPlan(toolsFor(db.url), plan, carried));
      expect(problem.code).toBe("lock-busy");
      expect((await clients.stop()).waited).toBeLessThan(budget + slackMs);
      await stranger.query("unlock tables");
    });
  });

  test("a stranger's LOCK TABLES is named where the server tells of metadata locks, and waited for without queueing", async (t) => {
    const server = await ownMariadbFor(t);
    const db = await stand.databaseFor(t, server);
    await db.rows("install soname 'metadata_lock_info'");
    await seed(db);
    const stranger = await db.connect();
    await stranger.query("lock tables t read");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const clients = await traffic(db, 4, { readOnly: true });
    const problem = await caught(runPlan(toolsFor(db.url), addColumn(db), carried));
    expect(problem).toMatchObject({ code: "lock-busy", message: expect.stringMatching(/pid \d+ \(.*\.t\)/) });
    expect((await clients.stop()).waited).toBeLessThan(slackMs);
    await stranger.query("unlock tables");
  });
});
