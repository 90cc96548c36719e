// Asks whoever carries a run to pause, and waits a moment until it has.
import { setTimeout as sleep } from "node:timers/promises";
import { fold } from "../store/fold.ts";
import type { RunOptions, RunResult, UseCases } from "./contract.ts";
import { chooseRun } from "./hold.ts";
import { nothingDone, outcomeOf } from "./outcome.ts";
import { withParts } from "./parts.ts";
import { readStored, stateOf } from "./view.ts";

/** The holder looks every five seconds, and then ends its batch. */
const patienceMs = 20_000;
const pollMs = 500;

export const pause: UseCases["pause"] = (context, { run }: RunOptions): Promise<RunResult> =>
  withParts(context, { purpose: "hotstick pause" }, async (parts) => {
    const { ask, store, holder, teller } = parts;
    const overview = await ask((session) => store.overview(session));
    const chosen = await chooseRun(parts, overview, run);
    if (chosen === null) return nothingDone;
    const { id } = chosen.header;
    const isWorking = async (): Promise<boolean> => {
      const stored = await readStored(parts, id);
      return stored !== null && stateOf(stored, fold(stored.events)) === "working";
    };
    if (await isWorking()) {
      await ask((session) => store.requestPause(session, id, holder.name));
      teller.note(`Run ${id} was asked to pause after its step or batch under way.`);
      const until = performance.now() + patienceMs;
      while (performance.now() < until && !context.abort.aborted && (await isWorking())) await sleep(pollMs);
    }
    return outcomeOf(parts, id);
  });
