// Transactions, batches and guards as they are put to the server: what they commit, what they refuse, how long they wait.
import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import type { BatchRequest, TransactionRequest } from "../../../src/dialects/dialect.ts";
import { mysqlDialect } from "../../../src/dialects/mysql/mysql.ts";
import type { Session } from "../../../src/drivers/driver.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { mariadbStand as stand } from "../../harness/stands.ts";

const transaction = (own: Partial<TransactionRequest>): readonly string[] =>
  mysqlDialect.transaction({ lease: "do 0", journal: [], locks: [], guards: [], statements: [], lockTimeout: 1_000, holdTimeout: 0, ...own });

const batch = (own: Partial<BatchRequest>): readonly string[] =>
  mysqlDialect.batch({
    lease: "do 0",
    apply: null,
    journal: (changed) => [`insert into j values (${changed})`],
    lockTimeout: 1_000,
    statementTimeout: 0,
    trial: false,
    ...own,
  });

async function standFor(test: Pick<TestContext, "task" | "onTestFinished">): Promise<{ readonly db: MariadbDatabase; readonly session: Session }> {
  const db = await mariadbDatabaseFor(test);
  await db.rows("create table t (id int primary key, v int not null); create table j (n int); insert into t values (1, 1), (2, 2), (3, 3)");
  const session = await mysqlDriver({ url: db.url }).connect({ purpose: "test" });
  test.onTestFinished(() => session.close());
  // Guards call a procedure of the store.
  await stand!.toolsFor(db.url).store.ensure(session);
  return { db, session };
}

/** What an error means, and how long it took. @param limitMs what the session itself ends, where the server has no such limit. */
async function failure(session: Session, statements: readonly string[], limitMs = 0) {
  const driver = mysqlDriver({ url: "mysql://localhost/x" });
  const since = performance.now();
  const error = await session.script(statements, { limitMs }).then(
    () => null,
    (met: unknown) => met,
  );
  const ms = performance.now() - since;
  if (error !== null) await session.script(["rollback"]);
  return { kind: error === null ? null : driver.classify(error), message: (error as Error | null)?.message ?? "", ms };
}

describe.runIf(hasMariadb)("a transaction", () => {
  test("commits statements and journal together", async ({ task, onTestFinished }) => {
    const { db, session } = await standFor({ task, onTestFinished });
    await session.script(
      transaction({ journal: ["insert into j values (7)"], statements: ["update t set v = 0"], guards: ["select 'no' as problem from t where v < 0"] }),
    );
    expect(await db.rows("select (select sum(v) from t) as v, (select sum(n) from j) as n")).toEqual([{ v: "0", n: "7" }]);
  });

  test("ends where a guard finds a row, with its words", async ({ task, onTestFinished }) => {
    const { db, session } = await standFor({ task, onTestFinished });
    const met = await failure(
      session,
      transaction({
        journal: ["insert into j values (7)"],
        statements: ["update t set v = 0"],
        guards: ["select 'fine' as problem from t where false", "select concat('it''s row ', id) as problem from t where v = 2"],
      }),
    );
    expect(met).toMatchObject({ kind: "guard", message: "it's row 2" });
    expect(await db.rows("select (select sum(v) from t) as v, (select count(*) from j) as n")).toEqual([{ v: "6", n: "0" }]);
  });

  test("says something where a guard's problem is NULL, and cuts what is too long", async ({ task, onTestFinished }) => {
    const { session } = await standFor({ task, onTestFinished });
    expect(await failure(session, transaction({ guards: ["select null as problem from t"] }))).toMatchObject({
      kind: "guard",
      message: "a guard of this step says no",
    });
    expect((await failure(session, transaction({ guards: [`select repeat('é', 500) as problem`] }))).kind).toBe("guard");
  });

  test("looks by its guards at rows that somebody is changing, and waits for none of them", async ({ task, onTestFinished }) => {
    const { db, session } = await standFor({ task, onTestFinished });
    const writer = await db.connect();
    await writer.query("start transaction");
    await writer.query("update t set v = -1 where id = 2");
    expect(await failure(session, transaction({ guards: ["select 'below nothing' as problem from t where v < 0"] }))).toMatchObject({ kind: null });
    await writer.query("commit");
    expect(await failure(session, transaction({ guards: ["select 'below nothing' as problem from t where v < 0"] }))).toMatchObject({ kind: "guard" });
  });

  test("is cut off when it holds too long, and the session goes on", async ({ task, onTestFinished }) => {
    const { db, session } = await standFor({ task, onTestFinished });
    const met = await failure(
      session,
      transaction({ statements: ["update t set v = 9", "update t set v = 8 where id = 1 and sleep(20) = 0"], holdTimeout: 150 }),
      150,
    );
    expect(met.kind).toBe("retry");
    expect(met.ms).toBeLessThan(10_000);
    expect(await db.rows("select sum(v) as v from t")).toEqual([{ v: "6" }]);
    await session.script(mysqlDialect.prelude({ lock: 0, statement: 0 }));
    expect(await session.script(["select sleep(0.3) as slept"])).toEqual([[{ slept: expect.toSatisfy((slept) => Number(slept) === 0) }]]);
  });
});

describe.runIf(hasMariadb)("a batch", () => {
  test("tells its journal how many rows it changed", async ({ task, onTestFinished }) => {
    const { db, session } = await standFor({ task, onTestFinished });
    await session.script(batch({ apply: "update t set v = v + 1 where id <= 2" }));
    await session.script(batch({ apply: "update t set v = v where id = 99" }));
    await session.script(batch({ apply: null }));
    expect(await db.rows("select group_concat(n) as n from j")).toEqual([{ n: "2,0,0" }]);
  });

  test("takes a trial back", async ({ task, onTestFinished }) => {
    const { db, session } = await standFor({ task, onTestFinished });
    await session.script(batch({ apply: "update t set v = 0", trial: true }));
    expect(await db.rows("select sum(v) as v, (select count(*) from j) as n from t")).toEqual([{ v: "6", n: "0" }]);
  });

  test("gives up soon where a row is locked, and has changed nothing", async ({ task, onTestFinished }) => {
    const { db, session } = await standFor({ task, onTestFinished });
    const other = await db.connect();
    await other.query("start transaction");
    await other.query("update t set v = 5 where id = 3");
    const met = await failure(session, batch({ apply: "update t set v = 0", lockTimeout: 100 }));
    expect(met.kind).toBe("retry");
    expect(met.ms).toBeLessThan(10_000);
    await other.query("rollback");
    expect(await db.rows("select sum(v) as v from t")).toEqual([{ v: "6" }]);
  });

  test("locks no gap: rows are inserted before, among and behind its rows", async ({ task, onTestFinished }) => {
    const { db, session } = await standFor({ task, onTestFinished });
    await db.rows("insert into t values (10, 1), (20, 1)");
    const open = batch({ apply: "update t set v = 2 where id > 1 and id <= 20" });
    await session.script(open.slice(0, -1));
    const other = await db.connect();
    await other.query("set session innodb_lock_wait_timeout = 1");
    await other.query("insert into t values (0, 0), (15, 0), (30, 0)");
    await session.script(["commit"]);
  });
});

describe.runIf(hasMariadb)("a statement outside of any transaction", () => {
  test("stops waiting for a table at its limit, and holds up nobody longer", async ({ task, onTestFinished }) => {
    const { db, session } = await standFor({ task, onTestFinished });
    const reader = await db.connect();
    await reader.query("start transaction");
    await reader.query("select * from t");
    await session.script(mysqlDialect.prelude({ lock: 100, statement: 200 }));
    const client = await db.connect();
    const since = performance.now();
    const [met] = await Promise.all([
      failure(session, [`alter table t add column x int, algorithm=instant${onMysql ? "" : ", lock=none"}`], 200),
      new Promise((resolve) => setTimeout(resolve, 50)).then(() => client.query("insert into t values (9, 9)")),
    ]);
    expect(met.kind).toBe("retry");
    expect(performance.now() - since).toBeLessThan(10_000);
    await reader.query("rollback");
  });

  test("tells how far an ALTER is", async ({ task, onTestFinished }) => {
    const { db, session } = await standFor({ task, onTestFinished });
    expect(await session.script([mysqlDialect.progress(1)])).toEqual([[]]);
    await db.rows("create table big (id int primary key, v varchar(200)); insert into big select seq, repeat('x', 100) from seq_1_to_300000");
    const worker = await db.connect();
    const [[id]] = (await worker.query("select connection_id() as id")) as unknown as [[{ id: number }]];
    let ended = false;
    const working = worker.query(`alter table big add index (v), algorithm=${onMysql ? "inplace" : "nocopy"}`).finally(() => {
      ended = true;
    });
    const seen: unknown[] = [];
    while (!ended) {
      const [row] = (await session.script([mysqlDialect.progress(id.id)]))[0] ?? [];
      if (row) seen.push(row);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await working;
    // MySQL says how far only where that was switched on for the whole server.
    const told = onMysql ? null : expect.any(Number);
    for (const row of seen) expect(row).toEqual({ doing: expect.any(String), done: told, total: told });
    expect(seen.length).toBeGreaterThan(0);
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
