// Pods that start together plan one after another: all but the first will find that nothing is left to do.
import { setTimeout as sleep } from "node:timers/promises";
import type { Overview } from "../store/store.ts";
import type { Parts } from "./parts.ts";

/** Then it is planned all the same: whoever has the turn may be a process that was stopped. */
const patienceMs = 15_000;
const pollMs = 150;

/** False where a run was opened or closed while it waited, so that what was read is old. */
export async function awaitTurn({ ask, store, engine, context }: Parts, { seen, openRuns }: Overview): Promise<boolean> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const turn = await ask((session) => engine.takeTurn(session));
    const now = await ask((session) => store.overview(session));
    if (now.seen !== seen || now.openRuns.length !== openRuns.length) return false;
    if (turn || performance.now() > until || context.pause.aborted || context.abort.aborted) return true;
    await sleep(pollMs * (0.5 + Math.random()));
  }
}
