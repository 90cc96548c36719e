// What holds for the statements of one act alone.
import type { Session } from "../../drivers/driver.ts";
import type { Around, StatementsAct } from "../../step/step.ts";
import { holes, type RunContext } from "../context.ts";
import { fill } from "../holes.ts";
import type { Task } from "../route.ts";

const filled = (context: RunContext, task: Task, { around }: StatementsAct): Around | null => {
  if (around === undefined) return null;
  const here = holes(context, task);
  return { before: around.before.map((text) => fill(text, here)), after: around.after.map((text) => fill(text, here)) };
};

/** The statements of an act that is one transaction, with what holds for them. */
export function surrounded(context: RunContext, task: Task, act: StatementsAct): readonly string[] {
  const { before, after } = filled(context, task, act) ?? { before: [], after: [] };
  const here = holes(context, task);
  return [...before, ...act.statements.map((text) => fill(text, here)), ...after];
}

/** Does the work with what holds for it, and sets the session back; where that is in doubt the session is closed, and the next one begins as ours. */
export async function within(context: RunContext, task: Task, session: Session, act: StatementsAct, work: () => Promise<void>): Promise<void> {
  const around = filled(context, task, act);
  if (around === null) return work();
  try {
    await session.script(around.before);
    await work();
  } catch (error) {
    await session.close();
    throw error;
  }
  // What was to be done is done.
  await session.script(around.after).catch(() => session.close());
}
