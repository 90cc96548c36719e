// The contract of an engine's pure half: how a neutral change becomes steps, and how a step is put to the server.
import type { Finding } from "../finding.ts";
import type { Facts, Question } from "../schema/facts.ts";
import type { ObjectName, Schema } from "../schema/model.ts";
import type { Quoting } from "../sql/sql.ts";
import type { Change, PhasedChange } from "../step/change.ts";
import type { BatchesAct, Lock, StepCore, Template } from "../step/step.ts";

/** Differences between engines and versions, as data; shared code asks these and never an engine's name. */
export interface Capabilities {
  /** DDL can be rolled back. */
  readonly transactionalDdl: boolean;
  /** Lowest version that is supported, comparable as `Schema.version`. */
  readonly supported: boolean;
  /** NOT NULL can be added without a scan and validated later. */
  readonly notNullNotValid: boolean;
  /** One setting caps a whole transaction. */
  readonly transactionTimeout: boolean;
  /** Columns can be hidden from `select *`. */
  readonly invisibleColumns: boolean;
  /** A rename ends by an exchange of two columns' names: what a plan builds meanwhile over the second column would be left on it. */
  readonly exchangesNames: boolean;
  /** Longest name, bytes. */
  readonly nameBytes: number;
  /** Among what an index's name is one of its kind: the tables and indexes of the namespace, or the indexes of its table. */
  readonly indexNames: "namespace" | "table";
  /** Prepared statements go on when a column's type changes under its name. */
  readonly keepsPrepared: boolean;
}

/** A step before the plan gives it an id. */
export interface DraftStep extends StepCore {
  readonly undo: readonly StepCore[];
  /** Why it cannot be walked back. */
  readonly oneWay?: string;
}

export interface DraftContext {
  /** As if every migration before this one were complete. */
  readonly schema: Schema;
  /** Whether a statement of a user's own makes that table before: it stands, and is in no schema that was read. */
  readonly made: (table: ObjectName) => boolean;
  /** Statements of a user's own in the operations before, in order: what they do besides is in no schema either. */
  readonly earlier: readonly string[];
  readonly facts: Facts;
  /** Whether what this rule's findings refuse is done all the same: the migrations accept it, or the tables are new or empty. */
  readonly accepts: (rule: string) => boolean;
}

/** One transaction as the run wants it. Templates are already filled. */
export interface TransactionRequest {
  /** Fails with the class `fenced` when the lease is no longer ours; holds off a takeover until the end. */
  readonly lease: string;
  /** Journals the step; before the locks, so that no client waits for it. */
  readonly journal: readonly string[];
  readonly locks: readonly Lock[];
  /** Statements that select a `problem` where the step must not go on. */
  readonly guards: readonly string[];
  readonly statements: readonly string[];
  /** ms; 0: none. */
  readonly lockTimeout: number;
  /** ms for all that happens under the locks; 0: none. */
  readonly holdTimeout: number;
}

/** One batch as the run wants it: a short transaction by which our own sync triggers stand aside. */
export interface BatchRequest {
  /** As in `TransactionRequest`. */
  readonly lease: string;
  /** Changes the batch's rows; null where they are only met. */
  readonly apply: string | null;
  /** Journals the batch in the same transaction, last; told an expression for the number of rows that `apply` changed. */
  readonly journal: (changed: string) => readonly string[];
  /** ms; 0: none. */
  readonly lockTimeout: number;
  readonly statementTimeout: number;
  /** Take everything back at the end: only to see whether it would be refused. */
  readonly trial: boolean;
}

/** The key of a `BatchesAct`. */
export type Key = BatchesAct["key"];

/**
 * - `together`: statements for one transaction, and those that undo them; null: nothing can.
 * - `apart`: steps, where DDL commits by itself.
 */
export type PlainForm =
  | { readonly kind: "together"; readonly statements: readonly Template[]; readonly undo: readonly Template[] | null }
  | { readonly kind: "apart"; readonly steps: readonly DraftStep[] };

export interface Dialect {
  readonly engine: string;
  readonly quoting: Quoting;
  capabilities(version: number): Capabilities;
  /** What it must know before it can say the steps of a change. Asked again with the answers, until none is left open. */
  questions(phased: PhasedChange, schema: Schema, facts: Facts): readonly Question[];
  /** Hazards and refusals of a change on this schema. */
  findings(phased: PhasedChange, context: DraftContext): readonly Finding[];
  /** The steps of one change, in order. */
  steps(phased: PhasedChange, context: DraftContext): readonly DraftStep[];
  /** The plain form, for tables that are new or empty. */
  plain(change: Change, context: DraftContext): PlainForm;
  /** All statements of a transaction, in the order in which the server should see them; sent as one message. */
  transaction(request: TransactionRequest): readonly string[];
  /** All statements of one batch; sent as one message. The last result with rows is that of the journal. */
  batch(request: BatchRequest): readonly string[];
  /** The condition that a row's key lies beyond this one, or not beyond it; values as the server printed them. */
  bounds(key: Key, values: readonly string[]): { readonly after: string; readonly upto: string };
  /** A query of at most one row about what that server process is at: `doing` (text), `done` and `total` (numbers, or null). */
  progress(pid: number): string;
  /**
   * A query of at most one row while that server process waits for a table and so holds up whoever comes after it; null where the server
   * itself ends such a wait to the millisecond.
   */
  readonly queued: ((pid: number) => string) | null;
  /**
   * The mode of a lock on a table that excludes whoever changes its rows, for asking who is in the way of a batch that waits for no row; null
   * where batches wait, and can be watched meanwhile.
   */
  readonly rowChangers: string | null;
  /** Statements of one message are one transaction, so one that runs outside any is sent by itself. */
  readonly messageIsTransaction: boolean;
  /** Whether statements of a user's own leave something in their session, which is given up after them: no other step may depend on it. */
  leavesState(statements: readonly Template[]): boolean;
  /**
   * What comes before a statement that runs outside any transaction; timeouts in ms, 0: none. `alone`: it commits by itself. `walk`: before a
   * query of a walk, in the same message; it wants a few rows by an index, and must not read the whole table.
   */
  prelude(how: { readonly lock: number; readonly statement: number; readonly alone?: boolean; readonly walk?: boolean }): readonly string[];
}
