// What a run is carried with: the engine's parts, time, chance, and whoever listens.
import type { Dialect } from "../dialects/dialect.ts";
import type { Blocker, Driver } from "../drivers/driver.ts";
import type { ModuleAct } from "../step/step.ts";
import type { RunEvent } from "../store/event.ts";
import type { RunState } from "../store/fold.ts";
import type { Holder, Store } from "../store/store.ts";
import type { RunModule } from "./acts/module.ts";
import type { AtCheckpoint } from "./checkpoints.ts";
import type { Clock } from "./clock.ts";
import type { Progress } from "./progress.ts";
import type { Replica } from "./replicas.ts";

/** What is told while a run is carried; `event` is journalled, the rest is not. */
export type News =
  | { readonly kind: "event"; readonly event: RunEvent; readonly state: RunState }
  /** At most ten a second. */
  | { readonly kind: "progress"; readonly step: string; readonly progress: Progress }
  /** Told again while it lasts. */
  | {
      readonly kind: "waiting";
      readonly for: "lock" | "transaction" | "lease" | "backend" | "connection";
      /** Null where no step is waiting. */
      readonly step: string | null;
      /** `ACCESS EXCLUSIVE on app.users`. */
      readonly what: string;
      readonly blockers: readonly Blocker[];
      readonly holder: Holder | null;
      readonly sinceMs: number;
      /** From 1. */
      readonly attempt: number;
      /** Null: it waits on. */
      readonly attempts: number | null;
    };

export interface Tools {
  readonly driver: Driver;
  readonly dialect: Dialect;
  readonly store: Store;
  /** Their readers are waited for before a strong lock; absent: none is known. */
  readonly replicas?: readonly Replica[];
  readonly clock: Clock;
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
  /** Loads a user's function. @throws Problem `module-changed` when the file's hash is not the act's. */
  readonly modules: (act: ModuleAct) => Promise<RunModule>;
  readonly checkpoint: AtCheckpoint;
  /** Must not throw. */
  readonly report: (news: News) => void;
}

/** A lease's own numbers, ms. */
export interface LeaseTimes {
  /** How long a holder may be silent before its lease can be taken. */
  readonly ttlMs: number;
  readonly beatMs: number;
  /** How long a holder none of whose sessions is left may be about to connect again. */
  readonly graceMs: number;
}

/** A machine that is gone is replaced within half a minute, and five beats may be lost before; a process that is gone, at once. */
export const leaseTimes: LeaseTimes = { ttlMs: 30_000, beatMs: 5_000, graceMs: 2_000 };

export interface CarryOptions {
  /** Longest time that an application's statement may wait behind us: wait and hold together, ms. */
  readonly lockBudgetMs: number;
  /** How often something is tried before the run stops with `lock-busy`. */
  readonly maxTries: number;
  /** Least pause between two tries, ms; ten times the wait where that is more. */
  readonly pauseMs: number;
  /** Pauses safely after this time, ms; null: no limit. */
  readonly maxTimeMs: number | null;
  /** What a batch should last, ms; null: what its step says. */
  readonly batchTargetMs: number | null;
}

export const carryOptions: CarryOptions = { lockBudgetMs: 200, maxTries: 60, pauseMs: 1_000, maxTimeMs: null, batchTargetMs: null };
