// Whole-table checks: they change nothing, so an interrupted one is simply made again.
import type { ChecksAct } from "../../step/step.ts";
import { begin, holes, noteDone, type RunContext, timeout } from "../context.ts";
import { Tries, timedOut } from "../failures.ts";
import { fill } from "../holes.ts";
import { type BadRow, verifyFailed } from "../problems.ts";
import type { Task } from "../route.ts";

const most = 10;

async function badRows(context: RunContext, task: Task, act: ChecksAct): Promise<readonly BadRow[]> {
  const { lock, statement } = task.core.timeouts;
  const budget = context.options.lockBudgetMs;
  const session = await context.work.session();
  const limitMs = timeout(statement, budget);
  await session.script(context.dialect.prelude({ lock: timeout(lock, budget / 2), statement: limitMs }));
  const bad: BadRow[] = [];
  for (const check of act.checks) {
    const [rows = []] = await session.script([fill(check.statement, holes(context, task))], { limitMs });
    bad.push(...rows.map((row) => ({ key: String(row["key"] ?? ""), problem: String(row["problem"] ?? check.title) })));
    if (bad.length >= most) break;
    context.stops.boundary();
  }
  return bad.slice(0, most);
}

/** @throws Problem. */
export async function checks(context: RunContext, task: Task, act: ChecksAct): Promise<void> {
  const tries = new Tries(context, task);
  for (;;) {
    const attempt = await begin(context, task);
    const since = context.clock.now();
    try {
      const bad = await badRows(context, task, act);
      if (bad.length > 0) throw verifyFailed(task, task.core.group ?? task.core.title, bad);
      await context.checkpoint("checks:passed");
      await noteDone(context, task, attempt, context.clock.now() - since);
      return;
    } catch (error) {
      const late = timedOut(context, task, error, context.clock.now() - since);
      if (late !== null) throw late;
      await tries.again(error, attempt, 0);
    }
  }
}
