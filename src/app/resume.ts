// Goes on with a run in its own direction, to where whoever set out last wanted to go.

import { journeyOf } from "../run/journey.ts";
import { fold } from "../store/fold.ts";
import { goBack } from "./backward.ts";
import type { GoOnOptions, RunResult, UseCases } from "./contract.ts";
import { goForward } from "./forward.ts";
import { checkWritable, whence } from "./go-on.ts";
import { chooseRun } from "./hold.ts";
import { nothingDone, outcomeOf } from "./outcome.ts";
import { withParts } from "./parts.ts";
import { notOpen, refuseReverted } from "./problems.ts";
import { railOf } from "./view.ts";
import { withRun } from "./with-run.ts";

/** @throws Problem `nothing-running`, `old-users` (exit 3), `table-changed` (exit 4), `lease-busy` (exit 5), and whatever stops a run. */
export const resume: UseCases["resume"] = (context, options: GoOnOptions): Promise<RunResult> =>
  withParts(context, { purpose: "hotstick resume" }, async (parts) => {
    const overview = await parts.ask((session) => parts.store.overview(session));
    const chosen = await chooseRun(parts, overview, options.run);
    if (chosen === null) return nothingDone;
    const { id } = chosen.header;
    if (!chosen.open) return outcomeOf(parts, id);
    const { direction } = fold(await parts.ask((session) => parts.store.events(session, id)));
    await checkWritable(parts);
    return withRun(parts, id, {
      closed: direction === "forward" ? refuseReverted : (header) => (header.outcome === "applied" ? notOpen(header) : null),
      async work(held) {
        const { state } = held.journal;
        const journey = journeyOf(held.plan.steps, state);
        if (journey === "arrived") return null;
        parts.teller.resumed(railOf(held.plan, state), whence(held));
        const command = "hotstick resume";
        if (state.direction === "backward") return goBack(parts, held, state.goal, { ...options, command });
        // Killed before it set out: the careful way, unless nobody can be in the way.
        const goal = journey === "unbegun" ? (held.plan.mode === "plain" ? "drop" : "backfill") : state.goal;
        return goForward(parts, held, goal, { ...options, command, gates: true });
      },
    });
  });
