// The driver on servers that are given by URL: HOTSTICK_MYSQL_URLS='mysql://root:…@127.0.0.1:3306/mysql …'. The account must be allowed to
// make and drop databases. Newer MariaDB and MySQL are claimed only where this has run.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Driver, Session } from "../../../src/drivers/driver.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { createDatabase, dropDatabase } from "../../../src/sandbox/mariadb/admin.ts";
import { raw, sql } from "../../../src/sql/sql.ts";

const urls = (process.env["HOTSTICK_MYSQL_URLS"] ?? "").split(/\s+/).filter((url) => url !== "");
const shown = (url: string): string => url.replace(/\/\/.*@/, "//");

const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error,
  );

describe.each(urls.map((url) => [shown(url), url] as const))("on %s", (_, url) => {
  const inDatabase = async (): Promise<{ readonly driver: Driver; readonly open: () => Promise<Session>; readonly name: string }> => {
    const name = `hotstick_test_${process.pid}_${Math.random().toString(36).slice(2)}`;
    await createDatabase(url, name);
    onTestFinished(() => dropDatabase(url, name));
    const target = new URL(url);
    target.pathname = `/${name}`;
    const driver = mysqlDriver({ url: target.href });
    const open = async (): Promise<Session> => {
      const session = await driver.connect({ purpose: "test" });
      onTestFinished(() => session.close());
      return session;
    };
    return { driver, open, name };
  };

  test("a session sets itself up, and tells what the server is", async () => {
    const { driver, open, name } = await inDatabase();
    const session = await open();
    const [row] = await session.script([
      "select @@sql_mode as mode, @@time_zone as zone, @@collation_connection as collation, @@lock_wait_timeout + 0 as waits, @@completion_type as completion",
    ]);
    expect(row).toEqual([
      {
        mode: "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
        zone: "+00:00",
        collation: "utf8mb4_general_ci",
        waits: "10",
        completion: "NO_CHAIN",
      },
    ]);
    const server = await driver.server(session);
    expect(server).toMatchObject({ database: name, namespace: name, readOnly: false, pooled: false, product: expect.stringMatching(/^(MySQL|MariaDB) \d/) });
    expect(server.version >= 100_000).toBe(server.product.startsWith("MariaDB"));
    expect(session.backend.started).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ from \S/);
  });

  test("values are bound and come back", async () => {
    const session = await (await inDatabase()).open();
    const hard = "x'\\'' -- ä 🔥 ?;`\n";
    expect(await session.query(sql`select ${hard} as hard, ${null} as nothing, hex(${new Uint8Array([0, 255])}) as bytes, ${0.1} + ${0.2} as sum`)).toEqual([
      { hard, nothing: null, bytes: "00FF", sum: 0.1 + 0.2 },
    ]);
    await session.script(["create table v (a bigint unsigned, b decimal(20, 5), c json, d bit(9), e datetime(6), f float, g blob)"]);
    await session.script([`insert into v values (18446744073709551615, 1.5, '{"a": 1}', b'100000001', '2026-01-02 03:04:05.123456', 1.1, x'00ff')`]);
    expect(await session.query(sql`select * from v`)).toEqual([
      { a: "18446744073709551615", b: "1.50000", c: '{"a": 1}', d: "0x0101", e: "2026-01-02 03:04:05.123456", f: 1.1, g: "0x00ff" },
    ]);
  });

  test("one statement is told from several, and compound ones from both", async () => {
    const { driver, open } = await inDatabase();
    const session = await open();
    expect(await session.script(["select 1 as a", "create table t (a int)", "insert into t values (1)", "select a from t"])).toEqual([
      [expect.anything()],
      [],
      [],
      [{ a: 1 }],
    ]);
    await session.query(raw("create trigger g before insert on t for each row begin set new.a = new.a; set new.a = new.a + 1; end"));
    expect(driver.describe(await failure(session.query(raw("delete from t; delete from t"))))).toContain("[1064]");
    expect(driver.classify(await failure(session.query(raw("signal sqlstate '45H01'"))))).toBe("fenced");
  });

  test("a session is cancelled, known, and ended", async () => {
    const { driver, open } = await inDatabase();
    const [session, killer] = [await open(), await open()];
    const sleeping = session.script(["select sleep(20)"]);
    const cancelled = sleeping.then(
      (rows) => rows,
      (error: unknown) => driver.classify(error),
    );
    await sleep(100);
    await session.cancel();
    // MySQL's sleep gives 1 when it is interrupted, MariaDB's fails.
    expect(["fatal", [[{ "sleep(20)": expect.anything() }]]]).toContainEqual(await cancelled);
    expect(await driver.alive(killer, session.backend)).toBe(true);
    expect(await driver.alive(killer, { ...session.backend, started: "2020-01-01T00:00:00Z from nowhere" })).toBe(false);
    expect(await driver.terminate(killer, session.backend)).toBe(true);
    await expect.poll(() => driver.alive(killer, session.backend)).toBe(false);
  });

  test("who holds a lock is named, and what waits too long may try again", async () => {
    const { driver, open, name } = await inDatabase();
    const [holder, asking] = [await open(), await open()];
    await holder.script(["create table t (a int)", "insert into t values (1)", "begin", "select * from t"]);
    await sleep(1_100);
    const found = await driver.blockers(asking, [{ table: { schema: name, name: "t" }, mode: "EXCLUSIVE MDL" }]);
    expect(found.map((each) => each.pid)).toContain(holder.backend.pid);
    expect(driver.classify(await failure(asking.script(["set session lock_wait_timeout = 1", "alter table t add b int"])))).toBe("retry");
    await holder.script(["rollback"]);
  });

  test("an empty database is read", async () => {
    const { driver, open } = await inDatabase();
    const session = await open();
    await session.script(["create table t (a int primary key, b varchar(10) not null default 'x')"]);
    const schema = await driver.introspect(session);
    expect(Object.keys(schema.tables)).toHaveLength(1);
  });
});

test.skipIf(urls.length === 0)("servers are given by HOTSTICK_MYSQL_URLS", () => {
  expect(urls).not.toEqual([]);
});
