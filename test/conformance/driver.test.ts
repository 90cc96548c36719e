// What every driver does, on every server.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Driver, Notice, Session } from "../../src/drivers/driver.ts";
import { raw, sql } from "../../src/sql/sql.ts";
import { startProxy } from "../harness/proxy.ts";
import { type DrivenDatabase, driven } from "./fixtures/driven.ts";

const opened = async (driver: Driver, purpose = "test"): Promise<Session> => {
  const session = await driver.connect({ purpose });
  onTestFinished(() => session.close());
  return session;
};
const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error,
  );

describe.each(driven)("a session on %s", (_, on) => {
  /** How it fails what it sleeps through; back when its server is at it. */
  const sleepsThrough = async (driver: Driver, session: Session): Promise<{ readonly failed: Promise<unknown> }> => {
    const text = on.sleep(20);
    const failed = failure(session.script([text]));
    const asking = await driver.connect({ purpose: "test" });
    await expect.poll(() => driver.doing(asking, session.backend)).toBe(text);
    await asking.close();
    return { failed };
  };
  const driverOf = (db: DrivenDatabase): Driver => on.driver({ url: db.url });

  test("sets itself up, whatever the server's defaults are", async (t) => {
    const session = await opened(driverOf(await on.settings.databaseFor(t)), "a purpose");
    expect(await session.query(raw(on.settings.ask))).toEqual([on.settings.expected(session)]);
    expect(session.backend.started).toMatch(on.started);
  });

  test("gives values as text, but for what JavaScript holds without loss", async (t) => {
    const session = await opened(driverOf(await on.databaseFor(t)));
    expect((await session.script(on.values.statements)).at(-1)).toEqual([on.values.row]);
  });

  test("binds values as what they are, and never as SQL", async (t) => {
    const session = await opened(driverOf(await on.databaseFor(t)));
    const [text, int] = [raw(on.cast("text")), raw(on.cast("int"))];
    const hard = "x'\\'' -- ä 🔥 ?;`\"\n$1";
    const [row] = await session.query(
      sql`select ${hard}${text} as hard, ${7}${int} as seven, ${null}${text} as nothing, ${"\\"}${text} as backslash, '?' as mark`,
    );
    expect(row).toEqual({ hard, seven: 7, nothing: null, backslash: "\\", mark: "?" });
  });

  test("runs one statement by query and several by script", async (t) => {
    const driver = driverOf(await on.databaseFor(t));
    const session = await opened(driver);
    const results = await session.script(["select 1 as a -- a comment", "create table t (a int)", ...on.insertAndTell, on.noRow]);
    expect(results.slice(0, 2)).toEqual([[{ a: 1 }], []]);
    expect(results.slice(-2)).toEqual([[{ a: 1 }, { a: 2 }], []]);
    expect(await session.script([])).toEqual([]);
    expect(await session.script(["select 1 as a"])).toEqual([[{ a: 1 }]]);
    expect(await session.script(["insert into t values (7)", "delete from t where a = 7"])).toEqual([[], []]);
    expect(driver.describe(await failure(session.query(raw("select 1; select 2"))))).toContain(on.several);
    expect(driver.classify(await failure(session.script(["insert into t values (3)", "select * from nowhere", "insert into t values (4)"])))).toBe("fatal");
    expect((await session.query(sql`select a from t order by a`)).map((row) => row["a"])).toEqual(on.atomic ? [1, 2] : [1, 2, 3]);
  });

  test("passes notices on until told otherwise", async (t) => {
    const session = await opened(driverOf(await on.databaseFor(t)));
    const notices: Notice[] = [];
    const stop = session.onNotice((notice) => notices.push(notice));
    await session.script([on.notice.statement]);
    stop();
    await session.script([on.notice.statement]);
    expect(notices).toEqual([{ severity: on.notice.severity, message: expect.stringMatching(on.notice.message), code: on.notice.code }]);
  });

  test("can be cancelled, and goes on afterwards", async (t) => {
    const driver = driverOf(await on.databaseFor(t));
    const session = await opened(driver);
    const { failed } = await sleepsThrough(driver, session);
    await session.cancel();
    expect(driver.classify(await failed)).toBe("fatal");
    expect(await session.query(sql`select 1 as a`)).toEqual([{ a: 1 }]);
    // Too late is no error.
    await session.cancel();
    expect(await session.query(sql`select 1 as a`)).toEqual([{ a: 1 }]);
  });

  test("that is killed at work rejects, and says so from then on", async (t) => {
    const driver = driverOf(await on.databaseFor(t));
    const [session, killer] = [await opened(driver), await opened(driver)];
    const { failed } = await sleepsThrough(driver, session);
    expect(await driver.terminate(killer, session.backend)).toBe(true);
    expect(driver.classify(await failed)).toBe("lost");
    expect(session.closed).toBe(true);
    expect(driver.classify(await failure(session.query(sql`select 1`)))).toBe("lost");
    await session.cancel();
    await session.close();
  });

  test("that is killed while idle ends no process", async (t) => {
    const driver = driverOf(await on.databaseFor(t));
    const [session, killer] = [await opened(driver), await opened(driver)];
    expect(await driver.alive(killer, session.backend)).toBe(true);
    await driver.terminate(killer, session.backend);
    await expect.poll(() => session.closed).toBe(true);
    await expect.poll(() => driver.alive(killer, session.backend)).toBe(false);
    expect(await driver.terminate(killer, session.backend)).toBe(true);
  });

  test("of another start is not taken for this one", async (t) => {
    const driver = driverOf(await on.databaseFor(t));
    const [session, killer] = [await opened(driver), await opened(driver)];
    for (const other of on.others(session.backend)) {
      expect(await driver.alive(killer, other)).toBe(false);
      expect(await driver.terminate(killer, other)).toBe(true);
    }
    expect(await session.query(sql`select 1 as a`)).toEqual([{ a: 1 }]);
  });

  test("whose server answers no goodbye is closed all the same", async (t) => {
    const db = await on.databaseFor(t);
    const proxy = await startProxy(Number(new URL(db.url).port));
    onTestFinished(() => proxy.close());
    const session = await on.driver({ url: proxy.url(db.url) }).connect({ purpose: "test" });
    proxy.swallow();
    const since = performance.now();
    await session.close();
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(session.closed).toBe(true);
  });

  test("that is closed at work fails what it was doing", async (t) => {
    const driver = driverOf(await on.databaseFor(t));
    const [session, killer] = [await driver.connect({ purpose: "test" }), await opened(driver)];
    const { failed } = await sleepsThrough(driver, session);
    await session.close();
    expect(driver.classify(await failed)).toBe("lost");
    // Whether the server notices that its client has gone is its own affair.
    await driver.terminate(killer, session.backend);
    await expect.poll(() => driver.alive(killer, session.backend)).toBe(false);
  });

  test("is told by what it is at, and by nothing where it idles, is another one, or was ended", async (t) => {
    const driver = driverOf(await on.databaseFor(t));
    const [session, asking] = [await opened(driver), await opened(driver)];
    expect(await driver.doing(asking, session.backend)).toBeNull();
    const text = on.sleep(20);
    const sleeping = failure(session.script([text]));
    await expect.poll(() => driver.doing(asking, session.backend)).toBe(text);
    for (const other of on.others(session.backend)) expect(await driver.doing(asking, other)).toBeNull();
    await driver.terminate(asking, session.backend);
    expect(driver.classify(await sleeping)).toBe("lost");
    await expect.poll(() => driver.doing(asking, session.backend)).toBeNull();
    // Nothing is told of a text that may have been cut.
    const long = await opened(driver);
    const padded = `${text} /* ${"x".repeat(5_000)} */`;
    const padding = failure(long.script([padded]));
    await expect.poll(() => driver.alive(asking, long.backend)).toBe(true);
    await sleep(200);
    expect([null, padded]).toContain(await driver.doing(asking, long.backend));
    await driver.terminate(asking, long.backend);
    await padding;
  });

  test("that loses its server at work and while idle says so, and can be had again when the server is back", async (t) => {
    const db = await on.ownDatabaseFor(t);
    const driver = driverOf(db);
    const [busy, idle] = [await opened(driver), await opened(driver)];
    const { failed } = await sleepsThrough(driver, busy);
    await db.server.kill();
    expect(driver.classify(await failed)).toBe("lost");
    expect(driver.classify(await failure(idle.query(sql`select 1`)))).toBe("lost");
    expect([busy.closed, idle.closed]).toEqual([true, true]);
    await busy.cancel();
    expect(driver.classify(await failure(driver.connect({ purpose: "test" })))).toBe("lost");
    await db.server.restart();
    const again = await opened(driver);
    expect(await again.query(sql`select 1 as a`)).toEqual([{ a: 1 }]);
    for (const gone of [busy, idle]) expect(await driver.alive(again, gone.backend)).toBe(false);
    // One that is shut down in good order goes the same way.
    const { failed: shut } = await sleepsThrough(driver, again);
    await db.server.restart();
    expect(driver.classify(await shut)).toBe("lost");
  });

  test("tells timeouts and locks apart from what is final", async (t) => {
    const driver = driverOf(await on.databaseFor(t));
    const [holder, waiter] = [await opened(driver), await opened(driver)];
    await holder.script(["create table t (a int unique)"]);
    await holder.script(on.locks.take);
    for (const statements of on.locks.meanwhile) expect(driver.classify(await failure(waiter.script(statements))), statements.join("; ")).toBe("retry");
    await holder.script(on.locks.release);
    await holder.script(["insert into t values (5)"]);
    for (const [statement, kind] of on.locks.afterwards) expect(driver.classify(await failure(holder.script([statement]))), statement).toBe(kind);
  });

  test("tells a deadlock", async (t) => {
    const driver = driverOf(await on.databaseFor(t));
    const [one, two] = [await opened(driver), await opened(driver)];
    await one.script(["create table t (a int primary key, b int)", "insert into t values (1, 0), (2, 0)"]);
    await one.script(["begin"]);
    await two.script(["begin"]);
    await one.script(["update t set b = 1 where a = 1"]);
    await two.script(["update t set b = 2 where a = 2"]);
    const outcomes = await Promise.allSettled([one.script(["update t set b = 1 where a = 2"]), two.script(["update t set b = 2 where a = 1"])]);
    expect(outcomes.flatMap((each) => (each.status === "rejected" ? [driver.classify(each.reason)] : []))).toEqual(["retry"]);
    await one.script(["rollback"]);
    await two.script(["rollback"]);
  });

  test("knows its server", async (t) => {
    const db = await on.databaseFor(t);
    const driver = driverOf(db);
    const server = await driver.server(await opened(driver));
    expect(server).toEqual({
      version: expect.any(Number),
      product: expect.stringMatching(on.product),
      database: db.name,
      user: on.user,
      namespace: on.namespace(db),
      readOnly: false,
      pooled: false,
    });
    const [major = 0, minor = 0] = server.product.replace(/^\S+ /, "").split(".").map(Number);
    expect(Math.floor(server.version / 10_000)).toBe(major);
    expect(String(server.version)).toContain(String(minor));
    const fixed = await on.readOnlyFor(t);
    const reading = driverOf(fixed);
    expect(await reading.server(await opened(reading))).toMatchObject({ readOnly: true, namespace: on.namespace(fixed) });
  });

  test("names who blocks: holders and waiters, oldest first", async (t) => {
    const db = await on.blocking.databaseFor(t);
    const driver = driverOf(db);
    const [reader, writer, waiter, asking] = [
      await opened(driver, "reader"),
      await opened(driver, "writer"),
      await opened(driver, "waiter"),
      await opened(driver),
    ];
    await asking.script(["create table t (a int)", "create table other (a int)"]);
    await reader.script(["begin", "select * from t"]);
    // Longer than the coarsest clock.
    await sleep(1_050);
    await writer.script(["begin", "insert into t values (1)"]);
    await sleep(1_050);
    const waiting = waiter.script(on.blocking.wait);
    const table = (name: string) => ({ schema: on.namespace(db), name });
    const strongest = (...names: readonly string[]) =>
      driver.blockers(
        asking,
        names.map((name) => ({ table: table(name), mode: on.blocking.strongest })),
      );
    await expect.poll(async () => (await strongest("t")).length).toBe(3);
    const found = await strongest("t", "other");
    const relation = `${on.namespace(db)}.t`;
    expect(found.map(({ pid, application, mode, relation, state }) => ({ pid, application, mode, relation, state }))).toEqual([
      { pid: reader.backend.pid, application: "hotstick reader", mode: on.blocking.reading, relation, state: "idle in transaction" },
      { pid: writer.backend.pid, application: "hotstick writer", mode: on.blocking.writing, relation, state: "idle in transaction" },
      { pid: waiter.backend.pid, application: "hotstick waiter", mode: on.blocking.waiting, relation, state: "active" },
    ]);
    expect(found[0]?.ageMs).toBeGreaterThan(1_000);
    expect(found[2]?.query).toContain("t");
    // A read is in the way of no other.
    expect((await driver.blockers(asking, [{ table: table("t"), mode: on.blocking.reading }])).map((each) => each.pid)).toEqual([waiter.backend.pid]);
    await reader.script(["commit"]);
    await writer.script(["commit"]);
    await waiting;
    expect(await strongest("t", "other")).toEqual([]);
    expect(await strongest()).toEqual([]);
  });

  test("names whom a session waits for, row by row", async (t) => {
    const db = await on.databaseFor(t);
    await db.rows("create table items (id int primary key, n int); insert into items values (1, 1)");
    const driver = driverOf(db);
    const [asking, waiting, holder] = [await opened(driver, "asking"), await opened(driver, "waiting"), await opened(driver, "holder")];
    await holder.script(["start transaction", "update items set n = 2 where id = 1"]);
    const update = waiting.script(["update items set n = 3 where id = 1"]);
    await expect
      .poll(() => driver.waitedFor(asking, waiting.backend))
      .toMatchObject([{ pid: holder.backend.pid, state: "idle in transaction", relation: `${on.namespace(db)}.items`, mode: "a row" }]);
    await holder.script(["commit"]);
    await update;
    await expect.poll(() => driver.waitedFor(asking, waiting.backend)).toEqual([]);
  });

  test("does not end what it has no right to end", async (t) => {
    const db = await on.databaseFor(t);
    const weak = on.driver({ url: await on.weakUrl(t, db) });
    const [mine, theirs] = [await weak.connect({ purpose: "weak" }), await driverOf(db).connect({ purpose: "test" })];
    expect(await weak.alive(mine, theirs.backend)).toBe(true);
    expect(await weak.terminate(mine, theirs.backend)).toBe(false);
    expect(await theirs.query(sql`select 1 as a`)).toEqual([{ a: 1 }]);
    await theirs.close();
    await expect.poll(() => weak.alive(mine, theirs.backend)).toBe(false);
    expect(await weak.terminate(mine, theirs.backend)).toBe(true);
    await mine.close();
  });
});

describe.each(driven)("connecting to %s", (_, on) => {
  test.each([
    ["no server", "me:secret@127.0.0.1:1/shop", "cannot-connect", /127\.0\.0\.1:1/],
    ["no host", "me:secret@nowhere.invalid/shop", "cannot-connect", /nowhere\.invalid/],
    ["no URL", "me:secret@[/x", "bad-url", /cannot be read/],
  ])("with %s is a Problem without the password", async (_, rest, code, message) => {
    const problem = await failure(on.driver({ url: `${on.scheme}://${rest}`, connectTimeoutMs: 2_000 }).connect({ purpose: "test" }));
    expect(problem).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(JSON.stringify([problem, (problem as Error).message])).not.toContain("secret");
  });

  test("to a database that does not exist names it", async (t) => {
    const db = await on.databaseFor(t);
    expect(await failure(on.driver({ url: db.server.url("no such thing") }).connect({ purpose: "test" }))).toMatchObject({
      code: "cannot-connect",
      message: expect.stringContaining("no such thing"),
      hint: expect.stringContaining("Create the database"),
    });
  });

  test("prefers encryption, and does without where that is allowed", async (t) => {
    const db = await on.unencryptedFor(t);
    await opened(on.driver({ url: `${db.url}?${on.encryption.prefer}` }));
    expect(await failure(on.driver({ url: `${db.url}?${on.encryption.require}` }).connect({ purpose: "test" }))).toMatchObject({
      hint: expect.stringContaining(on.encryption.without),
    });
  });

  test("through a pooler that loses sessions is noticed", async (t) => {
    const db = await on.databaseFor(t);
    const pooler = await on.startPooler(db);
    const driver = on.driver({ url: pooler.url });
    const session = await driver.connect({ purpose: "pooled" });
    expect((await driver.server(session)).pooled).toBe(true);
    await session.close();
    await pooler.close();
  });
});
