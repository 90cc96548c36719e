// Other processes that run our TypeScript, for tests that kill them. Node 20 cannot; jiti can.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = join(import.meta.dirname, "..", "..");

/** A process that runs a script of ours. */
export interface Script {
  readonly child: ChildProcess;
  /** The first line it prints, parsed as JSON. Rejects with what it wrote to stderr when it ends without one. */
  readonly firstLine: Promise<unknown>;
  /** Resolves with the exit code, null after a signal. */
  readonly exit: Promise<number | null>;
}

/**
 * @param file Path from the root of the repository.
 * @param env Set over the environment of the tests.
 */
export function startScript(file: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Script {
  const child = spawn(process.execPath, ["--import", "jiti/register", join(root, file), ...args], {
    cwd: root,
    env: { ...process.env, JITI_FS_CACHE: "false", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (data: Buffer) => {
    complaint += data.toString();
  });
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const firstLine = new Promise<unknown>((resolve, reject) => {
    createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line)));
    void exit.then((code) => reject(new Error(`${file} ended with ${code} before it printed a line:\n${complaint}`)));
  });
  // Whoever does not wait for the line is not to be told that it never came.
  firstLine.catch(() => undefined);
  return { child, firstLine, exit };
}
