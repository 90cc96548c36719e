// Going back within a run.
import type { Plan } from "../plan/plan.ts";
import type { Held } from "../run/held.ts";
import { keyOf } from "../schema/names.ts";
import type { Position } from "../step/phase.ts";
import type { RunState } from "../store/fold.ts";
import { refuseWithoutArchive } from "./archive-there.ts";
import type { Paused } from "./contract.ts";
import { carryTo } from "./drive.ts";
import { refuseDrift, refuseOneWay, stepsBack } from "./gates.ts";
import { checkModules } from "./modules.ts";
import type { Parts } from "./parts.ts";

export interface BackwardOptions {
  readonly acceptDrift?: boolean;
  /** The command under way, for the hint of how to go on nevertheless. */
  readonly command: string;
}

/** A run and where it stands. */
export interface Standing {
  readonly run: number;
  readonly plan: Plan;
  readonly state: RunState;
}

/** @returns the keys of the plan's tables that somebody has dropped. @throws Problem `no-way-back`, `table-changed`, `module-changed` (exit 4). */
export async function checkWayBack(
  parts: Parts,
  { run, plan, state }: Standing,
  to: Position,
  { acceptDrift = false, command }: BackwardOptions,
): Promise<ReadonlySet<string>> {
  const steps = stepsBack(plan, state, to);
  // With nothing to walk back so far, what counts is the rest, for which one goes there.
  refuseOneWay(steps.length > 0 ? steps : stepsBack(plan, state, "start"));
  checkModules(parts.context.config.migrations, steps, "undo");
  const schema = await refuseDrift(parts, { run, plan }, { accept: acceptDrift, goOn: `${command} --accept-drift` });
  const gone = new Set(acceptDrift && schema !== null ? plan.tables.map(keyOf).filter((key) => schema.tables[key] === undefined) : []);
  await refuseWithoutArchive(parts, run, state, steps, gone);
  return gone;
}

/**
 * Walks the run back to a position; null, or why it paused before.
 * @throws Problem what `checkWayBack` throws, before anything is touched; and whatever stops a run.
 */
export async function goBack(parts: Parts, held: Held, to: Position, options: BackwardOptions): Promise<Paused["reason"] | null> {
  const { run, plan, journal } = held;
  const gone = await checkWayBack(parts, { run, plan, state: journal.state }, to, options);
  return carryTo(parts, held, { direction: "backward", goal: to, gone });
}
