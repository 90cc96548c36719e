// A user's own TypeScript function: batched by itself, resumable from the cursor that its last batch returned.
import type { Session } from "../../drivers/driver.ts";
import { Problem } from "../../problem.ts";
import type { ModuleAct } from "../../step/step.ts";
import { begin, endBackend, forgetCursor, holdStatement, noteDone, type RunContext } from "../context.ts";
import { failureOf, Tries } from "../failures.ts";
import { Meter } from "../progress.ts";
import type { Task } from "../route.ts";

/** What a module's function gets. */
export interface ModuleContext<Cursor = unknown> {
  /** What the last committed batch returned; null when the function runs for the first time. */
  readonly cursor: Cursor | null;
  /**
   * One short transaction: what `work` returns is the new cursor and commits with its statements, exactly once. `work` is called
   * again after a deadlock or a lost connection, so it should do nothing but talk to the database. One at a time: await each.
   */
  batch(work: (session: Pick<Session, "query" | "script">, cursor: Cursor | null) => Promise<Cursor>): Promise<Cursor>;
  /** Tells how far it is. */
  report(done: number, total?: number): void;
  /** Aborted when the run is to pause; the next `batch` does it. */
  readonly signal: AbortSignal;
}

export type RunModule = (context: ModuleContext) => Promise<unknown>;

type Work = (session: Pick<Session, "query" | "script">, cursor: unknown) => Promise<unknown>;

/** The text of a cursor, in the place of a key. */
const asKey = (cursor: unknown): readonly string[] => [JSON.stringify(cursor ?? null)];

class ModuleRun implements ModuleContext {
  cursor: unknown;
  readonly signal: AbortSignal;
  /** What its last batch threw. */
  failure: unknown = null;
  private atWork: Promise<unknown> | null = null;
  private readonly context: RunContext;
  private readonly task: Task;
  private readonly attempt: number;
  private readonly meter = new Meter();
  private batches: number;

  constructor(context: RunContext, task: Task, attempt: number, cursor: unknown, batches: number) {
    this.context = context;
    this.task = task;
    this.attempt = attempt;
    this.cursor = cursor;
    this.batches = batches;
    this.signal = AbortSignal.any([...context.stops.signals]);
  }

  async batch<C>(work: (session: Pick<Session, "query" | "script">, cursor: C | null) => Promise<C>): Promise<C> {
    try {
      // There is one session, and each batch begins where the one before it ended.
      if (this.atWork !== null) throw new Error("a batch was begun before the one before it had ended; await each of them");
      const turn = this.persist(work as Work);
      this.atWork = turn;
      return (await turn.finally(() => (this.atWork = null))) as C;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  /** Nothing is left behind that goes on by itself. */
  async end(): Promise<void> {
    if (this.atWork === null) return;
    this.failure ??= new Error("it ended before its last batch did; await each of them");
    await this.atWork.catch(() => undefined);
  }

  private async persist(work: Work): Promise<unknown> {
    const tries = new Tries(this.context, this.task);
    for (;;) {
      this.context.stops.boundary();
      try {
        this.cursor = await this.transact(work);
        this.batches += 1;
        await this.context.checkpoint("module:committed");
        return this.cursor;
      } catch (error) {
        await tries.again(error, this.attempt, 0);
      }
    }
  }

  report(done: number, total?: number): void {
    this.meter.mark(this.context.clock.now(), done);
    this.context.report({ kind: "progress", step: this.task.core.id, progress: this.meter.progress(total ?? null, 1) });
  }

  private async transact(work: Work): Promise<unknown> {
    const { context, task } = this;
    const session = await context.work.session();
    let cursor: unknown;
    try {
      await session.script([...context.dialect.prelude({ lock: context.options.lockBudgetMs, statement: 0 }), "begin", holdStatement(context)]);
      cursor = await work(session, this.cursor);
      const write = context.store.statements.cursor(
        context.run,
        task.core.id,
        { pass: 1, after: asKey(cursor), end: null, checked: null, total: null },
        { seen: "1", changed: "0" },
      );
      await context.checkpoint("module:batch");
      await session.script([write, "commit"]);
      return cursor;
    } catch (error) {
      if (!session.closed) await session.script(["rollback"]).catch(() => session.close());
      if (!session.closed) throw error;
      await endBackend(context, session.backend, task.core.id);
      const stored = await context.side.use((side) => context.store.cursor(side, context.run, task.core.id));
      // It counts its batches, since two of them may return the same cursor.
      if (stored !== null && stored.seen === this.batches + 1) return JSON.parse(stored.after?.[0] ?? "null");
      throw error;
    }
  }
}

/** @param resumed an earlier attempt's batches count. @throws Problem. */
export async function module(context: RunContext, task: Task, act: ModuleAct, resumed: boolean): Promise<void> {
  const work = await context.modules(act);
  if (!resumed) await forgetCursor(context, task);
  const attempt = await begin(context, task);
  const since = context.clock.now();
  const stored = await context.side.use((session) => context.store.cursor(session, context.run, task.core.id));
  const run = new ModuleRun(context, task, attempt, JSON.parse(stored?.after?.[0] ?? "null"), stored?.seen ?? 0);
  try {
    await work(run).finally(() => run.end());
    // A function that swallows what a batch threw has not come to its end.
    if (run.failure !== null) throw run.failure;
  } catch (error) {
    throw error instanceof Problem || isServerError(error) ? failureOf(context, task, error) : moduleFailed(task, act, error);
  }
  await noteDone(context, task, attempt, context.clock.now() - since);
}

const isServerError = (error: unknown): boolean => typeof (error as { readonly code?: unknown } | null)?.code === "string";

const moduleFailed = (task: Task, act: ModuleAct, cause: unknown): Problem =>
  new Problem({
    code: "module-failed",
    message: `${act.export} of ${act.file} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: "Its committed batches stand. Correct what it met and go on from the last one; or go back: hotstick rollback.",
    subject: { kind: "step", name: task.core.id },
    cause,
  });
