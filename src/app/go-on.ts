// Going on with an open run: what advance, complete and resume share.
import type { Held } from "../run/held.ts";
import { checkServer } from "../run/preflight/server.ts";
import type { Position } from "../step/phase.ts";
import type { AppContext, GoOnOptions, RunResult } from "./contract.ts";
import { goForward } from "./forward.ts";
import { chooseRun } from "./hold.ts";
import { nothingDone, outcomeOf } from "./outcome.ts";
import { type Parts, withParts } from "./parts.ts";
import { railOf } from "./view.ts";
import { withRun } from "./with-run.ts";

export interface GoOn {
  readonly command: string;
  readonly goal: (held: Held) => Position;
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

/** Nothing to do is a success: the run is over, or there is none. */
export function goOnWith(context: AppContext, options: GoOnOptions, { command, goal }: GoOn): Promise<RunResult> {
  return withParts(context, { purpose: command }, async (parts) => {
    const overview = await parts.ask((session) => parts.store.overview(session));
    const chosen = await chooseRun(parts, overview, options.run);
    if (chosen === null) return nothingDone;
    const { id } = chosen.header;
    if (!chosen.open) return outcomeOf(parts, id);
    await checkWritable(parts);
    return withRun(parts, id, async (held) => {
      parts.teller.resumed(railOf(held.plan, held.journal.state), whence(held));
      return goForward(parts, held, goal(held), { ...options, command: overview.openRuns.length > 1 ? `${command} ${id}` : command, gates: true });
    });
  });
}
