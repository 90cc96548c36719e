// What is journalled of a run: append-only, and all that its state is made of.
import type { Backend, Blocker } from "../drivers/driver.ts";
import type { Phase, Position } from "../step/phase.ts";

/** Which way a run is being carried. */
export type Direction = "forward" | "backward";

/** What is told of a step that is done. */
export interface Done {
  readonly phase: Phase;
  /** Null where it was journalled before it was over. */
  readonly ms: number | null;
  readonly group: string | null;
  readonly mark: "settle" | "archive" | null;
  /** Every transaction below this had ended when the step's own transaction began (xid8, digits); null where it had none. */
  readonly bound: string | null;
  /** True where it was found done after a crash, and not seen to happen. */
  readonly found: boolean;
}

/** What happened. `step` is a Step's id, or the id of the undo of one. */
export type Happening =
  /** `goal`: opened again after its end, to be walked back to there. */
  | { readonly kind: "opened"; readonly by: string; readonly migrations: readonly string[]; readonly goal?: Position }
  /** Somebody took the lease in order to carry the run to a goal. */
  | { readonly kind: "set-out"; readonly by: string; readonly direction: Direction; readonly goal: Position }
  /** Somebody's lease was taken away from a holder that had gone silent. */
  | { readonly kind: "taken-over"; readonly from: string; readonly ended: readonly Backend[] }
  | { readonly kind: "started"; readonly step: string; readonly attempt: number; readonly phase: Phase }
  /** Walking `of` back has begun, or gone on to its next act. */
  | { readonly kind: "undo-started"; readonly step: string; readonly attempt: number; readonly of: string; readonly phase: Phase }
  /** A statement outside any transaction is about to be sent by that backend. */
  | { readonly kind: "intent"; readonly step: string; readonly attempt: number; readonly backend: Backend }
  | { readonly kind: "waiting"; readonly step: string; readonly attempt: number; readonly blockers: readonly Blocker[]; readonly message: string }
  /** An attempt failed and will be made again. `lost`: with its connection, so that the server may still be at it. */
  | { readonly kind: "failed"; readonly step: string; readonly attempt: number; readonly message: string; readonly lost: boolean }
  | ({ readonly kind: "done"; readonly step: string; readonly attempt: number } & Done)
  /** `last`: nothing of `of` is left. */
  | ({ readonly kind: "undo-done"; readonly step: string; readonly attempt: number; readonly of: string; readonly last: boolean } & Done)
  /** Walked back, though there was nothing to do. */
  | { readonly kind: "undone"; readonly step: string; readonly phase: Phase }
  /** Given up before it had any effect: the step is what it was before. */
  | { readonly kind: "untouched"; readonly step: string }
  | { readonly kind: "phase-done"; readonly phase: Phase }
  | { readonly kind: "phase-undone"; readonly phase: Phase }
  /** Another process asks the holder to pause. */
  | { readonly kind: "pause-requested"; readonly by: string }
  | { readonly kind: "paused"; readonly reason: string }
  /** A Problem ended it here; it can be gone on with. */
  | { readonly kind: "stopped"; readonly step: string | null; readonly problem: StoppedBy }
  /** What the run left behind when a command ended: each of its tables by `keyOf`, as JSON of its canonical form, to tell later changes of others. */
  | { readonly kind: "shape"; readonly tables: Readonly<Record<string, string>>; readonly objects: Readonly<Record<string, string>> | null }
  | { readonly kind: "closed"; readonly outcome: Outcome };

/** `applied`: all phases are done. `reverted`: everything was walked back. */
export type Outcome = "applied" | "reverted";

/** A Problem as data. */
export interface StoppedBy {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly details: unknown;
}

/** A happening with its place in the journal. `id` is null for one whose place was not read back. */
export type RunEvent = Happening & {
  readonly id: number | null;
  /** ISO 8601, the database's clock. */
  readonly at: string;
};
