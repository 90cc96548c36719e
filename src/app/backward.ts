// Going back within a run.
import type { Held } from "../run/held.ts";
import type { Position } from "../step/phase.ts";
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

/**
 * Walks the run back to a position; null, or why it paused before.
 * @throws Problem `no-way-back`, `table-changed`, `module-changed` before anything is touched; and whatever stops a run.
 */
export async function goBack(parts: Parts, held: Held, to: Position, { acceptDrift = false, command }: BackwardOptions): Promise<Paused["reason"] | null> {
  const steps = stepsBack(held.plan, held.journal.state, to);
  refuseOneWay(steps);
  checkModules(parts.context.config.migrations, steps, "undo");
  await refuseDrift(parts, held, { accept: acceptDrift, goOn: `${command} --accept-drift` });
  return carryTo(parts, held, { direction: "backward", goal: to });
}
