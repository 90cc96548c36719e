import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../../../src/problem.ts";
import { withClient } from "../../../src/sandbox/mariadb/admin.ts";
import { findBinaries, howToInstall } from "../../../src/sandbox/mariadb/binaries.ts";
import { type MariadbServer, type ServerOptions, startServer } from "../../../src/sandbox/mariadb/server.ts";
import type { Held } from "../../harness/hold-server.ts";
import { hasMariadb, mariadbDatabaseFor, mariadbFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { startScript } from "../../harness/script.ts";

const ask = async (server: MariadbServer, text: string): Promise<unknown> => {
  const [rows] = await withClient(server.url(), (client) => client.query<RowDataPacket[]>({ sql: text, rowsAsArray: true }));
  return (rows as unknown as unknown[][])[0]?.[0];
};

const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Problem);
  return error as Problem;
};

const asRoot = process.geteuid?.() === 0;
const made: string[] = [];
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Taken before a test points TMPDIR elsewhere. */
const realTmp = tmpdir();

const freshFolder = (): string => {
  const folder = mkdtempSync(join(realTmp, "hotstick-test-"));
  chmodSync(folder, 0o755);
  made.push(folder);
  return folder;
};

/** Each test that asks for one gets a machine on which nothing is prepared. */
const coldCache = (): string => {
  const folder = freshFolder();
  vi.stubEnv("TMPDIR", folder);
  return folder;
};

const connects = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket.destroy() === socket));
    socket.once("error", () => resolve(false));
  });

/** Far above what it takes (a third of a second), so that only a hang fails. */
const startBoundMs = 20_000;

describe.runIf(hasMariadb)("a sandbox of MariaDB", () => {
  test("starts and answers as what was found", async () => {
    const begun = performance.now();
    const server = await mariadbFor();
    expect(performance.now() - begun).toBeLessThan(startBoundMs);
    const version = String(await ask(server, "select version()"));
    expect(version).toContain("MariaDB");
    expect(version.split(".")[0]).toBe(String(server.major));
    expect(server.binaries.version.split("-")[0]).toBe(version.split("-")[0]);
  });

  test("is set up for tests", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const [settings] =
      await db.rows(`select @@log_bin as log, @@binlog_format as format, @@max_connections as connections, @@bind_address as address, @@time_zone as zone,
      @@character_set_server as charset, @@collation_database as collation, @@innodb_flush_log_at_trx_commit as flush, @@default_storage_engine as engine`);
    expect(settings).toEqual({
      log: "1",
      format: "ROW",
      connections: "200",
      address: "127.0.0.1",
      zone: "+00:00",
      charset: "utf8mb4",
      collation: "utf8mb4_general_ci",
      flush: "2",
      engine: "InnoDB",
    });
  });

  test("lets connect and rows be an application's", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const one = await db.connect();
    await one.query("create table t (a int, b bigint)");
    expect(await db.rows("insert into t values (?, ?)", [1, "9007199254740993"])).toEqual([]);
    expect(await db.rows("select 1 as x; select a, b from t")).toEqual([{ a: 1, b: "9007199254740993" }]);
    expect(await db.rows("select 1 as x; delete from t")).toEqual([]);
  });

  test("recovers what was committed before it was killed", async (t) => {
    const server = await ownMariadbFor(t);
    const first = server.pid;
    await server.createDatabase("shop");
    await withClient(server.url("shop"), (client) => client.query("create table kept as select 1 as a"));
    await server.kill();
    await expect(ask(server, "select 1")).rejects.toThrow();
    await server.restart();
    expect(server.pid).not.toBe(first);
    expect(await ask(server, "select a from shop.kept")).toBe(1);
    await server.restart("immediate");
    expect(await ask(server, "select a from shop.kept")).toBe(1);
  });

  test("does not clone, and says so; nor makes a database twice", async () => {
    const server = await mariadbFor();
    expect(await problemOf(server.createDatabase("never", "mysql"))).toMatchObject({ code: "sandbox-database", message: expect.stringContaining("clone") });
    expect(await problemOf(server.createDatabase("mysql"))).toMatchObject({ code: "sandbox-database", message: expect.stringContaining("mysql") });
  });

  test("drops a database in spite of sessions and locks in it, whatever its name", async (t) => {
    const server = await ownMariadbFor(t);
    const odd = "it`s a/b?c";
    await server.createDatabase(odd);
    await withClient(server.url(odd), async (client) => {
      await client.query("create table t (a int); lock tables t write");
      await server.dropDatabase(odd);
    });
    await server.dropDatabase(odd);
    expect(await ask(server, "select count(*) from information_schema.schemata where schema_name like 'it%'")).toBe(0);
  });

  test("stops, removes its folder, and may be stopped twice", async () => {
    const server = await startServer();
    const folder = dirname(server.dataDirectory);
    expect(existsSync(folder)).toBe(true);
    await server.stop();
    await server.stop("immediate");
    expect(existsSync(folder)).toBe(false);
  });

  test("takes settings and durability", async (t) => {
    const server = await ownMariadbFor(t, { durable: true, settings: { max_connections: "17", "init-connect": 'set @a = "#;\\\\" # not a comment' } });
    expect(await ask(server, "select @@innodb_flush_log_at_trx_commit")).toBe(1);
    expect(await ask(server, "select @@max_connections")).toBe(17);
    expect(await ask(server, "select @@init_connect")).toBe('set @a = "#;\\\\" # not a comment');
  });

  test("is taken from a folder of programs", async (t) => {
    const { server, install } = await findBinaries();
    const bin = freshFolder();
    symlinkSync(server, join(bin, "mariadbd"));
    symlinkSync(install, join(bin, "mariadb-install-db"));
    expect((await ownMariadbFor(t, { bin })).binaries.server).toBe(join(bin, "mariadbd"));
  });

  test("that is not installed names the command that installs it", async () => {
    const problem = await problemOf(startServer({ bin: freshFolder() }));
    expect(problem).toMatchObject({ code: "sandbox-missing", hint: howToInstall() });
    expect(howToInstall()).toContain("install mariadb");
  });

  test("that cannot be run says so", async () => {
    const bin = freshFolder();
    for (const program of ["mariadbd", "mariadb-install-db"]) writeFileSync(join(bin, program), "#!/bin/sh\necho broken >&2; exit 3\n", { mode: 0o755 });
    expect(await problemOf(startServer({ bin }))).toMatchObject({ code: "sandbox-unusable", message: expect.stringContaining("broken") });
  });

  test.each<[string, ServerOptions, string]>([
    ["a value that cannot be", { settings: { innodb_page_size: "3" } }, "innodb"],
    ["an unknown setting", { settings: { no_such_setting: "1" } }, "no-such-setting"],
  ])("%s: the Problem shows the end of the log", async (_, options, shown) => {
    const problem = await problemOf(startServer(options));
    expect(problem.code).toBe("sandbox-start");
    expect(problem.message.toLowerCase()).toContain(shown);
  });

  test("whose port was taken meanwhile is recognised", async (t) => {
    const server = await ownMariadbFor(t);
    await server.kill();
    const thief = createServer();
    await new Promise<void>((resolve) => thief.listen(server.port, "127.0.0.1", resolve));
    const problem = await problemOf(server.restart());
    expect(problem.details).toEqual({ portTaken: true });
    await new Promise((resolve) => thief.close(resolve));
    await server.restart();
    expect(await ask(server, "select 1")).toBe(1);
  });
});

describe.runIf(hasMariadb)("where a sandbox of MariaDB keeps its files", () => {
  test("goes with the process that started it, even by kill -9", async () => {
    const script = startScript("test/harness/hold-server.ts", ["mariadb"]);
    const held = (await script.firstLine) as Held;
    const folder = dirname(held.dataDirectory);
    expect(await connects(held.port)).toBe(true);
    script.child.kill("SIGKILL");
    await script.exit;
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), { timeout: 20_000, interval: 20 });
    expect(await connects(held.port)).toBe(false);
  });

  test("two processes that start at once with nothing prepared both get a server", async () => {
    const cache = coldCache();
    const scripts = [1, 2].map(() => startScript("test/harness/hold-server.ts", ["mariadb"], { TMPDIR: cache }));
    const held = (await Promise.all(scripts.map((script) => script.firstLine))) as Held[];
    expect(new Set(held.map((each) => each.port)).size).toBe(2);
    const kept = readdirSync(join(cache, readdirSync(cache).find((name) => name.startsWith("hotstick-cache-")) ?? ""));
    expect(kept).toHaveLength(1);
    for (const script of scripts) script.child.kill("SIGKILL");
    await vi.waitFor(() => expect(readdirSync(cache)).toHaveLength(1), { timeout: 20_000, interval: 20 });
  });

  test("a temporary folder with a long name does no harm", async () => {
    const deep = join(freshFolder(), "a".repeat(120));
    mkdirSync(deep, { mode: 0o755 });
    chmodSync(deep, 0o755);
    const server = await startServer({ folder: deep });
    expect(await ask(server, "select 1")).toBe(1);
    await server.stop("immediate");
  });

  test("a prepared folder that lost a file is made anew", async () => {
    const cache = coldCache();
    await (await startServer()).stop();
    const root = join(cache, readdirSync(cache)[0] ?? "");
    const prepared = join(root, readdirSync(root)[0] ?? "", "content");
    rmSync(join(prepared, "ibdata1"));
    await (await startServer()).stop();
    expect(existsSync(join(prepared, "ibdata1"))).toBe(true);
    expect(readdirSync(root)).toHaveLength(1);
  });

  test.runIf(asRoot)("a cache that belongs to someone else is refused", async () => {
    const cache = coldCache();
    const foreign = join(cache, "hotstick-cache-0");
    mkdirSync(foreign);
    chownSync(foreign, 65_534, 65_534);
    expect((await problemOf(startServer())).code).toBe("sandbox-folder");
    expect(readdirSync(cache)).toEqual(["hotstick-cache-0"]);
  });
});
