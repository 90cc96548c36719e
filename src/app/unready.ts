// What `start` finds: pending migrations, and open runs that were left before they were ready.
import { journeyOf } from "../run/journey.ts";
import { positions } from "../step/phase.ts";
import { fold, type RunState } from "../store/fold.ts";
import type { RunHeader } from "../store/store.ts";
import { type Desk, readDesk } from "./desk.ts";
import { ours } from "./finish.ts";
import type { Parts } from "./parts.ts";
import { goingBack } from "./problems.ts";
import { readStored, stateOf } from "./view.ts";

export interface Unready {
  readonly header: RunHeader;
  readonly state: RunState;
}

/**
 * Open runs of these migrations, or all of them, that were left before they were ready.
 * Null where one was rolled back since the desk was read, so that its migrations are pending again.
 * @throws Problem `going-back` (exit 5) where one is on its way back.
 */
async function unready(parts: Parts, desk: Desk, names: readonly string[] | undefined): Promise<readonly Unready[] | null> {
  const found: Unready[] = [];
  const own = new Set(ours(desk).map(({ id }) => id));
  for (const { id, migrations } of desk.overview.openRuns) {
    const meant = names === undefined || migrations.some((name) => names.includes(name));
    const stored = meant ? await readStored(parts, id) : null;
    if (stored === null) continue;
    const { header, plan, events, lease } = stored;
    if (header.outcome === "reverted") return null;
    const state = fold(events);
    const stands = stateOf(stored, state);
    const back = state.direction === "backward" && journeyOf(plan.steps, state) === "under-way";
    if (back && (names !== undefined || own.has(id))) throw goingBack(header, state.goal, stands === "working" ? (lease?.holder ?? null) : null);
    const named = names !== undefined && positions.indexOf(state.position) < positions.indexOf("backfill");
    if (!back && (named || ["interrupted", "stopped", "paused"].includes(stands))) found.push({ header, state });
  }
  return found;
}

/**
 * What is pending, and what was left before it was ready.
 * @throws Problem `going-back` (exit 5), and what reading the desk throws.
 */
export async function readWork(parts: Parts, names: readonly string[] | undefined): Promise<readonly [Desk, readonly Unready[]]> {
  for (;;) {
    const desk = await readDesk(parts, { writes: true });
    const left = await unready(parts, desk, names);
    if (left !== null) return [desk, left];
  }
}
