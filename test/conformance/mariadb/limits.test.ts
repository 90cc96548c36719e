// What is over its limit is ended, and never the statement after it.
import { describe, expect, onTestFinished, test } from "vitest";
import { enact } from "../../../src/dialects/mysql/enact.ts";
import type { Driver, Session } from "../../../src/drivers/driver.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { sql } from "../../../src/sql/sql.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";

const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error,
  );

async function session(driver: Driver): Promise<Session> {
  const opened = await driver.connect({ purpose: "test" });
  onTestFinished(() => opened.close());
  return opened;
}

/** As a run sends a step: the prelude, then the statement with the same limit. */
async function limited(on: Session, statement: string, limitMs: number): Promise<unknown> {
  await on.script(enact.prelude({ lock: 60_000, statement: limitMs }));
  return on.script([statement], { limitMs });
}

/** The clock of a busy machine; the server's own for waits on tables counts whole seconds. */
const slackMs = 600;

describe.runIf(hasMariadb)("a limit", () => {
  const table = async (db: MariadbDatabase): Promise<void> => void (await db.rows("create table t (a int primary key, b int); insert into t values (1, 0)"));

  test("ends what waits for a table, with a word that says so, and lets it pass later", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await table(db);
    const driver = mysqlDriver({ url: db.url });
    const [holder, waiter] = [await session(driver), await session(driver)];
    await holder.script(["begin", "select * from t"]);
    for (const statement of [
      "alter table t add c int",
      "lock tables t write",
      "create trigger g before insert on t for each row set new.b = 1",
      "drop table t",
    ]) {
      const begun = performance.now();
      const error = await failure(limited(waiter, statement, 150));
      expect(performance.now() - begun, statement).toBeLessThan(150 + slackMs);
      expect(driver.classify(error), `${statement}: ${driver.describe(error)}`).toBe("retry");
    }
    await holder.script(["rollback"]);
    await limited(waiter, "alter table t add c int", 5_000);
    expect(await waiter.query(sql`select c from t`)).toEqual([{ c: null }]);
  });

  test("ends what waits for a row and what is at work, and lets the transaction go on", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await table(db);
    const driver = mysqlDriver({ url: db.url });
    const [holder, waiter] = [await session(driver), await session(driver)];
    await holder.script(["begin", "update t set b = 1"]);
    await waiter.script(["begin", "insert into t values (2, 2)"]);
    expect(driver.classify(await failure(limited(waiter, "update t set b = 2 where a = 1", 150)))).toBe("retry");
    expect(
      driver.classify(
        await failure(
          limited(waiter, "select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c order by rand()", 150),
        ),
      ),
    ).toBe("retry");
    await holder.script(["rollback"]);
    await waiter.script(["commit"]);
    expect(await waiter.query(sql`select a, b from t order by a`)).toEqual([
      { a: 1, b: 0 },
      { a: 2, b: 2 },
    ]);
  });

  test("of nothing is none, and an error of the statement's own stays what it is", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await table(db);
    const driver = mysqlDriver({ url: db.url });
    const on = await session(driver);
    await limited(on, "do sleep(0.3)", 0);
    expect(driver.classify(await failure(limited(on, "insert into t values (1, 1)", 1_000)))).toBe("refused");
    expect(driver.classify(await failure(limited(on, "nonsense", 1_000)))).toBe("fatal");
    const other = await session(driver);
    const slow = failure(
      on.script(["select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c order by rand()"], {
        limitMs: 60_000,
      }),
    );
    await expect.poll(() => driver.doing(other, on.backend)).not.toBeNull();
    await other.script([`kill query ${on.backend.pid}`]);
    // Somebody else's wish is no limit.
    expect(driver.classify(await slow)).toBe("fatal");
  });

  test("that ends a statement at the moment when it is done spares the next one", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await table(db);
    const driver = mysqlDriver({ url: db.url });
    const on = await session(driver);
    let ended = 0;
    for (let i = 0; i < 400; i += 1) {
      // About as long as the limit, so that the kill and the end cross.
      const sent = on.script([`update t set b = b + 1 where a = 1 and sleep(${0.004 + (i % 20) * 0.0001}) = 0`], { limitMs: 5 });
      await sent.catch((error: unknown) => {
        expect(driver.classify(error)).toBe("retry");
        ended += 1;
      });
      expect(await on.query(sql`select ${i} + 0 as i`)).toEqual([{ i }]);
    }
    const [row] = await on.query(sql`select b as b from t`);
    expect(ended + Number(row?.["b"])).toBe(400);
  });

  test("closes what it was kept by, with its session or without", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await table(db);
    const driver = mysqlDriver({ url: db.url });
    const [one, two] = [await driver.connect({ purpose: "test" }), await session(driver)];
    for (const each of [one, two]) await each.script(["select 1"], { limitMs: 1_000 });
    await one.close();
    const killer = await session(driver);
    await driver.terminate(killer, two.backend);
    const left = async (): Promise<unknown> =>
      (await killer.query<{ n: string }>(sql`select cast(count(*) as char) as n from information_schema.processlist where db = database()`))[0]?.n;
    await expect.poll(left).toBe("1");
  });
});
