// Runs the program `hotstick` as its users do: in a process of its own, by its commands, in a project of its own.
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ErrorView, RunEvent, RunResult } from "../app/contract.ts";
import { Problem } from "../problem.ts";
import type { Engine } from "./engine.ts";
import type { Stretch } from "./latency.ts";

const program = fileURLToPath(new URL("../cli/main.js", import.meta.url));

export interface RunOptions {
  readonly args: readonly string[];
  readonly hear?: (event: RunEvent) => void;
  /** Asked for each event; true kills the process with SIGKILL then and there. */
  readonly killAt?: (event: RunEvent) => boolean;
}

export interface Ran {
  /** `hotstick start`. */
  readonly command: string;
  readonly killed: boolean;
  /** Null where it was killed. */
  readonly result: RunResult | null;
  readonly stretch: Stretch;
}

type Result = RunResult & { readonly error: ErrorView | null };

export interface Project {
  readonly folder: string;
  /**
   * Runs one command to its end.
   * @throws Problem `demo-command` where it failed.
   */
  run(options: RunOptions): Promise<Ran>;
  /** Ends the command under way, if there is one. */
  kill(): void;
  /** At once: who is stopped by Ctrl-C may not have the time for more. */
  remove(): void;
}

/** Settings of the caller must not reach the demo's commands. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HOTSTICK_") && name !== "DATABASE_URL" && !name.startsWith("PG")));

function failed(command: string, error: ErrorView | null, stderr: string): Problem {
  return new Problem({
    code: "demo-command",
    message: `${command} failed in the demo: ${error?.message ?? (stderr.trim().split("\n").slice(-3).join(" ") || "it said nothing")}`,
    hint: error?.hint ?? "Run the demo again; if it happens again, say so with this message.",
    details: error,
  });
}

/**
 * Reads the events of a command, and its result, which is the last.
 * @param told answers false when it has heard enough: the last line of a killed process may be half a line.
 */
async function follow(lines: AsyncIterable<string>, told: (event: RunEvent) => boolean): Promise<Result | null> {
  let result: Result | null = null;
  let more = true;
  for await (const line of lines) {
    if (!more) continue;
    const event = JSON.parse(line) as RunEvent | ({ readonly event: "result" } & Result);
    if (event.event === "result") result = event;
    else more = told(event);
  }
  return result;
}

/**
 * Makes a folder with a configuration and the migration.
 * @param report is told of every event of every command.
 */
export async function openProject(url: string, migration: Engine["migration"], now: () => number, report: (event: RunEvent) => void): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "hotstick-demo-"));
  await mkdir(join(folder, "migrations"));
  await writeFile(join(folder, "migrations", `${migration.name}.ts`), migration.text);
  await writeFile(join(folder, "hotstick.config.json"), `${JSON.stringify({ url }, null, 2)}\n`);
  let kill = (): void => undefined;

  const run = async ({ args, hear, killAt }: RunOptions): Promise<Ran> => {
    const from = now();
    const child = spawn(process.execPath, [program, ...args, "--ndjson", "--yes"], { cwd: folder, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
    kill = () => void child.kill("SIGKILL");
    let [stderr, killing] = ["", false];
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-4000);
    });
    const exited = new Promise<number | null>((resolve) => child.once("exit", resolve).once("error", () => resolve(null)));
    const result = await follow(createInterface({ input: child.stdout }), (event) => {
      report(event);
      hear?.(event);
      killing = killAt?.(event) ?? false;
      if (killing) kill();
      return !killing;
    });
    const code = await exited;
    // It may have come to its end before the signal came to it.
    const killed = killing && code === null;
    const command = `hotstick ${args.join(" ")}`;
    if (code !== 0 && !killed) throw failed(command, result?.error ?? null, stderr);
    return { command, killed, result: killed ? null : result, stretch: [from, now()] };
  };
  return { folder, run, kill: () => kill(), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
