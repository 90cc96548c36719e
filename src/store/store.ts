// The contract of an engine's memory: migrations, runs, events, leases and claims, kept in the database that they change.
import type { Backend, Session } from "../drivers/driver.ts";
import type { Migration, Plan } from "../plan/plan.ts";
import type { Position } from "../step/phase.ts";
import type { Happening, Outcome, RunEvent } from "./event.ts";

/** Proof that a run is ours to carry: the fencing token of its lease. */
export interface Hold {
  readonly run: number;
  readonly token: string;
}

/** Who carries a run. */
export interface Holder {
  /** `deploy@web-7`. */
  readonly name: string;
  readonly pid: number;
  /** Hotstick's version. */
  readonly version: string;
}

/** A lease as the database's clock sees it. */
export interface Lease extends Hold {
  /** Null while nobody carries the run. */
  readonly holder: Holder | null;
  /** ISO 8601. */
  readonly since: string;
  readonly expiresAt: string;
  /** Age of the holder's last sign of life, ms. */
  readonly silentMs: number;
  /** Once true, the holder cannot renew it any more. */
  readonly expired: boolean;
  /** The sessions that the holder has recorded. */
  readonly backends: readonly (Backend & { readonly purpose: string })[];
}

/** `open`: a run carries it. */
export type MigrationState = "open" | "applied" | "reverted";

/** A migration as every command checks it. */
export interface KnownMigration {
  readonly name: string;
  readonly bytesHash: string | null;
  readonly contentHash: string;
  readonly state: MigrationState;
}

/** A migration with all that going back needs. */
export interface StoredMigration extends Migration {
  readonly state: MigrationState;
  /** Null where it was recorded and not carried out (baseline). */
  readonly run: number | null;
  /** ISO 8601; null while it is not applied. */
  readonly appliedAt: string | null;
  /** Between the opening of its run and its end, ms. */
  readonly durationMs: number | null;
}

export interface RunHeader {
  readonly id: number;
  readonly planHash: string;
  readonly migrations: readonly string[];
  /** Who opened it. */
  readonly by: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly closedAt: string | null;
  readonly outcome: Outcome | null;
}

/** What a command that has nothing to do needs to know, in one round trip. */
export interface Overview {
  /** 0: there is no store yet. */
  readonly version: number;
  /** Migrations that were ever known here, by name; reverted ones too. */
  readonly migrations: readonly KnownMigration[];
  /** Oldest first. */
  readonly openRuns: readonly (RunHeader & { readonly holder: Holder | null })[];
  /** Changes whenever a run opens or closes; given back to `open`, so that no plan is opened on a schema that has moved on. */
  readonly seen: string;
}

/** How far a batched or module step is; committed with each batch. */
export interface Cursor {
  /** From 1. */
  readonly pass: number;
  /** The last key that was done in this pass; null: none. A module keeps its own cursor as JSON in the first place. */
  readonly after: readonly string[] | null;
  /** Where this pass ends; null: not found yet. */
  readonly end: readonly string[] | null;
  /** Up to where this pass was checked. */
  readonly checked: readonly string[] | null;
  /** Rows met in this pass. */
  readonly seen: number;
  /** Rows changed in this pass. */
  readonly changed: number;
  /** An estimate of the rows of a pass; null where unknown. */
  readonly total: number | null;
}

export interface OpenRequest {
  readonly plan: Plan;
  /** Who opens it. */
  readonly by: string;
  readonly holder: Holder;
  readonly token: string;
  /** Of the lease, ms. */
  readonly ttlMs: number;
  /** `Overview.seen` of when the plan was made. */
  readonly seen: string;
}

/** What was kept of something that a step drops. */
export interface ArchiveRecord {
  readonly run: number;
  readonly step: string;
  /** The table it comes from, by `keyOf`. */
  readonly source: string;
  /** The table in Hotstick's own namespace that holds it, quoted as statements name it. */
  readonly archive: string;
  /** Every transaction below this had ended when it was taken (xid8, digits). */
  readonly bound: string;
  readonly rows: number | null;
  /** False where somebody has dropped it since. */
  readonly there: boolean;
  /** ISO 8601. */
  readonly at: string;
}

/** Statements to be sent inside somebody else's transaction; see `TransactionRequest`. */
export interface StoreStatements {
  /** Fails with the class `fenced` when the token is not the lease's; holds off a takeover until the transaction ends. */
  hold(hold: Hold): string;
  /** Journals; only after `hold` in the same transaction. */
  note(run: number, happening: Happening): string;
  /** Writes a cursor and returns its `seen` and `changed` (text), to which the batch's rows are added; these are expressions. */
  cursor(run: number, step: string, cursor: Omit<Cursor, "changed" | "seen">, rows: { readonly seen: string; readonly changed: string }): string;
  dropCursor(run: number, step: string): string;
}

/** @throws Problem `store-newer` from every method that finds a store made by a newer program. */
export interface Store {
  /** What this program makes and understands. */
  readonly version: number;
  readonly statements: StoreStatements;

  overview(session: Session): Promise<Overview>;
  /**
   * Makes or upgrades the store; any number of processes may do so at once. Call it only where `overview` says it is needed.
   * @throws Problem `store-denied` where the right is missing.
   */
  ensure(session: Session): Promise<void>;

  /** By name. */
  migrations(session: Session): Promise<readonly StoredMigration[]>;
  /** Records migrations as applied without carrying them out. @throws Problem `migration-claimed`. */
  baseline(session: Session, migrations: readonly Migration[]): Promise<void>;
  /** Notes the hash of a file whose bytes changed and whose content did not. */
  reformat(session: Session, name: string, bytesHash: string): Promise<void>;

  /** Newest first. */
  runs(session: Session, limit: number): Promise<readonly RunHeader[]>;
  /** Null where there is no such run. */
  run(session: Session, id: number): Promise<(RunHeader & { readonly plan: Plan }) | null>;
  events(session: Session, run: number): Promise<readonly RunEvent[]>;
  /** By step. */
  cursors(session: Session, run: number): Promise<Readonly<Record<string, Cursor>>>;
  archives(session: Session, run: number): Promise<readonly ArchiveRecord[]>;

  /**
   * Makes the run with its claims and its lease, in one transaction.
   * @throws Problem `table-claimed`, `migration-claimed` (exit 5; `details.run`), `plan-stale` (exit 5).
   */
  open(session: Session, request: OpenRequest): Promise<number>;
  /** Opens a closed run again, and journals with it where it is to be walked back to. Throws as `open` does. */
  reopen(session: Session, run: number, request: Omit<OpenRequest, "plan"> & { readonly goal: Position }): Promise<void>;
  /** Ends the run: migrations, claims and lease follow. */
  close(session: Session, hold: Hold, outcome: Outcome): Promise<void>;

  /** Journals all of them in this order, or none; refused with the class `fenced` when the lease is not ours. Returns the last. */
  note(session: Session, hold: Hold, happenings: readonly Happening[]): Promise<RunEvent>;
  /** Asks whoever carries the run to pause. */
  requestPause(session: Session, run: number, by: string): Promise<void>;
  /** The event by which that attempt of an act was committed as done; null: it was not. */
  happened(session: Session, run: number, step: string, attempt: number): Promise<RunEvent | null>;
  cursor(session: Session, run: number, step: string): Promise<Cursor | null>;

  /** Null where the run is closed or unknown. */
  lease(session: Session, run: number): Promise<Lease | null>;
  /**
   * Takes the lease that was seen with this token, if it is free, expired or `abandoned`; true: it is ours under the new token.
   * Waits a moment for a step's transaction of the holder before. @param abandoned none of the holder's backends is left.
   */
  take(
    session: Session,
    seen: Hold,
    next: { readonly token: string; readonly holder: Holder; readonly ttlMs: number; readonly abandoned: boolean },
  ): Promise<boolean>;
  /** Renews the lease, unless it has expired; `held` is false where it is lost. */
  beat(session: Session, hold: Hold, ttlMs: number): Promise<{ readonly held: boolean; readonly pauseRequestedBy: string | null }>;
  /** Records a session of the holder before it is used, so that a takeover can end it. Fails with the class `fenced` where the lease is lost. */
  record(session: Session, hold: Hold, backend: Backend, purpose: string): Promise<void>;
  /** Gives the lease back. */
  release(session: Session, hold: Hold): Promise<void>;
}
