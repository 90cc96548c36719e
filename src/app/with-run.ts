// One command's work on an open run: taken, worked with, given back, and said where it stands then.
import type { Problem } from "../problem.ts";
import type { Held } from "../run/held.ts";
import type { RunHeader } from "../store/store.ts";
import type { Paused, RunResult } from "./contract.ts";
import { holding, pauseReason } from "./drive.ts";
import { takeRun } from "./hold.ts";
import { outcomeOf } from "./outcome.ts";
import type { Parts } from "./parts.ts";

export interface RunWork {
  /** What stands against a run that somebody else has closed meanwhile; null where that is where the command was to take it. */
  readonly closed: (header: RunHeader) => Problem | null;
  /** @returns null, or why it paused. */
  readonly work: (held: Held) => Promise<Paused["reason"] | null>;
}

/** @throws Problem `lease-busy` (exit 5), what `closed` gives, and what the work throws. */
export async function withRun(parts: Parts, run: number, { closed, work }: RunWork): Promise<RunResult> {
  let paused: Paused["reason"] | null;
  try {
    const held = await takeRun(parts, run, false);
    const header = held === null ? await parts.ask((session) => parts.store.run(session, run)) : null;
    const against = header === null ? null : closed(header);
    if (against !== null) throw against;
    paused = held === null ? null : await holding(held, work);
  } catch (error) {
    // Asked to pause before the run was taken; what is carried says so by itself.
    paused = pauseReason(error);
    if (paused === null) throw error;
  }
  return outcomeOf(parts, run, { paused });
}
