// What must be so before a run goes on: its tables as it left them, old code gone, a person's word before a drop, a way back.

import type { Plan } from "../plan/plan.ts";
import { Problem } from "../problem.ts";
import type { Held } from "../run/held.ts";
import { isWithoutEffect } from "../run/route.ts";
import type { Schema } from "../schema/model.ts";
import { keyOf } from "../schema/names.ts";
import { type Phase, type Position, phaseIndex, positions } from "../step/phase.ts";
import type { Step } from "../step/step.ts";
import { isUntouched, type RunState } from "../store/fold.ts";
import type { Evidence } from "./contract.ts";
import type { Parts } from "./parts.ts";
import { declined, noWayBack, tableChanged } from "./problems.ts";
import { lastRecord, tableDrift } from "./shape-record.ts";

/**
 * Refuses where somebody else changed the run's tables since the last command of it.
 * @param accept said instead of refused. @param goOn the command that accepts it. @throws Problem `table-changed` (exit 4).
 */
export async function refuseDrift(
  parts: Parts,
  { run, plan }: Pick<Held, "run" | "plan">,
  { accept, goOn }: { readonly accept: boolean; readonly goOn: string },
): Promise<Schema | null> {
  const { ask, store, driver, teller } = parts;
  const record = lastRecord(await ask((session) => store.events(session, run)));
  if (record === null) return null;
  const schema = await ask((session) => driver.introspect(session));
  const drift = tableDrift(record, schema, plan);
  if (drift !== null && !accept) throw tableChanged(drift.tables, drift.lines, goOn);
  for (const line of drift?.lines ?? []) teller.note(`changed by somebody else: ${line}`);
  return schema;
}

/** A short time in which old code that is still at work shows. */
const sampleMs = 2_000;

/** What is seen of old code. @param schema as it is now, where it is known. */
export async function lookForOldUsers(
  { ask, engine, context, server }: Parts,
  run: number,
  plan: Plan,
  schema: Schema | null,
  windowMs = sampleMs,
): Promise<readonly Evidence[]> {
  const { namespace } = await server();
  const { oldApplications: applications, oldRoles: roles } = context.config;
  const between = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, windowMs));
  return ask((session) => engine.oldUsers(session, { run, plan, namespace, schema, applications, roles, between }));
}

const seenOldUsers = (seen: readonly Evidence[], all: readonly Evidence[], run: number): Problem =>
  new Problem({
    code: "old-users",
    message: `Old code is still there:\n${seen.map(({ source, message }) => `- ${source}: ${message}`).join("\n")}`,
    hint: `Deploy the new code everywhere and try again; or, if you know better: hotstick advance ${run} --old-code-is-gone`,
    subject: { kind: "run", name: String(run) },
    exit: 3,
    details: { evidence: all },
  });

/**
 * Before the old shape ends.
 * @throws Problem `old-users` (exit 3), `declined`.
 */
export async function refuseOldUsers(parts: Parts, held: Held, schema: Schema | null, accept: boolean): Promise<void> {
  if (accept) return;
  const evidence = await lookForOldUsers(parts, held.run, held.plan, schema);
  const seen = evidence.filter((each) => each.seen === true);
  if (seen.length > 0) throw seenOldUsers(seen, evidence, held.run);
  const blind = evidence.filter((each) => each.seen === null);
  for (const { source, message } of evidence) parts.teller.note(`old code, ${source}: ${message}`);
  if (blind.length === 0) return;
  const title = "No old code was seen, but not everything could be asked. Is all old code gone?";
  if (!(await parts.context.confirm({ title, details: blind.map(({ source, message }) => `${source}: ${message}`) }))) throw declined();
}

const past = (position: Position, phase: Phase): boolean => positions.indexOf(position) > phaseIndex(phase);

/** Nothing of that phase has begun, and it has something to do. */
export const isAhead = (plan: Plan, state: RunState, phase: Phase): boolean => {
  const steps = plan.steps.filter((step) => step.phase === phase);
  return steps.length > 0 && !past(state.position, phase) && steps.every(({ id }) => isUntouched(state, id));
};

/** Before something is dropped. @throws Problem `declined`. */
export async function askBeforeDrop({ context }: Parts, plan: Plan, state: RunState): Promise<void> {
  if (!isAhead(plan, state, "drop")) return;
  const steps = plan.steps.filter((step) => step.phase === "drop");
  const title = `Drop what is left of the old shape of ${plan.tables.map(keyOf).join(", ")}?`;
  const details = [...steps.map((step) => step.title), 'Its values are kept in schema "hotstick"; hotstick undo brings them back.'];
  if (!(await context.confirm({ title, details }))) throw declined();
}

/** Whether anything of it may stand: what was begun and is whole or nothing is done, or has had no effect. */
function mayStand(step: Step, state: RunState): boolean {
  return state.steps[step.id] === "started" ? !isWithoutEffect(step, state) : !isUntouched(state, step.id);
}

/** The steps that going back to a position would walk over, last first. */
export const stepsBack = (plan: Plan, state: RunState, to: Position): readonly Step[] =>
  plan.steps.filter((step) => phaseIndex(step.phase) >= positions.indexOf(to) && mayStand(step, state)).toReversed();

/** @throws Problem `no-way-back` before anything is touched. */
export function refuseOneWay(steps: readonly Step[]): void {
  const oneWay = steps.filter((step) => step.oneWay !== undefined);
  if (oneWay.length > 0) throw noWayBack(oneWay);
}
