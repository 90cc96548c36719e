// Runs vitest in a process of its own and reads what it says about itself.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const bin = join(root, "node_modules", "vitest", "vitest.mjs");
/** Reports and the record of what is done; ignored by git. */
export const cache = join(root, ".cache", "test");
const projects = ["--project=unit", "--project=db", "--project=mariadb"];

/** What the tests read to know how much is asked for. */
export const scopes = {
  quick: () => ({ HOTSTICK_MAJORS: process.env.HOTSTICK_MAJORS ?? "14,18", HOTSTICK_SCOPE: "quick" }),
  all: () => ({ HOTSTICK_MAJORS: process.env.HOTSTICK_MAJORS ?? "all", HOTSTICK_SCOPE: "all" }),
};

function vitest(args, scope) {
  const env = { ...process.env, ...scopes[scope]() };
  const child = spawn(process.execPath, [bin, ...args], { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)));
  });
}

function freshFile(name) {
  mkdirSync(cache, { recursive: true });
  const file = join(cache, name);
  rmSync(file, { force: true });
  return file;
}

/** Runs tests; `code` is vitest's own exit code, `report` its JSON report or null where it died before writing one. */
export async function run(name, scope, args) {
  const file = freshFile(`${name}.report.json`);
  const code = await vitest(["run", ...projects, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...args], scope);
  return { code, report: existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null };
}

/** All cases of a scope as `{ file, name }`, without running them. */
export async function list(scope) {
  const file = freshFile(`${scope}.list.json`);
  const code = await vitest(["list", ...projects, `--json=${file}`], scope);
  if (code !== 0) throw new Error(`vitest could not list the tests of scope ${scope} (exit ${code})`);
  return JSON.parse(readFileSync(file, "utf8")).map(({ file, name }) => ({ file, name }));
}
