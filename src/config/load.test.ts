import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Problem } from "../problem.ts";
import type { Flags } from "./layers.ts";
import { loadConfig } from "./load.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "hotstick-config-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const evaluate = vi.fn(async (): Promise<unknown> => ({ lockTries: 7 }));
const load = (flags: Flags = {}, env = {}) => loadConfig({ cwd, flags, env, evaluate });
const write = (name: string, text = "") => writeFileSync(join(cwd, name), text);

test("without a file, or with JSON, nothing is evaluated", async () => {
  expect((await load()).file).toBeNull();
  write("hotstick.config.json", '\uFEFF{ "$schema": "x", "lockTries": 5 }');
  expect(await load()).toMatchObject({ lockTries: 5, file: join(cwd, "hotstick.config.json"), root: cwd });
  expect(evaluate).not.toHaveBeenCalled();
});

test("a TypeScript file is evaluated; another is chosen by flag or variable", async () => {
  write("hotstick.config.ts");
  write("other.json", '{ "lockTries": 9 }');
  expect((await load()).lockTries).toBe(7);
  expect((await load({ config: "other.json" })).lockTries).toBe(9);
  expect((await load({}, { HOTSTICK_CONFIG: "other.json" })).lockTries).toBe(9);
});

test.each<[string, () => void, Flags]>([
  ["two files", () => ["hotstick.config.ts", "hotstick.config.json"].forEach((name) => write(name)), {}],
  ["a file that is not there", () => {}, { config: "none.json" }],
  ["broken JSON", () => write("hotstick.config.json", "{"), {}],
])("%s: Problem bad-config", async (_, prepare, flags) => {
  prepare();
  await expect(load(flags)).rejects.toMatchObject({ code: "bad-config" });
});

test("what fails in the file is said with its place", async () => {
  write("hotstick.config.ts");
  evaluate.mockRejectedValueOnce(new Problem({ code: "file-load", message: "hotstick.config.ts:1:2 cannot be loaded" }));
  await expect(load()).rejects.toMatchObject({ code: "bad-config", message: "hotstick.config.ts:1:2 cannot be loaded" });
});
