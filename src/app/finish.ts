// Open runs before `up` does anything new: waited for where somebody carries them, gone on with where nobody does, left where they rest.
import { Problem } from "../problem.ts";
import type { Held } from "../run/held.ts";
import { journeyOf } from "../run/journey.ts";
import { fold, type RunState } from "../store/fold.ts";
import { goBack } from "./backward.ts";
import type { Paused } from "./contract.ts";
import type { Desk } from "./desk.ts";
import { carryTo, holding, pauseReason } from "./drive.ts";
import { goForward } from "./forward.ts";
import { checkWritable, whence } from "./go-on.ts";
import { takeRun } from "./hold.ts";
import type { Parts } from "./parts.ts";
import { pausedByPerson } from "./problems.ts";
import { railOf, readStored } from "./view.ts";

export interface Finished {
  readonly run: number;
  /** Migrations that are applied now, by us. */
  readonly applied: readonly string[];
  readonly paused: Paused["reason"] | null;
}

type OpenRun = Desk["overview"]["openRuns"][number];

/**
 * Runs of migrations that lie in our folder. Others are of code that is newer or older than ours: their backfill is nothing to wait for,
 * least of all for a pod of the old version that was restarted.
 */
export const ours = ({ overview, sources }: Desk): readonly OpenRun[] => {
  const names = new Set(sources.map(({ name }) => name));
  return overview.openRuns.filter(({ migrations }) => migrations.some((name) => names.has(name)));
};

/** Carries it on in its own direction to its own goal. */
async function finish(parts: Parts, held: Held): Promise<Paused["reason"] | null> {
  const { state } = held.journal;
  const { direction, goal, paused } = state;
  if (paused?.reason.startsWith("asked")) throw pausedByPerson(held.run, paused.reason);
  // Killed before it did anything: its migrations become pending again, and this command does with them what it does.
  if (journeyOf(held.plan.steps, state) === "unbegun") return carryTo(parts, held, { direction: "backward", goal: "start" });
  parts.teller.resumed(railOf(held.plan, state), whence(held));
  const command = "hotstick resume";
  return direction === "forward" ? goForward(parts, held, goal, { command, gates: false }) : goBack(parts, held, goal, { command });
}

async function take(parts: Parts, run: number): Promise<Held | Paused["reason"] | null> {
  try {
    return await takeRun(parts, run, true);
  } catch (error) {
    const asked = pauseReason(error);
    if (asked !== null) return asked;
    // Whoever waits has nothing to pause.
    if (error instanceof Problem && error.code === "lease-busy" && parts.context.pause.aborted) return parts.context.pause.reason as Paused["reason"];
    throw error;
  }
}

/**
 * Deals with one open run; null where all that is left open is at rest.
 * @param atRest runs that were found at rest; told once.
 * @throws Problem `run-paused` where a person has paused it, and whatever stops a run.
 */
export async function finishOpenRuns(parts: Parts, desk: Desk, atRest: Set<number>): Promise<Finished | null> {
  for (const { id, migrations, holder } of ours(desk)) {
    if (atRest.has(id)) continue;
    const leave = ({ direction }: RunState): void => {
      atRest.add(id);
      const command = direction === "forward" ? "hotstick advance" : "hotstick rollback";
      parts.teller.note(`Run ${id} (${migrations.join(", ")}) is under way and at rest between two phases; it is left to ${command}.`);
    };
    const stored = holder === null ? await readStored(parts, id) : null;
    const state = stored === null ? null : fold(stored.events);
    if (stored !== null && state !== null && journeyOf(stored.plan.steps, state) === "arrived") {
      leave(state);
      continue;
    }
    await checkWritable(parts);
    parts.memory.schema = null;
    const held = await take(parts, id);
    if (typeof held === "string") return { run: id, applied: [], paused: held };
    if (held === null) return { run: id, applied: [], paused: null };
    return await holding(held, async () => {
      const arrived = journeyOf(held.plan.steps, held.journal.state) === "arrived";
      const paused = arrived ? null : await finish(parts, held);
      const { outcome } = held.journal.state;
      // Neither over nor paused: it was taken to where it was to go, and is not looked at again.
      if (outcome === null && paused === null) leave(held.journal.state);
      return { run: id, applied: outcome === "applied" ? migrations : [], paused };
    });
  }
  return null;
}

/** Migrations of our open runs that were left before their goal. */
export async function unfinished(parts: Parts, desk: Desk): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { id, migrations } of ours(desk)) {
    const stored = await readStored(parts, id);
    const journey = stored === null ? "over" : journeyOf(stored.plan.steps, fold(stored.events));
    if (journey === "unbegun" || journey === "under-way") names.push(...migrations);
  }
  return names;
}
