// The demo as it ships: the built program, in a process of its own, on a small table.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DemoResult } from "../../src/app/contract.ts";
import { hasOwnMariadb } from "../harness/mariadb.ts";

const root = join(import.meta.dirname, "..", "..");
/** In the repository, so that the build finds its packages. */
const folder = join(root, ".cache", "demo", String(process.pid));
const program = join(folder, "dist", "cli", "main.js");
/** A temporary folder of its own shows what the demo leaves behind. */
const temporary = mkdtempSync(join(tmpdir(), "demo-test-"));

beforeAll(() => {
  // The server of a demo that root starts belongs to another user.
  chmodSync(temporary, 0o755);
  mkdirSync(folder, { recursive: true });
  execFileSync(process.execPath, [join(root, "scripts", "build.mjs"), join(folder, "dist"), "--noCheck"], { stdio: "inherit" });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
});
afterAll(() => [folder, temporary].forEach((path) => rmSync(path, { recursive: true, force: true })));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param began is told of everything on stderr so far. */
function run(args: readonly string[], began: (stderr: string, child: ChildProcess) => void = () => undefined): Promise<Ended> {
  const child = spawn(process.execPath, [program, "demo", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", TMPDIR: temporary },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    began(stderr, child);
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

/** Folders of servers and projects; prepared data directories stay. */
const leftovers = (): readonly string[] => readdirSync(temporary).filter((name) => /^hotstick-(pg\d+|mariadb|demo)-/.test(name));

/** Processes of this build: the demo, its applications and its commands. */
const processes = (): readonly string[] =>
  (existsSync("/proc") ? readdirSync("/proc") : [])
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return line.includes(folder) ? [line] : [];
      } catch {
        return [];
      }
    });

/** As it is called, and as it is left out where its server is not installed, which the set-up of all tests says. */
const engines: readonly (readonly [name: string, engine: readonly string[], isThere: boolean])[] = [
  ["the engine that is taken unasked", [], true],
  ["MariaDB", ["--engine", "mariadb"], hasOwnMariadb],
];

describe.each(engines)("on %s", (_, engine, isThere) => {
  if (!isThere) return test.skip("its server is not installed", () => undefined);

  test("the column is split, given back, killed, split again, dropped and brought back, and nobody notices", { timeout: 300_000 }, async () => {
    const { code, stdout, stderr } = await run([...engine, "--rows", "20000", "--json"]);
    const { naive, ...result } = JSON.parse(stdout) as DemoResult;
    expect(result.problems).toEqual([]);
    expect(result.scenes.filter(({ ok }) => !ok)).toEqual([]);
    expect(result).toMatchObject({
      ok: true,
      failed: 0,
      wrongReads: 0,
      wrongRows: 0,
      lostWrites: 0,
      killed: true,
      resumed: true,
      rolledBack: true,
      undone: true,
    });
    expect(result.requests).toBeGreaterThan(5000);
    expect(result.p99Before).toBeGreaterThan(0);
    expect(result.rowsPerSecond).toBeGreaterThan(1000);
    // The check sees what is wrong where something is: the old application writes on after the statements.
    expect(naive?.wrongRows).toBeGreaterThan(0);
    expect(naive?.longestStallMs).toBeGreaterThan(0);
    expect(stderr).toContain("run 2: complete");
    expect(code).toBe(0);
    expect(processes()).toEqual([]);
    expect(leftovers()).toEqual([]);
  });

  // What it started and ends is much the same; the usual run asks of one.
  test.runIf(engine.length === 0 || process.env["HOTSTICK_SCOPE"] !== "quick")(
    "Ctrl-C ends it at any time, with everything that it started",
    { timeout: 60_000 },
    async () => {
      let interrupted = false;
      const { code, stderr } = await run([...engine, "--rows", "5000"], (text, child) => {
        if (interrupted || !text.includes("fill the new shape")) return;
        interrupted = true;
        child.kill("SIGINT");
      });
      expect(code).toBe(130);
      expect(stderr).toContain("The demo was stopped");
      await expect.poll(processes).toEqual([]);
      await expect.poll(leftovers).toEqual([]);
    },
  );
});

test("too few rows are refused before anything is started", async () => {
  const { code, stdout } = await run(["--rows", "10", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "bad-usage" } });
  expect(code).toBe(1);
});

test("an engine that there is not is refused with the names of those there are", async () => {
  const { code, stdout } = await run(["--engine", "oracle", "--json"]);
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } };
  expect(error).toMatchObject({ code: "bad-usage", message: expect.stringContaining("postgres and mariadb"), hint: "hotstick demo --engine mariadb" });
  expect(code).toBe(1);
});
