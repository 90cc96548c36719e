// Going on with an open run: what advance and complete share, and resume in part.
import type { Plan } from "../plan/plan.ts";
import type { Held } from "../run/held.ts";
import { checkServer } from "../run/preflight/server.ts";
import { type Position, positions } from "../step/phase.ts";
import { fold, type RunState } from "../store/fold.ts";
import type { AppContext, GoOnOptions, RunResult } from "./contract.ts";
import { goForward } from "./forward.ts";
import { chooseRun } from "./hold.ts";
import { refuseTakenBack } from "./meanwhile.ts";
import { nothingDone, outcomeOf } from "./outcome.ts";
import { type Parts, withParts } from "./parts.ts";
import { refuseReverted } from "./problems.ts";
import { railOf, readStored } from "./view.ts";
import { withRun } from "./with-run.ts";

export interface GoOn {
  readonly command: string;
  /** From where the run stands when the command looks: what others do while it waits for them is not to be done once more. */
  readonly goal: (plan: Plan, state: RunState) => Position;
}

/** @throws Problem `read-only-server`, `pooled-connection`, `server-too-old`. */
export async function checkWritable(parts: Parts): Promise<void> {
  const [server, { dialect }] = await Promise.all([parts.server(), parts.tools()]);
  checkServer(server, dialect.capabilities(server.version).supported);
}

/** From where a run goes on, for people. */
export const whence = ({ journal }: Held): string => {
  const { position, current } = journal.state;
  return current === null ? (position === "start" ? "from its start" : `after ${position}`) : `in ${current.step}`;
};

/** The end is reached once the run is closed. */
const isBehind = (goal: Position, { journal }: Held): boolean => goal !== "drop" && positions.indexOf(journal.state.position) >= positions.indexOf(goal);

/**
 * Nothing to do is a success: the run is completed, or there is none, or somebody else has taken it there meanwhile.
 * @throws Problem `nothing-running` where it was rolled back, `going-back` (exit 5) where somebody went back with it meanwhile.
 */
export function goOnWith(context: AppContext, options: GoOnOptions, { command, goal }: GoOn): Promise<RunResult> {
  return withParts(context, { purpose: command }, async (parts) => {
    const overview = await parts.ask((session) => parts.store.overview(session));
    const chosen = await chooseRun(parts, overview, options.run);
    if (chosen === null) return nothingDone;
    const { id } = chosen.header;
    const stored = await readStored(parts, id);
    const against = stored === null ? null : refuseReverted(stored.header);
    if (against !== null) throw against;
    if (stored === null || stored.header.outcome !== null) return outcomeOf(parts, id);
    const { header, plan, events } = stored;
    const before = fold(events);
    const to = goal(plan, before);
    const named = overview.openRuns.length > 1 ? `${command} ${id}` : command;
    await checkWritable(parts);
    return withRun(parts, id, {
      closed: refuseReverted,
      async work(held) {
        await refuseTakenBack(parts, held, { header, before, command: named });
        if (isBehind(to, held)) {
          parts.teller.note(`Run ${id} stands after ${held.journal.state.position} already: somebody else took it there meanwhile.`);
          return null;
        }
        parts.teller.resumed(railOf(held.plan, held.journal.state), whence(held));
        return goForward(parts, held, to, { ...options, command: named, gates: true });
      },
    });
  });
}
