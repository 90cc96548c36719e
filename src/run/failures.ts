// What a failed attempt means: again, or a Problem.
import type { Blocker, ErrorClass } from "../drivers/driver.ts";
import { Problem } from "../problem.ts";
import type { RunContext } from "./context.ts";
import { guardFailed, lockBusy, nameBlockers, stepFailed, stepTimeout } from "./problems.ts";
import type { Task } from "./route.ts";

/** A statement that loses its connection this often may be what crashes the server; while the server is away no try is counted. */
const mostLost = 5;

/** A statement that stood in a queue for longer than it may; it did nothing. */
export class WaitedTooLong extends Error {
  readonly blockers: readonly Blocker[];

  constructor(cause: unknown, blockers: readonly Blocker[]) {
    super("it waited too long for its table", { cause });
    this.blockers = blockers;
  }
}

/** What an error of the server's, or of our own patience, says. */
const kindOf = (context: RunContext, error: unknown): ErrorClass => (error instanceof WaitedTooLong ? "retry" : context.driver.classify(error));
const describe = (context: RunContext, error: unknown): string => (error instanceof WaitedTooLong ? error.message : context.driver.describe(error));

/** Tries of one act, or of one batch. */
export class Tries {
  private readonly context: RunContext;
  private readonly task: Task;
  private readonly pauseMs: number;
  private count = 0;
  private lost = 0;

  constructor(context: RunContext, task: Task, pauseMs = context.options.pauseMs) {
    this.context = context;
    this.task = task;
    this.pauseMs = pauseMs;
  }

  get made(): number {
    return this.count;
  }

  /** Whether another one is left. */
  use(): boolean {
    this.count += 1;
    return this.count < this.context.options.maxTries;
  }

  /**
   * Pauses before the next try.
   * @param waitedMs what the failed try may have made others wait: the pause is ten times that, so that stalls stay under a tenth of the time.
   * @throws Problem of `failureOf` when the error is final or no try is left; `paused`, `lease-lost`.
   */
  async again(error: unknown, attempt: number, waitedMs: number, seen: readonly Blocker[] = []): Promise<void> {
    const { context, task } = this;
    const kind = kindOf(context, error);
    const blockers = error instanceof WaitedTooLong ? error.blockers : seen;
    if (kind === "fenced") context.lease.lose("its lease was taken over", error);
    context.stops.boundary();
    if (kind !== "retry" && kind !== "lost") throw failureOf(context, task, error);
    const message = `${describe(context, error)}${blockers.length > 0 ? ` In its way: ${nameBlockers(blockers)}.` : ""}`;
    await context.journal.note({ kind: "failed", step: task.core.id, attempt, message, lost: kind === "lost" });
    if (kind === "lost") this.lost += 1;
    if (this.lost > mostLost) throw failureOf(context, task, error);
    if (!this.use()) throw lockBusy(task, this.count, describe(context, error), blockers);
    const pause = kind === "lost" ? 0 : Math.max(this.pauseMs, 10 * waitedMs);
    await context.stops.sleep(pause * (1 + context.random() / 4));
  }
}

/** The Problem for an error that trying again will not cure. */
export function failureOf(context: RunContext, task: Task, error: unknown): Problem {
  if (error instanceof Problem) return error;
  const description = context.driver.describe(error);
  switch (context.driver.classify(error)) {
    case "guard":
      return guardFailed(task, error instanceof Error ? error.message : description, error);
    case "refused":
      return stepFailed(task, "refused", description, error);
    case "denied":
      return stepFailed(task, "denied", description, error);
    default:
      return stepFailed(task, "failed", description, error);
  }
}

/** A statement that was cut off by its own time limit would be cut off again. */
export function timedOut(context: RunContext, task: Task, error: unknown, ms: number): Problem | null {
  const { statement } = task.core.timeouts;
  return statement !== "budget" && statement > 0 && ms >= statement && kindOf(context, error) === "retry" ? stepTimeout(task, statement, error) : null;
}
