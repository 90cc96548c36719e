// What others did with a run between the time at which a command looked and its turn.
import type { Held } from "../run/held.ts";
import { journeyOf } from "../run/journey.ts";
import type { RunState } from "../store/fold.ts";
import type { RunHeader } from "../store/store.ts";
import type { Parts } from "./parts.ts";
import { takenBack } from "./problems.ts";

export interface Looked {
  readonly header: Pick<RunHeader, "migrations">;
  /** As it was when the command looked. */
  readonly before: RunState;
  /** The command, for the hint of how to go forward nevertheless. */
  readonly command: string;
}

/**
 * Whoever goes back decides against whoever waits to go forward; who comes later may decide anew.
 * @throws Problem `going-back` (exit 5).
 */
export async function refuseTakenBack({ ask, store }: Parts, held: Held, { header, before, command }: Looked): Promise<void> {
  const { run, plan, journal } = held;
  const { state } = journal;
  if (state.direction === "forward") return;
  const events = await ask((session) => store.events(session, run));
  // That we took it from somebody who is gone is our own doing.
  if (!events.some(({ id, kind }) => id !== null && id > before.lastEvent && kind !== "taken-over")) return;
  const arrived = journeyOf(plan.steps, state) === "arrived";
  throw takenBack({ run: { id: run, migrations: header.migrations }, state, arrived, command });
}
