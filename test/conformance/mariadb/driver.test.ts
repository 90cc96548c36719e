// What only this engine's driver has to stand; the rest is in ../driver.test.ts.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, type TestContext, test } from "vitest";
import type { Driver, Session } from "../../../src/drivers/driver.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { raw, sql } from "../../../src/sql/sql.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql, ownMariadbFor } from "../../harness/mariadb.ts";

const opened = async (driver: Driver, purpose = "test"): Promise<Session> => {
  const session = await driver.connect({ purpose });
  onTestFinished(() => session.close());
  return session;
};
const driverOf = (db: MariadbDatabase): Driver => mysqlDriver({ url: db.url });
const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error,
  );

/** An account of one test's own that may do everything in one database. */
async function account(db: MariadbDatabase, name: string): Promise<string> {
  await db.rows(`create user ${name}; grant all on ${db.name}.* to ${name}`);
  onTestFinished(async () => {
    await db.rows(`drop user ${name}`);
  });
  return db.url.replace("root@", `${name}@`);
}

describe.runIf(hasMariadb)("a session on MariaDB", () => {
  test("binds values as what they are", async (t) => {
    const session = await opened(driverOf(await mariadbDatabaseFor(t)));
    const hard = "x'\\'' -- \u0000 ä 🔥 ?;`\n";
    const [row] = await session.query(
      sql`select ${hard} as text, hex(${hard}) as hex, ${7} + 1 as seven, ${0.1} + ${0.2} as doubles, ${2n ** 63n} as big, ${true} as yes, ${null} as nothing, hex(${new Uint8Array([0, 255])}) as bytes, '?' as mark`,
    );
    expect(row).toEqual({
      text: hard,
      hex: Buffer.from(hard).toString("hex").toUpperCase(),
      seven: expect.anything(),
      doubles: 0.1 + 0.2,
      big: "9223372036854775808",
      yes: 1,
      nothing: null,
      bytes: "00FF",
      mark: "?",
    });
    expect(Number(row?.["seven"])).toBe(8);
    await expect(session.query(sql`select ${new Date(0)}`)).rejects.toThrow(TypeError);
    await expect(session.query(sql`select ${["a"]}`)).rejects.toThrow(TypeError);
    await expect(session.query(sql`select ${Number.NaN}`)).rejects.toThrow(TypeError);
  });

  test("takes a compound statement for one, and several for several", async (t) => {
    const driver = driverOf(await mariadbDatabaseFor(t));
    const session = await opened(driver);
    await session.script(["create table t (a int)", "insert into t values (1)"]);
    await session.query(raw("create trigger g before insert on t for each row begin set new.a = new.a; set new.a = new.a + 1; end"));
    expect(await session.query(sql`select a, ${";"} as bound, ';' as written from t`)).toEqual([{ a: 1, bound: ";", written: ";" }]);
    expect(driver.describe(await failure(session.query(raw("delete from t; delete from t"))))).toContain("[1064]");
    expect(await session.query(sql`select count(*) as n from t`)).toEqual([{ n: "1" }]);
  });

  test("keeps the results of a script in order round a CALL that gives no rows, a block and what has warnings", async (t) => {
    const session = await opened(driverOf(await mariadbDatabaseFor(t)));
    await session.script([
      "create table t (a int)",
      "create procedure quiet(in x int) begin declare y int; select x into y; insert into t values (y); insert into t values (y + 1); end",
    ]);
    expect(
      await session.script([
        "select 1 as a",
        "call quiet(1)",
        "select 2 as b",
        // MySQL has no blocks outside of a routine.
        onMysql ? "do 0" : "begin not atomic if exists (select 1 from t) then delete from t; end if; end",
        "drop table if exists nothing",
        "/* nothing but a comment before */ select 3 as c -- and after",
      ]),
    ).toEqual([[{ a: 1 }], [], [{ b: 2 }], [], [], [{ c: 3 }]]);
  });

  test("counts the rows that changed, as the server's own clients do", async (t) => {
    const session = await opened(driverOf(await mariadbDatabaseFor(t)));
    await session.script(["create table t (a int primary key, b int)", "insert into t values (1, 1), (2, 2)"]);
    expect(await session.script(["update t set b = 1", "select row_count() as n"])).toEqual([[], [{ n: "1" }]]);
  });

  test("that is cancelled too late does not cancel what comes next", async (t) => {
    const session = await opened(driverOf(await mariadbDatabaseFor(t)));
    for (let round = 0; round < 20; round += 1) {
      const short = session.script(["select 1 as a"]);
      const cancelling = session.cancel();
      await short.catch(() => undefined);
      expect(await session.query(sql`select sleep(0.02) as slept`)).toEqual([{ slept: expect.toSatisfy((slept) => Number(slept) === 0) }]);
      await cancelling;
    }
  });

  test("is not taken for one of the server's next life with the same number", async (t) => {
    const server = await ownMariadbFor(t);
    const db = await mariadbDatabaseFor(t, server);
    const driver = driverOf(db);
    const { backend } = await driver.connect({ purpose: "test" });
    await server.kill();
    await server.restart();
    const sessions = await Promise.all(Array.from({ length: 8 }, () => opened(driver)));
    const [asking] = sessions;
    expect(sessions.map((each) => each.backend.pid)).toContain(backend.pid);
    expect(asking && (await driver.alive(asking, backend))).toBe(false);
  });

  test("keeps its start, whenever it is asked", async (t) => {
    const driver = driverOf(await mariadbDatabaseFor(t));
    const [session, asking] = [await opened(driver), await opened(driver)];
    const until = Date.now() + 2_100;
    for (let asked = 0; Date.now() < until; asked += 1) {
      expect(await driver.alive(asking, session.backend), `the ${asked}th time`).toBe(true);
      await sleep(7);
    }
  });

  test("says which right is missing", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const url = await account(db, `${db.name}_a`);
    await db.rows("create table t (a int)");
    const driver = mysqlDriver({ url });
    const session = await opened(driver);
    const refusals = async (text: string): Promise<string> => driver.classify(await failure(session.script([text])));
    expect(await refusals("select * from mysql.global_priv")).toBe("denied");
    expect(await refusals("create database elsewhere_else")).toBe("denied");
    expect(await refusals("set global max_connections = 7")).toBe("denied");
    // SUPER or log_bin_trust_function_creators is missing, as the binary log is on.
    expect(await refusals("create trigger g before insert on t for each row set new.a = 1")).toBe("denied");
  });

  test("ends what is its own account's without a right to others'", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const weak = mysqlDriver({ url: await account(db, `${db.name}_a`) });
    const [mine, another] = [await opened(weak), await opened(weak)];
    expect(await weak.alive(mine, another.backend)).toBe(true);
    expect(await weak.terminate(mine, another.backend)).toBe(true);
    await expect.poll(() => another.closed).toBe(true);
  });
});

describe.runIf(hasMariadb)("who is in the way on MariaDB", () => {
  const name = (db: Pick<MariadbDatabase, "name">, table: string) => ({ schema: db.name, name: table });
  const told = (found: Awaited<ReturnType<Driver["blockers"]>>) => found.map(({ pid, mode, relation, state }) => ({ pid, mode, relation, state }));

  test.each([
    ["with performance_schema", { "performance-schema": "ON", "performance-schema-instrument": "wait/lock/metadata/sql/mdl=ON" }, true],
    ["with the plugin METADATA_LOCK_INFO", { "plugin-load-add": "metadata_lock_info" }, false],
  ])("is told %s: holders and waiters, with their locks", async (_, settings, tellsWaiting) => {
    const server = await ownMariadbFor({ onTestFinished }, { settings });
    await server.createDatabase("shop");
    const driver = mysqlDriver({ url: server.url("shop") });
    const [reader, writer, locker, waiter, asking] = [
      await opened(driver),
      await opened(driver),
      await opened(driver),
      await opened(driver),
      await opened(driver),
    ];
    await asking.script(["create table t (a int)", "create table other (a int)", "create table third (a int)"]);
    await reader.script(["begin", "select * from t"]);
    await writer.script(["begin", "insert into t values (1)"]);
    await locker.script(["lock tables other write"]);
    await sleep(1_100);
    const waiting = waiter.script(["alter table t add b int"]);
    const table = (each: string) => ({ schema: "shop", name: each });
    const exclusive = (...tables: readonly string[]) =>
      driver.blockers(
        asking,
        tables.map((each) => ({ table: table(each), mode: "EXCLUSIVE MDL" })),
      );
    await expect.poll(async () => (await exclusive("t")).map((each) => each.pid)).toContain(waiter.backend.pid);
    expect(told(await exclusive("t"))).toEqual([
      { pid: reader.backend.pid, mode: "SHARED READ MDL", relation: "shop.t", state: "idle in transaction" },
      { pid: writer.backend.pid, mode: "SHARED WRITE MDL", relation: "shop.t", state: "idle in transaction" },
      { pid: waiter.backend.pid, mode: tellsWaiting ? "EXCLUSIVE MDL" : "SHARED UPGRADABLE MDL", relation: "shop.t", state: "active" },
    ]);
    expect((await exclusive("t"))[0]?.ageMs).toBeGreaterThan(1_000);
    // Another one's write and a read do not disturb each other.
    expect((await driver.blockers(asking, [{ table: table("t"), mode: "SHARED READ MDL" }])).map((each) => each.pid)).toEqual(
      tellsWaiting ? [waiter.backend.pid] : [],
    );
    expect(told(await exclusive("other", "third"))).toEqual([
      { pid: locker.backend.pid, mode: "SHARED NO READ WRITE MDL", relation: "shop.other", state: "idle in transaction" },
    ]);
    await reader.script(["commit"]);
    await writer.script(["commit"]);
    await waiting;
    expect(await exclusive("t", "third")).toEqual([]);
  });

  test.each([
    ["where the server tells nothing", {}],
    // On, but without the instrument for these locks, which is off by default.
    ["where performance_schema looks elsewhere", { "performance-schema": "ON" }],
  ])("is guessed %s: old transactions and long statements", async (_, settings) => {
    const server = await ownMariadbFor({ onTestFinished }, { settings });
    await server.createDatabase("shop");
    const db = { name: "shop", url: server.url("shop") };
    const driver = mysqlDriver({ url: db.url });
    const [reader, worker, asking] = [await opened(driver), await opened(driver), await opened(driver)];
    await asking.script(["create table t (a int)"]);
    await reader.script(["begin", "select * from t"]);
    await sleep(1_100);
    const sleeping = worker.script(["select sleep(20)"]);
    const wanted = [{ table: name(db, "t"), mode: "EXCLUSIVE MDL" }];
    await expect.poll(async () => (await driver.blockers(asking, wanted)).length).toBe(2);
    expect(told(await driver.blockers(asking, wanted))).toEqual([
      { pid: reader.backend.pid, mode: "possibly a lock", relation: `${db.name}.t`, state: "idle in transaction" },
      { pid: worker.backend.pid, mode: "possibly a lock", relation: `${db.name}.t`, state: "active" },
    ]);
    await reader.script(["rollback"]);
    await worker.cancel();
    await failure(sleeping);
    await expect.poll(() => driver.blockers(asking, wanted)).toEqual([]);
    expect(await driver.blockers(asking, [])).toEqual([]);
  });

  test.each([
    ["where the server tells nothing", {}],
    ["where it tells of metadata locks", { "plugin-load-add": "metadata_lock_info" }],
  ])("may be a prepared transaction that nobody holds, %s", async (_, settings) => {
    const server = await ownMariadbFor({ onTestFinished }, { settings });
    await server.createDatabase("shop");
    const driver = mysqlDriver({ url: server.url("shop") });
    const [gone, asking, reader] = [await driver.connect({ purpose: "test" }), await opened(driver), await opened(driver)];
    await gone.script(["create table t (a int)", "xa start 'left behind'", "insert into t values (1)", "xa end 'left behind'", "xa prepare 'left behind'"]);
    await gone.close();
    const wanted = [{ table: { schema: "shop", name: "t" }, mode: "EXCLUSIVE MDL" }];
    await expect
      .poll(async () => (await driver.blockers(asking, wanted)).map(({ pid, gid, state }) => ({ pid, gid, state })))
      .toEqual([{ pid: null, gid: "left behind", state: "prepared" }]);
    // What spares the others: only the engine's own timeout ends such a wait, and it is held behind an exclusive lock.
    const alter = async (timeouts: string): Promise<readonly [alterMs: number, readerMs: number]> => {
      const begun = performance.now();
      const altering = failure(asking.script([`set statement ${timeouts} for alter table t add b int, algorithm = instant`]));
      await sleep(100);
      const read = performance.now();
      await reader.script(["select * from t"]);
      const readerMs = performance.now() - read;
      expect(driver.classify(await altering)).toBe("retry");
      return [performance.now() - begun, readerMs];
    };
    const [stalled, stalledReader] = await alter("innodb_lock_wait_timeout = 2, max_statement_time = 0.2");
    expect(Math.min(stalled, stalledReader)).toBeGreaterThan(1_000);
    const [spared] = await alter("innodb_lock_wait_timeout = 0");
    expect(spared).toBeLessThan(1_000);
    await asking.script(["xa rollback 'left behind'"]);
  });

  test("is asked without rights, and then nobody is named but ourselves", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const weak = mysqlDriver({ url: await account(db, `${db.name}_a`) });
    const [mine, asking, theirs] = [await opened(weak), await opened(weak), await opened(driverOf(db))];
    await theirs.script(["create table t (a int)", "begin", "select * from t"]);
    const sleeping = mine.script(["select sleep(20)"]);
    const wanted = [{ table: name(db, "t"), mode: "EXCLUSIVE MDL" }];
    await expect.poll(async () => (await weak.blockers(asking, wanted)).map((each) => each.pid)).toEqual([mine.backend.pid]);
    await mine.cancel();
    // MySQL ends SLEEP early, and not the statement.
    if (onMysql) await sleeping;
    else await failure(sleeping);
  });
});

describe.runIf(hasMariadb)("connecting to MariaDB", () => {
  test.each([
    ["the other scheme", "mariadb://me:secret@127.0.0.1:1/shop", "cannot-connect", /127\.0\.0\.1:1/],
    ["another engine's URL", "postgres://me:secret@h/shop", "bad-url", /begins with postgres/],
    ["a password that is not encoded", "mysql://me:se%cret@h/shop", "bad-url", /percent-encoded/],
    ["no database", "mysql://me:secret@h/", "bad-url", /names no database/],
    ["a parameter that means nothing", "mysql://me:secret@h/d?ssl=1", "bad-url", /"ssl"/],
    ["a mode that is none", "mysql://me:secret@h/d?ssl-mode=secret-ish", "bad-url", /ssl-mode/],
  ])("with %s is a Problem without the password", async (_, url, code, message) => {
    const problem = await failure(mysqlDriver({ url, connectTimeoutMs: 2_000 }).connect({ purpose: "test" }));
    expect(problem).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(JSON.stringify([problem, (problem as Error).message])).not.toContain("me:se");
  });

  test("to a server that accepts and says nothing ends in time", async (t) => {
    const { createServer } = await import("node:net");
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    t.onTestFinished(() => void mute.close());
    const { port } = mute.address() as { port: number };
    const problem = await failure(mysqlDriver({ url: `mysql://me@127.0.0.1:${port}/shop`, connectTimeoutMs: 300 }).connect({ purpose: "test" }));
    expect(problem).toMatchObject({ code: "cannot-connect", hint: expect.stringContaining("Nothing answered") });
  });

  test("with a wrong password, and to a server that is full, says so", async (t) => {
    const server = await ownMariadbFor(t, { settings: { "max-connections": "10", "extra-max-connections": "0" } });
    const db = await mariadbDatabaseFor(t, server);
    await db.rows("create user me identified by 'right ?&/'; grant all on *.* to me");
    const url = (password: string) => db.url.replace("root@", `me:${encodeURIComponent(password)}@`);
    expect(await failure(mysqlDriver({ url: url("wrong") }).connect({ purpose: "test" }))).toMatchObject({
      code: "cannot-connect",
      hint: expect.stringContaining("password"),
    });
    const driver = mysqlDriver({ url: url("right ?&/") });
    // One more is kept for an administrator, which we are not.
    await db.rows("revoke all on *.* from me; grant select on *.* to me");
    for (let each = 0; each < 10; each += 1) await opened(driver);
    const full = await failure(driver.connect({ purpose: "test" }));
    expect(full).toMatchObject({ code: "cannot-connect", hint: expect.stringContaining("max_connections") });
    expect(driver.classify(full)).toBe("retry");
  });

  test("encrypted is as strict as the URL says", async (t) => {
    const { settings, ca } = certificates(t);
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, { settings }));
    const cipher = async (url: string): Promise<unknown> => {
      const session = await opened(mysqlDriver({ url }));
      const [row] = await session.script(["show session status like 'Ssl_cipher'"]);
      return row?.[0]?.["Value"];
    };
    const local = db.url.replace("127.0.0.1", "localhost");
    expect(await cipher(db.url)).toMatch(/^TLS|AES/);
    expect(await cipher(`${db.url}?ssl-mode=DISABLED`)).toBe("");
    expect(await cipher(`${db.url}?ssl-mode=REQUIRED`)).toMatch(/^TLS|AES/);
    expect(await cipher(`${local}?ssl-mode=VERIFY_IDENTITY&ssl-ca=${encodeURIComponent(ca)}`)).toMatch(/^TLS|AES/);
    expect(await failure(mysqlDriver({ url: `${local}?ssl-mode=VERIFY_CA` }).connect({ purpose: "test" }))).toMatchObject({
      code: "cannot-connect",
      hint: expect.stringContaining("ssl-ca"),
    });
    expect(await failure(mysqlDriver({ url: `${local}?ssl-mode=VERIFY_CA&ssl-ca=/nowhere.pem` }).connect({ purpose: "test" }))).toMatchObject({
      code: "bad-url",
    });
  });

  test("over the server's socket needs no port", async (t) => {
    const server = await ownMariadbFor(t);
    const db = await mariadbDatabaseFor(t, server);
    const socket = join(server.dataDirectory, "socket");
    const session = await opened(mysqlDriver({ url: `mysql://root@localhost/${db.name}?socket=${encodeURIComponent(socket)}` }));
    expect(await session.query(sql`select database() as name`)).toEqual([{ name: db.name }]);
    await session.close();
  });
});

/** A server's certificate for localhost, and the authority behind it. */
function certificates(t: Pick<TestContext, "onTestFinished">): { readonly settings: Readonly<Record<string, string>>; readonly ca: string } {
  const folder = mkdtempSync(join(tmpdir(), "hotstick-test-"));
  t.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const [ca, caKey, key, request, cert] = ["ca.pem", "ca.key", "key.pem", "request.pem", "cert.pem"].map((file) => join(folder, file)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const program = "openssl";
  const openssl = (...args: readonly string[]): void => void execFileSync(program, args, { stdio: "ignore" });
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority", "-keyout", caKey, "-out", ca);
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", key, "-out", request);
  openssl("x509", "-req", "-days", "2", "-in", request, "-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-out", cert);
  // The server runs as another user.
  for (const file of [ca, key, cert]) chmodSync(file, 0o644);
  return { settings: { "ssl-ca": ca, "ssl-cert": cert, "ssl-key": key }, ca };
}
