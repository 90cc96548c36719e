// All phases that an open run still has before it.
import type { GoOnOptions, RunResult, UseCases } from "./contract.ts";
import { goOnWith } from "./go-on.ts";

/** @throws Problem `nothing-running`, `old-users` (exit 3), `table-changed` (exit 4), `lease-busy`, `going-back` (exit 5), and whatever stops a run. */
export const complete: UseCases["complete"] = (context, options: GoOnOptions): Promise<RunResult> =>
  goOnWith(context, options, { command: "hotstick complete", goal: () => "drop" });
