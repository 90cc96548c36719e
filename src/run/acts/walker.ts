// One pass along the key: find the bound of a batch, change it, remember where we are, check it.
import { keyOf } from "../../schema/names.ts";
import type { Template } from "../../step/step.ts";
import type { Cursor } from "../../store/store.ts";
import { Tries } from "../failures.ts";
import type { Pace } from "../pace.ts";
import { verifyFailed } from "../problems.ts";
import { Meter } from "../progress.ts";
import { findRefused } from "./bisect.ts";
import { send } from "./commit.ts";
import { rowChangers, watchRowLocks } from "./row-locks.ts";
import { batchLimitMs, batchStatements, findBound, type Key, lockWaitMs, nameKey, type Range, rangeHoles, type Walk } from "./walk.ts";

const sameKey = (a: Key | null, b: Key | null): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A deadlock or a locked row is over when the other transaction is, which is soon or late: the pause doubles up to a second. */
const collisionPauseMs = 100;
const longestWaitMs = 100;
/** Bad rows that are named; more help nobody. */
const enough = 10;
/** More often nobody can read. */
const reportMs = 100;

export class Walker {
  cursor: Cursor;
  private readonly walk: Walk;
  private readonly pace: Pace;
  private readonly meter = new Meter();
  private readonly bad: { readonly key: string; readonly problem: string }[] = [];
  private reportedAt = Number.NEGATIVE_INFINITY;

  constructor(walk: Walk, pace: Pace, cursor: Cursor | null) {
    this.walk = walk;
    this.pace = pace;
    this.cursor = cursor ?? { pass: 1, after: null, end: null, checked: null, seen: 0, changed: 0, total: walk.task.core.estimate.rows };
  }

  nextPass(): void {
    // Later passes meet few rows; how many, nobody has counted.
    this.cursor = { pass: this.cursor.pass + 1, after: null, end: null, checked: null, seen: 0, changed: 0, total: null };
  }

  /** Walks on to the end. @throws Problem. */
  async pass(end: Key): Promise<void> {
    const { context, act } = this.walk;
    this.cursor = { ...this.cursor, end };
    // A crash between a batch's commit and its check: the check comes first.
    if (act.apply !== null && this.cursor.after !== null && !sameKey(this.cursor.after, this.cursor.checked)) {
      await this.check({ after: this.cursor.checked, upto: this.cursor.after });
      this.refuseBad();
    }
    while (!sameKey(this.cursor.after, end)) {
      await this.pace.ready();
      context.stops.boundary();
      await this.batch(end);
    }
    this.report("whole");
    this.refuseBad();
  }

  private async batch(end: Key): Promise<void> {
    const { walk, pace } = this;
    const { context, task } = walk;
    const tries = new Tries(context, task, collisionPauseMs);
    let apply = walk.act.apply;
    for (;;) {
      const rows = pace.rows();
      const ended = new AbortController();
      // A first collision is nobody's fault; who stands in the way a second time has a name.
      const watched = tries.made === 0 ? [] : watchRowLocks(context, lockWaitMs(walk) / 2, ended.signal);
      try {
        const bound = await findBound(walk, { after: this.cursor.after, upto: end }, rows);
        await context.checkpoint("batch:found");
        const range: Range = { after: this.cursor.after, upto: bound ?? end };
        const since = context.clock.now();
        await this.enact(range, bound === null ? null : rows, apply);
        pace.ran({ rows: bound === null ? 0 : rows, ms: context.clock.now() - since });
        await context.checkpoint("batch:committed");
        this.report();
        return;
      } catch (error) {
        const kind = context.driver.classify(error);
        if (kind === "retry") pace.collided();
        if (kind === "refused" && walk.act.careful !== undefined && apply !== walk.act.careful) {
          apply = walk.act.careful;
          continue;
        }
        if (kind === "refused") throw await findRefused(walk, { after: this.cursor.after, upto: end }, rows, error);
        const waited = kind === "retry" ? await watched : [];
        const seen = kind === "retry" && waited.length === 0 && tries.made > 0 ? await rowChangers(context, walk.act.table) : waited;
        await tries.again(error, walk.attempt, Math.min(longestWaitMs, (collisionPauseMs / 10) * 2 ** tries.made), seen);
      } finally {
        ended.abort();
      }
    }
  }

  /** @param rows how many there are; null where it was not counted. */
  private async enact(range: Range, rows: number | null, apply: Template | null): Promise<void> {
    const { act } = this.walk;
    if (act.apply === null) {
      // Nothing is changed: what is bad is found before the cursor moves on, and it stays there while others are looked for.
      await this.check(range);
      if (this.bad.length === 0) return this.move(range, rows, apply);
      if (this.bad.length >= enough) this.refuseBad();
      this.cursor = { ...this.cursor, after: range.upto };
      return;
    }
    await this.move(range, rows, apply);
    if (act.check !== null) await this.check(range);
    this.refuseBad();
    this.cursor = { ...this.cursor, checked: range.upto };
  }

  /** Changes the rows and the cursor in one transaction. */
  private async move(range: Range, rows: number | null, apply: Template | null): Promise<void> {
    const { context, task } = this.walk;
    const next = { ...this.cursor, after: range.upto, checked: this.walk.act.apply === null ? range.upto : this.cursor.checked };
    const outcome = await send(
      context,
      task,
      batchStatements(
        this.walk,
        range,
        (changed) => [context.store.statements.cursor(context.run, task.core.id, next, { seen: rows === null ? changed : String(rows), changed })],
        false,
        apply,
      ),
      "batch:sent",
      batchLimitMs(this.walk),
    );
    if ("results" in outcome) {
      const told = outcome.results.findLast((result) => result.length > 0)?.[0];
      this.cursor = { ...next, seen: Number(told?.["seen"]), changed: Number(told?.["changed"]) };
      return;
    }
    // Whether it was committed only the cursor says.
    const stored = await context.side.use((session) => context.store.cursor(session, context.run, task.core.id));
    if (stored === null || stored.pass !== next.pass || !sameKey(stored.after, next.after)) throw outcome.error;
    this.cursor = stored;
  }

  private async check(range: Range): Promise<void> {
    const { act } = this.walk;
    if (act.check === null) return;
    const rows = await this.walk.ask(act.check, rangeHoles(this.walk, range));
    this.bad.push(...rows.map((row) => ({ key: nameKey(this.walk, this.walk.keyOf(row)), problem: String(row["problem"] ?? "") })));
  }

  /** @throws Problem `verify-failed` where bad rows were met. */
  private refuseBad(): void {
    const { task, act } = this.walk;
    if (this.bad.length > 0) throw verifyFailed(task, keyOf(act.table), this.bad.slice(0, enough));
  }

  /** @param of what is done so far, as often as anybody wants to know; or the whole pass, which is told in any case. */
  private report(of: "part" | "whole" = "part"): void {
    const { context, task } = this.walk;
    const { seen, total, pass } = this.cursor;
    const now = context.clock.now();
    this.meter.mark(now, seen);
    if (of === "part" && now - this.reportedAt < reportMs) return;
    this.reportedAt = now;
    context.report({ kind: "progress", step: task.core.id, progress: this.meter.progress(total, pass) });
  }
}
