// The command line as users run it: from a build, in processes of their own.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..");
let built: string | null = null;

/** The path of its main file. In the repository, so that the build finds its packages. Types are checked elsewhere. */
export function build(): string {
  if (built !== null) return built;
  const folder = join(root, ".cache", "build", `app-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  execFileSync(process.execPath, [join(root, "scripts", "build.mjs"), join(folder, "dist"), "--noCheck"], { stdio: "inherit" });
  copyFileSync(join(root, "package.json"), join(folder, "package.json"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  built = join(folder, "dist", "cli", "main.js");
  return built;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Says on stderr which modules are loaded. */
const hooks = `import { writeSync } from "node:fs"; export async function resolve(name, context, next) { const found = await next(name, context); writeSync(2, "loads " + found.url + "\\n"); return found; }`;
const tracing = `import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`;

/** Runs `hotstick` in a folder. @param options `traced`: every module that it loads is said on stderr. */
export function hotstick(args: readonly string[], options: { readonly cwd: string; readonly url: string; readonly traced?: boolean }): Promise<Ended> {
  const traced = options.traced === true ? ["--import", `data:text/javascript,${encodeURIComponent(tracing)}`] : [];
  const child = spawn(process.execPath, [...traced, build(), ...args], {
    cwd: options.cwd,
    env: { ...process.env, DATABASE_URL: options.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = { stdout: "", stderr: "" };
  child.stdout.on("data", (data: Buffer) => (ended.stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (ended.stderr += data.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...ended })));
}
