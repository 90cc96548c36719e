// Going forward through a run, past the gates on the way.
import type { Plan } from "../plan/plan.ts";
import type { Held } from "../run/held.ts";
import { type Position, phaseIndex, phases, positions } from "../step/phase.ts";
import type { RunState } from "../store/fold.ts";
import type { GoOnOptions, Paused } from "./contract.ts";
import { carryTo } from "./drive.ts";
import { askBeforeDrop, isAhead, refuseDrift, refuseOldUsers } from "./gates.ts";
import { checkModules } from "./modules.ts";
import type { Parts } from "./parts.ts";

/** The next phase that has something to do; the end, where none has. */
export function nextGoal(plan: Plan, { position }: RunState): Position {
  const ahead = phases.slice(positions.indexOf(position));
  return ahead.find((phase) => plan.steps.some((step) => step.phase === phase)) ?? "drop";
}

export interface ForwardOptions extends GoOnOptions {
  /** The command under way, for the hint of how to go on nevertheless. */
  readonly command: string;
  /** `up` asks nobody: it is for deploys with one version at a time. */
  readonly gates: boolean;
}

const reaches = (goal: Position, phase: "retire" | "drop"): boolean => positions.indexOf(goal) > phaseIndex(phase);

/**
 * Carries the run forward to the goal; null, or why it paused before.
 * @throws Problem `table-changed`, `module-changed` (exit 4), `old-users` (exit 3), `declined`, and whatever stops a run.
 */
export async function goForward(parts: Parts, held: Held, goal: Position, options: ForwardOptions): Promise<Paused["reason"] | null> {
  const { plan, journal } = held;
  const goOn = `${options.command} --accept-drift`;
  const schema = await refuseDrift(parts, held, { accept: options.acceptDrift ?? false, goOn });
  const left = plan.steps.filter((step) => phaseIndex(step.phase) < positions.indexOf(goal) && journal.state.steps[step.id] !== "done");
  checkModules(parts.context.config.migrations, left, "do");
  if (options.gates && plan.mode === "phased") {
    if (reaches(goal, "drop")) await askBeforeDrop(parts, plan, journal.state);
    if (reaches(goal, "retire") && isAhead(plan, journal.state, "retire")) {
      const paused =
        positions.indexOf(journal.state.position) < positions.indexOf("switch") ? await carryTo(parts, held, { direction: "forward", goal: "switch" }) : null;
      if (paused !== null) return paused;
      await refuseOldUsers(parts, held, parts.memory.schema ?? schema, options.acceptOldUsers ?? false);
    }
  }
  return carryTo(parts, held, { direction: "forward", goal });
}
