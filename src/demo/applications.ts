// The demo's end of an application: starts its process, hears what it tells, and asks what it knows.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Problem } from "../problem.ts";
import { Latencies } from "./latency.ts";
import type { Entries } from "./ledger.ts";
import type { ApplicationOptions, Order, Report } from "./messages.ts";

const program = fileURLToPath(new URL("./application.js", import.meta.url));

/** What the picture shows of an application, and the results count. It outlives the process: an application that comes back goes on with it. */
export class Tally {
  readonly latencies = new Latencies();
  failed = 0;
  wrong = 0;
  /** What went wrong, for people; the first few. */
  readonly messages: string[] = [];
  waitingSince: number | null = null;

  hear({ times, failed, wrong, messages, waitingSince }: Extract<Report, { kind: "answers" }>): void {
    this.latencies.add(times);
    this.failed += failed;
    this.wrong += wrong;
    this.waitingSince = waitingSince;
    this.messages.push(...messages.slice(0, Math.max(0, 20 - this.messages.length)));
  }
}

export interface Application {
  /** What it has written so far, while it goes on. */
  known(): Promise<Entries>;
  /** Lets it answer what is under way and end; what it has written. May be called twice. */
  stop(): Promise<Entries>;
  /** Ends it at once. */
  kill(): void;
  /** Rejects, with a Problem, when it ends unasked; never resolves. */
  readonly failure: Promise<never>;
}

const ended = (side: string, stderr: string): Problem =>
  new Problem({
    code: "demo-application",
    message: `The ${side} application of the demo ended by itself${stderr === "" ? " and said nothing." : `: ${stderr.trim().split("\n").slice(-3).join(" ")}`}`,
    hint: "Run the demo again; if it happens again, say so with this message.",
  });

/** Answers of a process, each waited for by kind. */
function listen(child: ChildProcess, tally: Tally, failure: Promise<never>) {
  const waiting = new Map<Report["kind"], ((report: Report) => void)[]>();
  child.on("message", (report: Report) => {
    if (report.kind === "answers") return tally.hear(report);
    for (const resolve of waiting.get(report.kind) ?? []) resolve(report);
    waiting.delete(report.kind);
  });
  return <K extends Report["kind"]>(kind: K): Promise<Extract<Report, { kind: K }>> =>
    Promise.race([
      failure,
      new Promise<Extract<Report, { kind: K }>>((resolve) => waiting.set(kind, [...(waiting.get(kind) ?? []), resolve as (report: Report) => void])),
    ]);
}

/**
 * Starts an application and waits until it is connected.
 * @throws Problem `demo-application`.
 */
export async function startApplication(options: ApplicationOptions, tally: Tally): Promise<Application> {
  const child = fork(program, [JSON.stringify(options)], { stdio: ["ignore", "ignore", "pipe", "ipc"], serialization: "advanced", execArgv: [] });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  let stopping: Promise<Entries> | null = null;
  let over = false;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const failure = new Promise<never>((_, reject) => {
    child.once("error", (error) => reject(ended(options.side, error.message)));
    child.once("exit", () => !over && reject(ended(options.side, stderr)));
  });
  failure.catch(() => undefined);
  const next = listen(child, tally, failure);
  const order = (text: Order): void => void child.send(text);
  const known = async (): Promise<Entries> => {
    const answer = next("known");
    order("known");
    return (await answer).entries;
  };
  const end = async (): Promise<Entries> => {
    const answer = next("known");
    order("stop");
    const { entries } = await answer;
    over = true;
    await exited;
    tally.waitingSince = null;
    return entries;
  };
  await next("ready");
  return { known, stop: () => (stopping ??= end()), kill: () => void child.kill("SIGKILL"), failure };
}
