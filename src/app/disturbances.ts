// What has come between the sync of an open run and its tables: our triggers gone or switched off, or not the last to see a row.
import type { Finding } from "../finding.ts";
import type { Plan } from "../plan/plan.ts";
import type { Template } from "../step/step.ts";
import { isUntouched, type RunState } from "../store/fold.ts";
import type { Parts } from "./parts.ts";

/**
 * The statements of expand that stand: the triggers among them are what the sync consists of. Empty from the first step of retire on, which
 * takes them away.
 */
export function laidBy({ steps }: Plan, state: RunState): readonly Template[] {
  if (steps.some(({ phase, id }) => phase === "retire" && !isUntouched(state, id))) return [];
  return steps.flatMap(({ phase, id, act }) => (phase === "expand" && state.steps[id] === "done" && act.kind === "statements" ? act.statements : []));
}

/** Looks at the catalog; empty where the run keeps nothing in step, or nothing is in the way. @param since ISO 8601: when the run began. */
export async function disturbancesOf({ ask, engine }: Parts, plan: Plan, state: RunState, since: string): Promise<readonly Finding[]> {
  const laid = laidBy(plan, state);
  if (laid.length === 0) return [];
  const found = await ask((session) => engine.disturbances(session, { tables: plan.tables, laid, since }));
  return found.map(({ trigger, message, fix }) => ({ rule: "sync-disturbed", severity: "warn", subject: { kind: "trigger", name: trigger }, message, fix }));
}
