// Back within an open run, the data too.

import { goBack } from "./backward.ts";
import type { RollbackOptions, RunResult, UseCases } from "./contract.ts";
import { holding } from "./drive.ts";
import { checkWritable, whence } from "./go-on.ts";
import { chooseRun, takeRun } from "./hold.ts";
import { outcomeOf } from "./outcome.ts";
import { withParts } from "./parts.ts";
import { nothingRunning, notOpen } from "./problems.ts";
import { railOf } from "./view.ts";

/** @throws Problem `nothing-running`, `no-way-back`, `table-changed` (exit 4), `lease-busy` (exit 5), and whatever stops a run. */
export const rollback: UseCases["rollback"] = (context, options: RollbackOptions): Promise<RunResult> =>
  withParts(context, { purpose: "hotstick rollback" }, async (parts) => {
    const overview = await parts.ask((session) => parts.store.overview(session));
    const chosen = await chooseRun(parts, overview, options.run);
    if (chosen === null) throw nothingRunning();
    const { header } = chosen;
    if (!chosen.open) throw notOpen(header);
    await checkWritable(parts);
    const held = await takeRun(parts, header.id, false);
    if (held === null) return outcomeOf(parts, header.id);
    const { to = "start", acceptDrift = false } = options;
    const paused = await holding(held, async () => {
      parts.teller.resumed(railOf(held.plan, held.journal.state), `${whence(held)}, back to ${to === "start" ? "its start" : to}`);
      return goBack(parts, held, to, { acceptDrift, command: `hotstick rollback${overview.openRuns.length > 1 ? ` ${header.id}` : ""}` });
    });
    return outcomeOf(parts, header.id, { paused });
  });
