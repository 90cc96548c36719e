// Many short transactions along a key, each with its cursor: an interrupted act goes on behind the last one that was committed.
import { keyOf } from "../../schema/names.ts";
import type { BatchesAct } from "../../step/step.ts";
import { begin, forgetCursor, holes, noteDone, type RunContext, timeout } from "../context.ts";
import { failureOf } from "../failures.ts";
import { fill } from "../holes.ts";
import { paceByTime } from "../pace.ts";
import { rowsRemain } from "../problems.ts";
import type { Task } from "../route.ts";
import type { Key, Walk } from "./walk.ts";
import { Walker } from "./walker.ts";

/** Where a pass ends: the largest key when it begins. Null: there is nothing to walk. */
async function findEnd(walk: Walk): Promise<Key | null> {
  const [row] = await walk.ask(walk.act.last, {});
  return row === undefined ? null : walk.keyOf(row);
}

async function isAnythingLeft(walk: Walk): Promise<boolean> {
  return walk.act.remaining !== null && (await walk.ask(walk.act.remaining, {})).length > 0;
}

async function passes(walker: Walker, walk: Walk): Promise<void> {
  const { context, task, act } = walk;
  for (;;) {
    const end = walker.cursor.end ?? (await findEnd(walk));
    if (end !== null) await walker.pass(end);
    await context.checkpoint("pass:ended");
    if (!(await isAnythingLeft(walk))) return;
    // Rows that came while the pass went on are met by the next; rows that will not change would be met for ever.
    if (walker.cursor.changed === 0 && end !== null) throw rowsRemain(task, keyOf(act.table));
    walker.nextPass();
  }
}

/** @param resumed an earlier attempt's cursor counts. @throws Problem. */
export async function batches(context: RunContext, task: Task, act: BatchesAct, resumed: boolean): Promise<void> {
  if (!resumed) await forgetCursor(context, task);
  const attempt = await begin(context, task);
  const since = context.clock.now();
  const cursor = await context.side.use((session) => context.store.cursor(session, context.run, task.core.id));
  const walk: Walk = {
    context,
    task,
    act,
    attempt,
    keyOf: (row) => act.key.map((_, i) => String(row[`k${i + 1}`])),
    async ask(template, extra) {
      const { lock, statement } = task.core.timeouts;
      const budget = context.options.lockBudgetMs;
      const limitMs = timeout(statement, budget);
      const query = fill(template, { ...holes(context, task), ...extra });
      const results = await context.work.use((session) =>
        session.script([...context.dialect.prelude({ lock: timeout(lock, budget / 2), statement: limitMs, walk: true }), query], { limitMs }),
      );
      return results.at(-1) ?? [];
    },
  };
  const walker = new Walker(walk, paceByTime(act.firstRows, context.options.batchTargetMs ?? act.targetMs), cursor);
  try {
    await passes(walker, walk);
  } catch (error) {
    throw failureOf(context, task, error);
  }
  await noteDone(context, task, attempt, context.clock.now() - since);
}
