// What only a copy of the whole table can do. Whatever copies it beside the table begins here.
import { keyOf } from "../../schema/names.ts";
import { asStatements, type ShadowCopyAct } from "../../step/step.ts";
import type { RunContext } from "../context.ts";
import { copyMissing } from "../problems.ts";
import type { Task } from "../route.ts";
import { statement } from "./statement.ts";

/** @throws Problem `shadow-copy`, before anything is sent. */
export async function shadowCopy(context: RunContext, task: Task, act: ShadowCopyAct): Promise<void> {
  const sent = asStatements(act);
  if (sent === null) throw copyMissing(task, keyOf(act.table), context.run);
  await statement(context, task, sent);
}
