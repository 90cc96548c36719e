// The next phase of an open run.
import type { GoOnOptions, RunResult, UseCases } from "./contract.ts";
import { nextGoal } from "./forward.ts";
import { goOnWith } from "./go-on.ts";

/** @throws Problem `nothing-running`, `old-users` (exit 3), `table-changed` (exit 4), `lease-busy`, `going-back` (exit 5), and whatever stops a run. */
export const advance: UseCases["advance"] = (context, options: GoOnOptions): Promise<RunResult> =>
  goOnWith(context, options, { command: "hotstick advance", goal: nextGoal });
