// What can be known of a run without holding it.
import type { Session } from "../drivers/driver.ts";
import type { Plan } from "../plan/plan.ts";
import type { RunEvent } from "../store/event.ts";
import { fold, type RunState } from "../store/fold.ts";
import type { Cursor, Lease, RunHeader, Store } from "../store/store.ts";

export interface RunReading extends RunHeader {
  readonly plan: Plan;
  readonly state: RunState;
  readonly events: readonly RunEvent[];
  /** By step or undo; how far batched ones are. */
  readonly cursors: Readonly<Record<string, Cursor>>;
  /** Null where the run is closed. */
  readonly lease: Lease | null;
}

/** Reads a run; null where there is none. Changes nothing. */
export async function readRun(store: Store, session: Session, id: number): Promise<RunReading | null> {
  const header = await store.run(session, id);
  if (header === null) return null;
  const events = await store.events(session, id);
  return { ...header, events, state: fold(events), cursors: await store.cursors(session, id), lease: await store.lease(session, id) };
}
