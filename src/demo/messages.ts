// What the demo and the processes of its applications say to each other.
import type { ConnectOptions } from "./engine.ts";
import type { Entries } from "./ledger.ts";
import type { TrafficOptions } from "./traffic.ts";

/** What an application is started with. */
export interface ApplicationOptions extends ConnectOptions, TrafficOptions {
  readonly engine: string;
  /** Requests a second, come what may: nobody waits for an answer before the next one is sent. */
  readonly rate: number;
}

/** `known`: say what you know that you wrote. `stop`: send no more, wait for all answers, say it, and end. */
export type Order = "known" | "stop";

export type Report =
  | { readonly kind: "ready" }
  | {
      readonly kind: "answers";
      /** When each was due, by the clock of the machine, and how long after that it was answered; both ms, one after the other. */
      readonly times: readonly number[];
      readonly failed: number;
      /** Reads that showed something else than what was written. */
      readonly wrong: number;
      /** What went wrong, for people; the first few. */
      readonly messages: readonly string[];
      /** Since when the oldest request waits for its answer; null: none does. */
      readonly waitingSince: number | null;
    }
  | { readonly kind: "known"; readonly entries: Entries };
