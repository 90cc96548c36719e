import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Backend, Driver, Notice, Session } from "../../src/drivers/driver.ts";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import { raw, sql } from "../../src/sql/sql.ts";
import { majors, newest } from "../harness/majors.ts";
import { databaseFor, type TestDatabase } from "../harness/servers.ts";
import { startPooler } from "./fixtures/pooler.ts";

const opened = async (driver: Driver, purpose = "test"): Promise<Session> => {
  const session = await driver.connect({ purpose });
  onTestFinished(() => session.close());
  return session;
};
const driverOf = (db: TestDatabase): Driver => postgresDriver({ url: db.url });
const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error,
  );

describe.each(majors)("a session on PostgreSQL %i", (major) => {
  test("sets itself up, whatever the role's defaults are", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      `alter database "${db.name}" set lock_timeout = '1s'; alter database "${db.name}" set "DateStyle" = 'German'; alter database "${db.name}" set search_path = 'odd', 'public'`,
    );
    const session = await opened(driverOf(db), "a purpose");
    const [row] = await session.query(sql`
      select current_setting('row_security') as rls, current_setting('client_connection_check_interval') as interval, current_setting('application_name') as name, current_setting('lock_timeout') as lock,
        current_setting('TimeZone') as zone, '2026-02-01'::date::text as date, current_setting('search_path') as path, pg_backend_pid() as pid`);
    expect(row).toEqual({
      rls: "off",
      interval: "500ms",
      name: "hotstick a purpose",
      lock: "0",
      zone: "UTC",
      date: "2026-02-01",
      path: "odd, public",
      pid: session.backend.pid,
    });
    expect(session.backend.started).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  test("of a role that becomes another one knows itself", async (t) => {
    const db = await databaseFor(t, major);
    const [login, owner] = [`${db.name}_login`, `${db.name}_owner`];
    await db.rows(`create role ${owner}; create role ${login} login noinherit in role ${owner}; alter role ${login} set role = ${owner}`);
    t.onTestFinished(async () => {
      await db.rows(`drop role ${login}; drop role ${owner}`);
    });
    const driver = postgresDriver({ url: db.url.replace("postgres@", `${login}@`) });
    const session = await driver.connect({ purpose: "a purpose" });
    try {
      expect(session.backend.started).toMatch(/^\d{4}-/);
      expect(await session.query(sql`select current_user::text as name`)).toEqual([{ name: owner }]);
    } finally {
      await session.close();
    }
  });

  test("gives values as text, but for what JavaScript holds without loss", async (t) => {
    const session = await opened(driverOf(await databaseFor(t, major)));
    const [row] = await session.query(sql`
      select true as bool, 1::int2 as int2, 2147483647 as int4, 9007199254740993::int8 as int8, 1.50::numeric as numeric, 0.1::float8 as float8, 'NaN'::float8 as nan, '2026-01-02 03:04:05.123456+00'::timestamptz as at,
        'infinity'::date as date, '{"a": [1, null]}'::jsonb as json, array['a', null, '{"}'] as texts, array['x'::name] as names, array[1, 2] as numbers, '\\x00ff'::bytea as bytes, null::int as nothing, ${"x'\\"}::text as bound, ${7}::int as seven`);
    expect(row).toEqual({
      bool: true,
      int2: 1,
      int4: 2147483647,
      int8: "9007199254740993",
      numeric: "1.50",
      float8: 0.1,
      nan: Number.NaN,
      at: "2026-01-02 03:04:05.123456+00",
      date: "infinity",
      json: { a: [1, null] },
      texts: ["a", null, '{"}'],
      names: ["x"],
      numbers: "{1,2}",
      bytes: "\\x00ff",
      nothing: null,
      bound: "x'\\",
      seven: 7,
    });
  });

  test("runs one statement by query and several by script", async (t) => {
    const driver = driverOf(await databaseFor(t, major));
    const session = await opened(driver);
    expect(
      await session.script(["select 1 as a -- a comment", "create table t (a int)", "insert into t values (1), (2) returning a", "select 3 as a where false"]),
    ).toEqual([[{ a: 1 }], [], [{ a: 1 }, { a: 2 }], []]);
    expect(driver.describe(await failure(session.query(raw("select 1; select 2"))))).toContain("multiple commands");
    expect(driver.classify(await failure(session.script(["insert into t values (3)", "select 1/0", "insert into t values (4)"])))).toBe("refused");
    // One message is one transaction.
    expect(await session.query(sql`select count(*)::int as n from t`)).toEqual([{ n: 2 }]);
  });

  test("passes notices on until told otherwise", async (t) => {
    const session = await opened(driverOf(await databaseFor(t, major)));
    const notices: Notice[] = [];
    const stop = session.onNotice((notice) => notices.push(notice));
    await session.script(["drop table if exists nothing"]);
    stop();
    await session.script(["drop table if exists nothing"]);
    expect(notices).toEqual([{ severity: "NOTICE", message: 'table "nothing" does not exist, skipping', code: "00000" }]);
  });

  test("can be cancelled, and goes on afterwards", async (t) => {
    const driver = driverOf(await databaseFor(t, major));
    const session = await opened(driver);
    const sleeping = failure(session.script(["select pg_sleep(20)"]));
    await sleep(50);
    await session.cancel();
    expect(driver.classify(await sleeping)).toBe("fatal");
    expect(await session.query(sql`select 1 as a`)).toEqual([{ a: 1 }]);
    // Too late is no error.
    await session.cancel();
  });

  test("that is killed at work rejects, and says so from then on", async (t) => {
    const driver = driverOf(await databaseFor(t, major));
    const [session, killer] = [await opened(driver), await opened(driver)];
    const sleeping = failure(session.query(sql`select pg_sleep(20)`));
    await sleep(50);
    expect(await driver.terminate(killer, session.backend)).toBe(true);
    expect(driver.classify(await sleeping)).toBe("lost");
    expect(session.closed).toBe(true);
    expect(driver.classify(await failure(session.query(sql`select 1`)))).toBe("lost");
    await session.cancel();
    await session.close();
  });

  test("that is killed while idle ends no process", async (t) => {
    const driver = driverOf(await databaseFor(t, major));
    const [session, killer] = [await opened(driver), await opened(driver)];
    expect(await driver.alive(killer, session.backend)).toBe(true);
    await driver.terminate(killer, session.backend);
    await expect.poll(() => session.closed).toBe(true);
    await expect.poll(() => driver.alive(killer, session.backend)).toBe(false);
  });

  test("of another start is not taken for this one", async (t) => {
    const driver = driverOf(await databaseFor(t, major));
    const [session, killer] = [await opened(driver), await opened(driver)];
    const earlier: Backend = { ...session.backend, started: "2020-01-01T00:00:00.000000Z" };
    expect(await driver.alive(killer, earlier)).toBe(false);
    await driver.terminate(killer, earlier);
    expect(await session.query(sql`select 1 as a`)).toEqual([{ a: 1 }]);
  });

  test("tells timeouts and locks apart from what is final", async (t) => {
    const db = await databaseFor(t, major);
    const driver = driverOf(db);
    const [holder, waiter] = [await opened(driver), await opened(driver)];
    await holder.script(["create table t (a int unique)"]);
    await holder.script(["begin", "lock table t"]);
    expect(driver.classify(await failure(waiter.script(["set lock_timeout = 50", "select from t"])))).toBe("retry");
    expect(driver.classify(await failure(waiter.script(["set lock_timeout = 0", "set statement_timeout = 50", "select from t"])))).toBe("retry");
    await holder.script(["rollback", "set statement_timeout = 0"]);
    expect(driver.classify(await failure(holder.script(["insert into t values (1), (1)"])))).toBe("refused");
    expect(driver.classify(await failure(holder.script(["do $$ begin raise exception 'no' using errcode = 'HS001'; end $$"])))).toBe("fenced");
    expect(driver.classify(await failure(holder.script(["nonsense"])))).toBe("fatal");
  });

  test("knows its server", async (t) => {
    const db = await databaseFor(t, major);
    const driver = driverOf(db);
    const server = await driver.server(await opened(driver));
    expect(server).toMatchObject({
      product: expect.stringMatching(new RegExp(`^PostgreSQL ${major}\\.\\d+$`)),
      database: db.name,
      user: "postgres",
      namespace: "public",
      readOnly: false,
      pooled: false,
    });
    expect(Math.floor(server.version / 10_000)).toBe(major);
    await db.rows(`alter database "${db.name}" set default_transaction_read_only = on; alter database "${db.name}" set search_path = ''`);
    expect(await driver.server(await opened(driver))).toMatchObject({ readOnly: true, namespace: "public" });
  });

  test("names who blocks: holders, waiters, prepared transactions, on partitions too", async (t) => {
    const driver = driverOf(await databaseFor(t, major));
    const [reader, writer, waiting, asking] = [
      await opened(driver, "reader"),
      await opened(driver, "writer"),
      await opened(driver, "waiter"),
      await opened(driver),
    ];
    await reader.script([
      "create table p (a int) partition by range (a)",
      "create table p1 partition of p for values from (0) to (10)",
      "create table other (a int)",
    ]);
    await reader.script(["begin", "select from other"]);
    await writer.script(["begin", "insert into p values (1)", "prepare transaction 'left behind'"]);
    await writer.script(["begin", "select from p1"]);
    const locked = waiting.script(["begin", "lock table other in access exclusive mode", "commit"]);
    const name = (table: string) => ({ schema: "public", name: table });
    await expect
      .poll(async () => (await driver.blockers(asking, [{ table: name("other"), mode: "ROW EXCLUSIVE" }])).map((each) => each.application))
      .toEqual(["hotstick waiter"]);
    const other = await driver.blockers(asking, [{ table: name("other"), mode: "ACCESS EXCLUSIVE" }]);
    expect(other.map(({ pid, application, mode, relation, state }) => ({ pid, application, mode, relation, state }))).toEqual([
      { pid: reader.backend.pid, application: "hotstick reader", mode: "ACCESS SHARE", relation: "public.other", state: "idle in transaction" },
      { pid: waiting.backend.pid, application: "hotstick waiter", mode: "ACCESS EXCLUSIVE", relation: "public.other", state: "active" },
    ]);
    expect(other[0]?.ageMs).toBeGreaterThan(0);
    const partitions = await driver.blockers(asking, [{ table: name("p"), mode: "SHARE ROW EXCLUSIVE" }]);
    expect(partitions.map(({ pid, gid, state, relation }) => ({ pid, gid, state, relation }))).toEqual([
      { pid: null, gid: "left behind", state: "prepared", relation: "public.p" },
      { pid: null, gid: "left behind", state: "prepared", relation: "public.p1" },
    ]);
    await writer.script(["commit"]);
    await writer.script(["rollback prepared 'left behind'"]);
    await reader.script(["commit"]);
    await locked;
    expect(
      await driver.blockers(asking, [
        { table: name("p"), mode: "ACCESS EXCLUSIVE" },
        { table: name("other"), mode: "ACCESS EXCLUSIVE" },
      ]),
    ).toEqual([]);
  });

  test("names whom a process waits for, row by row", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table items (id int primary key); insert into items values (1)");
    const driver = driverOf(db);
    const [asking, waiting] = [await opened(driver, "asking"), await opened(driver, "waiting")];
    const holder = await db.connect();
    await holder.query("set application_name = 'a report'; begin; update items set id = id where id = 1");
    const update = waiting.script(["update items set id = id where id = 1"]);
    await expect
      .poll(() => driver.waitedFor(asking, waiting.backend), { timeout: 10_000 })
      .toMatchObject([{ application: "a report", state: "idle in transaction", relation: "public.items", mode: "a row" }]);
    await holder.query("commit");
    await update;
    expect(await driver.waitedFor(asking, waiting.backend)).toEqual([]);
  });

  test("does not end what it has no right to end", async (t) => {
    const db = await databaseFor(t, major);
    const role = `${db.name}_role`;
    await db.rows(`create role ${role} login`);
    t.onTestFinished(async () => {
      await db.rows(`drop role ${role}`);
    });
    const weak = postgresDriver({ url: db.url.replace("postgres@", `${role}@`) });
    const [mine, theirs] = [await weak.connect({ purpose: "weak" }), await opened(driverOf(db))];
    expect(await weak.alive(mine, theirs.backend)).toBe(true);
    expect(await weak.terminate(mine, theirs.backend)).toBe(false);
    await mine.close();
    expect(await theirs.query(sql`select 1 as a`)).toEqual([{ a: 1 }]);
  });
});

describe("connecting", () => {
  test.each([
    ["no server", "postgres://me:secret@127.0.0.1:1/shop", "cannot-connect", /127\.0\.0\.1:1/],
    ["no host", "postgres://me:secret@nowhere.invalid/shop", "cannot-connect", /nowhere\.invalid/],
    ["no URL", "http://me:secret@[/x", "bad-url", /cannot be read/],
  ])("with %s is a Problem without the password", async (_, url, code, message) => {
    const problem = await failure(postgresDriver({ url, connectTimeoutMs: 2_000 }).connect({ purpose: "test" }));
    expect(problem).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(JSON.stringify([problem, (problem as Error).message])).not.toContain("secret");
  });

  test("to a database that does not exist names it", async (t) => {
    const db = await databaseFor(t);
    expect(await failure(postgresDriver({ url: db.server.url("no such thing") }).connect({ purpose: "test" }))).toMatchObject({
      code: "cannot-connect",
      message: expect.stringContaining("no such thing"),
      hint: expect.stringContaining("Create the database"),
    });
  });

  test("prefers encryption, and does without where that is allowed", async (t) => {
    const db = await databaseFor(t);
    await opened(postgresDriver({ url: `${db.url}?sslmode=prefer` }));
    expect(await failure(postgresDriver({ url: `${db.url}?sslmode=require` }).connect({ purpose: "test" }))).toMatchObject({
      hint: expect.stringContaining("sslmode=disable"),
    });
  });

  test("through a pooler that loses sessions is noticed, and leaves no setting behind for others", async (t) => {
    const db = await databaseFor(t, newest);
    const pooler = await startPooler(db.server.port, db.name);
    const driver = postgresDriver({ url: pooler.url });
    const session = await driver.connect({ purpose: "pooled" });
    expect((await driver.server(session)).pooled).toBe(true);
    expect(await session.query(sql`select current_setting('row_security') as rls`)).toEqual([{ rls: "on" }]);
    await db.rows("create table seen (at timestamptz default '2026-01-01 00:00:00+00')");
    expect((await driver.introspect(session)).tables["public.seen"]?.columns[0]?.default).toBe("'2026-01-01 00:00:00+00'::timestamp with time zone");
    expect(await session.query(sql`select current_setting('row_security') as rls`)).toEqual([{ rls: "on" }]);
    await session.close();
    await pooler.close();
  });
});
