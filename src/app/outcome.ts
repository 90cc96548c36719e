// What a command that drove a run gives back.
import type { Finding } from "../finding.ts";
import type { Paused, RunResult } from "./contract.ts";
import type { Parts } from "./parts.ts";
import { readStored, viewOf } from "./view.ts";

export interface Ending {
  readonly findings?: readonly Finding[];
  /** Why it left before its goal; null: it did not. */
  readonly paused?: Paused["reason"] | null;
}

export const nothingDone: RunResult = { run: null, findings: [], paused: null, next: null };

/** Reads the run again and says where it stands. */
export async function outcomeOf(parts: Parts, id: number, { findings = [], paused = null }: Ending = {}): Promise<RunResult> {
  const stored = await readStored(parts, id);
  if (stored === null) return { ...nothingDone, findings };
  const { openRuns } = await parts.ask((session) => parts.store.overview(session));
  const several = openRuns.length > 1;
  const run = viewOf(stored, { several, now: Date.now() });
  parts.teller.ended(run);
  return { run, findings, paused: paused === null ? null : { reason: paused, resume: `hotstick resume${several ? ` ${id}` : ""}` }, next: run.next };
}
