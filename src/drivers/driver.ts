// The contract of an engine's effectful half: connections, reading, facts, and what an error means.
import type { Facts, Question } from "../schema/facts.ts";
import type { ObjectName, Schema } from "../schema/model.ts";
import type { Sql } from "../sql/sql.ts";

export type Row = Readonly<Record<string, unknown>>;

/** A server-side process or thread that can be told apart from every later one with the same number. */
export interface Backend {
  readonly pid: number;
  /** The server's own text for when it started. */
  readonly started: string;
}

/**
 * What an error says about the statement that met it.
 * - `retry`: it did nothing and may pass later (lock timeout, deadlock, serialization, out of connections).
 * - `lost`: the connection is gone; the statement may still be running, and a COMMIT under way is in doubt.
 * - `refused`: the data or a constraint says no (duplicate, violation, bad value).
 * - `denied`: a privilege or a setting is missing.
 * - `fenced`: the lease was taken over; nothing more may be written.
 * - `guard`: a guard of the step itself says no, in the error's message.
 * - `fatal`: everything else; trying again will not help.
 */
export type ErrorClass = "retry" | "lost" | "refused" | "denied" | "fenced" | "guard" | "fatal";

/** A message of the server that is not an error. */
export interface Notice {
  readonly severity: string;
  readonly message: string;
  readonly code: string;
}

/** How statements are sent. */
export interface ScriptOptions {
  /**
   * What is still under way after this many ms is ended, with an error of the class `retry`; absent or 0: never. Goes with a dialect's prelude
   * of the same limit: a server that keeps that one by itself is left to it.
   */
  readonly limitMs?: number;
}

/**
 * One connection, used by one caller at a time. Values come back as text but for booleans, 2- and 4-byte integers (number),
 * doubles (number), JSON (parsed) and text arrays (string[]); 8-byte integers, numerics and times stay text, so nothing is rounded.
 */
export interface Session {
  readonly backend: Backend;
  /** Runs one statement with bound values. */
  query<R extends Row = Row>(statement: Sql): Promise<readonly R[]>;
  /** Sends several statements in one message, as they are; the rows of each come back in order. A failed one ends the rest. */
  script(statements: readonly string[], options?: ScriptOptions): Promise<readonly (readonly Row[])[]>;
  /** Called for each notice until the returned function is called. */
  onNotice(listener: (notice: Notice) => void): () => void;
  /** Asks the server to cancel what runs here, over a second connection. */
  cancel(): Promise<void>;
  /** True once the connection is unusable. */
  readonly closed: boolean;
  close(): Promise<void>;
}

/** What the server is, found once per command. */
export interface Server {
  /** Comparable, as in `Schema.version`. */
  readonly version: number;
  /** For people: `PostgreSQL 18.4`. */
  readonly product: string;
  readonly database: string;
  readonly user: string;
  /** The namespace that an unqualified name means here. */
  readonly namespace: string;
  /** True on a standby or otherwise read-only server. */
  readonly readOnly: boolean;
  /** True where the connection goes through a pooler that does not keep a session. */
  readonly pooled: boolean;
  /** Where several servers take each other's writes, of which kind that is: locks of one are not known to the others. */
  readonly cluster?: string;
  /** A setting with which steps of a run are refused, whatever the plan; what it means, and what sets it right. */
  readonly setting?: { readonly message: string; readonly fix: string };
}

/** Someone who holds or will hold up a lock that we want. */
export interface Blocker {
  /** Null for a prepared transaction, which has no process. */
  readonly pid: number | null;
  /** The prepared transaction's global id. */
  readonly gid: string | null;
  readonly user: string;
  readonly application: string;
  readonly state: string;
  /** Age of its transaction, ms. */
  readonly ageMs: number;
  readonly query: string;
  readonly relation: string;
  readonly mode: string;
  /** True for automatic maintenance (autovacuum), which yields to a waiting lock after about a second, unless it may not. */
  readonly maintenance: boolean;
  /** The replica that it reads from; absent: it is on the database itself. */
  readonly server?: string;
}

/** What the driver reads while taking part in a run. */
export interface Driver {
  readonly engine: string;
  connect(options: { readonly purpose: string }): Promise<Session>;
  server(session: Session): Promise<Server>;
  /** Everything but the system's and Hotstick's own objects, in one snapshot. */
  introspect(session: Session): Promise<Schema>;
  /** Answers what operations and dialect asked. Changes nothing. */
  answer(session: Session, questions: readonly Question[], schema: Schema): Promise<Facts>;
  classify(error: unknown): ErrorClass;
  /** One line for people: code, message, detail. */
  describe(error: unknown): string;
  /** Whether a statement failed because what it makes is there already, or what it takes away is not. */
  isAlreadySo(error: unknown): boolean;
  /** Whether a statement failed because a table or a column that it names is not there. */
  isMissing(error: unknown): boolean;
  /** Who holds locks on these tables (partitions included) that conflict with the mode, oldest first. */
  blockers(session: Session, wanted: readonly { readonly table: ObjectName; readonly mode: string }[]): Promise<readonly Blocker[]>;
  /** Whom that process waits for at this moment: holders of tables, of rows, of anything that can be locked. */
  waitedFor(session: Session, backend: Backend): Promise<readonly Blocker[]>;
  /** True while that very process exists. */
  alive(session: Session, backend: Backend): Promise<boolean>;
  /** The statement that this very process carries out at this moment, as it was sent; null: none, or its text cannot be seen whole. */
  doing(session: Session, backend: Backend): Promise<string | null>;
  /** Ends that very process; false where the right is missing. Never used on an application's. */
  terminate(session: Session, backend: Backend): Promise<boolean>;
}
