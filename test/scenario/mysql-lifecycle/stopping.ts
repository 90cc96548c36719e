// A run that is stopped at one of the places it comes to.
import type { Operation } from "../../../src/operations/operation.ts";
import type { Checkpoint } from "../../../src/run/checkpoints.ts";
import type { MariadbDatabase } from "../../harness/mariadb.ts";
import { type Lived, lifecycleOf, stage } from "./lived.ts";

/** Stops at the n-th checkpoint of those it watches; 0: never. */
class Stop {
  at = 0;
  met = 0;
  private readonly watched: ReadonlySet<Checkpoint>;

  constructor(watched: ReadonlySet<Checkpoint>) {
    this.watched = watched;
  }

  readonly checkpoint = (name: Checkpoint): void => {
    if (!this.watched.has(name)) return;
    this.met += 1;
    if (this.met === this.at) throw new Error("stopped here");
  };
}

interface Stopped {
  readonly create: string;
  readonly operations: readonly Operation[];
  readonly accept?: readonly string[];
  readonly plain?: boolean;
}

/** A run in a database of its own, and what stops it. */
export const withRun = (
  { create, operations, accept, plain }: Stopped,
  watched: ReadonlySet<Checkpoint>,
  work: (db: MariadbDatabase, run: Lived, stop: Stop) => Promise<void>,
): Promise<void> =>
  stage(create, async (db) => {
    const stop = new Stop(watched);
    const options = { checkpoint: stop.checkpoint, ...(accept ? { accept } : {}), ...(plain ? { mode: "plain" as const } : {}) };
    await work(db, await lifecycleOf(db, operations, options), stop);
  });
