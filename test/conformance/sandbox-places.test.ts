// Where a sandbox keeps its files, and what becomes of them in bad places and after kill -9.
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../../src/problem.ts";
import type { Held } from "../harness/hold-server.ts";
import { startScript } from "../harness/script.ts";
import { newestSandboxes } from "./fixtures/sandboxes.ts";

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

describe.each(newestSandboxes)("%s", (_, on) => {
  test("kill -9 of the process that started a server ends the server and removes its folder", async () => {
    const script = startScript("test/harness/hold-server.ts", [on.held]);
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
    const scripts = [1, 2].map(() => startScript("test/harness/hold-server.ts", [on.held], { TMPDIR: cache }));
    const held = (await Promise.all(scripts.map((script) => script.firstLine))) as Held[];
    expect(new Set(held.map((each) => each.port)).size).toBe(2);
    const kept = readdirSync(join(cache, readdirSync(cache).find((name) => name.startsWith("hotstick-cache-")) ?? ""));
    expect(kept).toHaveLength(1);
    for (const script of scripts) script.child.kill("SIGKILL");
    await vi.waitFor(() => expect(readdirSync(cache)).toHaveLength(1), { timeout: 20_000, interval: 20 });
  });

  test("a prepared folder that lost a file is made anew", async () => {
    const cache = coldCache();
    await (await on.start()).stop();
    const root = join(cache, readdirSync(cache)[0] ?? "");
    const essential = join(root, readdirSync(root)[0] ?? "", "content", on.essential);
    rmSync(essential);
    await (await on.start()).stop();
    expect(existsSync(essential)).toBe(true);
    expect(readdirSync(root)).toHaveLength(1);
  });

  test.runIf(asRoot)("a cache that belongs to someone else is refused", async () => {
    const cache = coldCache();
    const foreign = join(cache, "hotstick-cache-0");
    mkdirSync(foreign);
    chownSync(foreign, 65_534, 65_534);
    const error = await on.start().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Problem);
    expect((error as Problem).code).toBe("sandbox-folder");
    expect(readdirSync(cache)).toEqual(["hotstick-cache-0"]);
  });
});
