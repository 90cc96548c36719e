// Back within an open run, the data too.

import { positions } from "../step/phase.ts";
import { goBack } from "./backward.ts";
import type { RollbackOptions, RunResult, UseCases } from "./contract.ts";
import { checkWritable, whence } from "./go-on.ts";
import { chooseRun } from "./hold.ts";
import { withParts } from "./parts.ts";
import { nothingRunning, notOpen, notReached } from "./problems.ts";
import { railOf } from "./view.ts";
import { withRun } from "./with-run.ts";

/** @throws Problem `nothing-running`, `not-reached`, `no-way-back`, `table-changed` (exit 4), `lease-busy` (exit 5), and whatever stops a run. */
export const rollback: UseCases["rollback"] = (context, options: RollbackOptions): Promise<RunResult> =>
  withParts(context, { purpose: "hotstick rollback" }, async (parts) => {
    const overview = await parts.ask((session) => parts.store.overview(session));
    const chosen = await chooseRun(parts, overview, options.run);
    if (chosen === null) throw nothingRunning();
    const { header } = chosen;
    if (!chosen.open) throw notOpen(header);
    await checkWritable(parts);
    const { to = "start", acceptDrift = false } = options;
    return withRun(parts, header.id, {
      closed: (now) => (now.outcome === "reverted" && to === "start" ? null : notOpen(now)),
      work(held) {
        const { position } = held.journal.state;
        if (positions.indexOf(position) < positions.indexOf(to)) throw notReached(header.id, position, to);
        parts.teller.resumed(railOf(held.plan, held.journal.state), `${whence(held)}, back to ${to === "start" ? "its start" : to}`);
        return goBack(parts, held, to, { acceptDrift, command: `hotstick rollback${overview.openRuns.length > 1 ? ` ${header.id}` : ""}` });
      },
    });
  });
