// Processes that carry a run and die, or fall asleep, at a checkpoint. They run the build, made once for each test file.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../../src/plan/plan.ts";
import type { Checkpoint } from "../../src/run/checkpoints.ts";
import type { CarryRequest } from "../../src/run/loop.ts";
import type { LeaseTimes } from "../../src/run/tools.ts";
import { quickTimes } from "./runs.ts";

const root = join(import.meta.dirname, "..", "..");

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A worker of the tests is ended without a word, so the builds of earlier ones are swept by the next. */
function sweep(builds: string): void {
  for (const name of existsSync(builds) ? readdirSync(builds) : []) {
    if (/^\d+$/.test(name) && !isRunning(Number(name))) rmSync(join(builds, name), { recursive: true, force: true });
  }
}

/** In the repository, so that the build finds its packages. Types are checked elsewhere. */
function build(): string {
  const builds = join(root, ".cache", "build");
  const folder = join(builds, String(process.pid));
  sweep(builds);
  execFileSync(process.execPath, [join(root, "scripts", "build.mjs"), folder, "--noCheck"], { stdio: "inherit" });
  return folder;
}

/** Before any test begins: while it is made, this process keeps no lease alive. */
const folder = build();

/** What the other process shall do. */
export interface Task {
  readonly url: string;
  /** A plan to be opened, or an open run to be held. */
  readonly plan?: Plan;
  readonly run?: number;
  readonly carry: Pick<CarryRequest, "direction" | "goal">;
  /** Where, the how many-th time it comes there, and by which signal. */
  readonly at: { readonly checkpoint: Checkpoint; readonly time: number; readonly signal: "SIGKILL" | "SIGSTOP" } | null;
  readonly times?: LeaseTimes;
}

/** What it said when it came to its end. */
export interface Outcome {
  readonly outcome?: string | null;
  readonly position?: string;
  readonly problem?: { readonly code: string; readonly message: string };
}

export interface Crash {
  readonly child: ChildProcess;
  /** Null where it was killed. */
  readonly ended: Promise<Outcome | null>;
  /** Resolves when it has stopped itself; its run's id. */
  readonly stopped: Promise<void>;
}

export function startCrash(task: Task): Crash {
  const child = spawn(process.execPath, [join(root, "test", "harness", "crash-child.mjs")], {
    env: { ...process.env, HOTSTICK_CHILD: JSON.stringify({ times: quickTimes, ...task, folder }) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let complaint = "";
  let tellStopped = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    tellStopped = resolve;
  });
  child.stdout.on("data", (data: Buffer) => {
    said += data.toString();
    if (said.includes("stopping\n")) tellStopped();
  });
  child.stderr.on("data", (data: Buffer) => {
    complaint += data.toString();
  });
  const ended = new Promise<Outcome | null>((resolve, reject) => {
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") return resolve(null);
      const last = said.trim().split("\n").at(-1) ?? "";
      return code === 0 ? resolve(JSON.parse(last) as Outcome) : reject(new Error(`the other process ended with ${code ?? signal}:\n${complaint}`));
    });
  });
  // Whoever kills it does not always ask how it ended.
  ended.catch(() => undefined);
  return { child, ended, stopped };
}
