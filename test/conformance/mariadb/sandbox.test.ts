// What only this engine's sandbox has to do; the rest is in ../sandbox.test.ts and ../sandbox-places.test.ts.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Problem } from "../../../src/problem.ts";
import { withClient } from "../../../src/sandbox/mariadb/admin.ts";
import { findBinaries } from "../../../src/sandbox/mariadb/binaries.ts";
import { startServer } from "../../../src/sandbox/mariadb/server.ts";
import { hasMariadb, mariadbDatabaseFor, mariadbFor, ownMariadbFor } from "../../harness/mariadb.ts";

const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Problem);
  return error as Problem;
};

const made: string[] = [];
afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const freshFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "hotstick-test-"));
  chmodSync(folder, 0o755);
  made.push(folder);
  return folder;
};

describe.runIf(hasMariadb)("a sandbox of MariaDB", () => {
  test("lets connect and rows be an application's", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const one = await db.connect();
    await one.query("create table t (a int, b bigint)");
    expect(await db.rows("insert into t values (?, ?)", [1, "9007199254740993"])).toEqual([]);
    expect(await db.rows("select 1 as x; select a, b from t")).toEqual([{ a: 1, b: "9007199254740993" }]);
    expect(await db.rows("select 1 as x; delete from t")).toEqual([]);
  });

  test("does not clone, and says so", async () => {
    const server = await mariadbFor();
    expect(await problemOf(server.createDatabase("never", "mysql"))).toMatchObject({ code: "sandbox-database", message: expect.stringContaining("clone") });
  });

  test("is taken from a folder of programs", async (t) => {
    const { server, install } = await findBinaries();
    const bin = freshFolder();
    symlinkSync(server, join(bin, "mariadbd"));
    symlinkSync(install, join(bin, "mariadb-install-db"));
    expect((await ownMariadbFor(t, { bin })).binaries.server).toBe(join(bin, "mariadbd"));
  });

  test("that cannot be run says so", async () => {
    const bin = freshFolder();
    for (const program of ["mariadbd", "mariadb-install-db"]) writeFileSync(join(bin, program), "#!/bin/sh\necho broken >&2; exit 3\n", { mode: 0o755 });
    expect(await problemOf(startServer({ bin }))).toMatchObject({ code: "sandbox-unusable", message: expect.stringContaining("broken") });
  });

  test("drops a database whose tables somebody has locked and left so", async () => {
    const server = await mariadbFor();
    await server.createDatabase("locked");
    await withClient(server.url("locked"), async (client) => {
      await client.query("create table t (a int); lock tables t write");
      await server.dropDatabase("locked");
    });
  });

  test("a temporary folder with a long name does no harm", async () => {
    const deep = join(freshFolder(), "a".repeat(120));
    mkdirSync(deep, { mode: 0o755 });
    chmodSync(deep, 0o755);
    const server = await startServer({ folder: deep });
    await withClient(server.url(), (client) => client.query("select 1"));
    await server.stop("immediate");
  });
});
