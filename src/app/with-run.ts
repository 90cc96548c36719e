// One command's work on an open run: taken, worked with, given back, and said where it stands then.
import type { Held } from "../run/held.ts";
import type { Paused, RunResult } from "./contract.ts";
import { holding, pauseReason } from "./drive.ts";
import { takeRun } from "./hold.ts";
import { outcomeOf } from "./outcome.ts";
import type { Parts } from "./parts.ts";

/**
 * A run that is closed meanwhile is told as it is.
 * @param work null, or why it paused.
 * @throws Problem `lease-busy` (exit 5), and what the work throws.
 */
export async function withRun(parts: Parts, run: number, work: (held: Held) => Promise<Paused["reason"] | null>): Promise<RunResult> {
  let paused: Paused["reason"] | null;
  try {
    const held = await takeRun(parts, run, false);
    paused = held === null ? null : await holding(held, work);
  } catch (error) {
    // Asked to pause before the run was taken; what is carried says so by itself.
    paused = pauseReason(error);
    if (paused === null) throw error;
  }
  return outcomeOf(parts, run, { paused });
}
