// What the demo asks of a database engine. Each engine is one file, and nothing else in the demo knows it.
import type { SandboxServer } from "../sandbox/sandbox.ts";
import type { Request, Side } from "./traffic.ts";

/** A row as an application or the check reads it; columns that it does not ask for are absent. */
export interface UserRow {
  readonly id: number;
  readonly revision: number;
  readonly name?: string | null;
  readonly first?: string;
  readonly last?: string | null;
}

/** An application's connections, with its statements prepared on them. */
export interface Connections {
  /** Sends a request of this application; the rows that it reads or has changed. */
  send(request: Request): Promise<readonly UserRow[]>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly url: string;
  /** How the server shall call it. */
  readonly application: string;
  readonly side: Side;
  readonly table: string;
  readonly connections: number;
}

/** Somebody who waits for a lock, and for whom. */
export interface LockWait {
  readonly session: number;
  /** The name that the session gave itself. */
  readonly application: string;
  readonly ms: number;
  /** False: for a row. */
  readonly table: boolean;
  /** Sessions that it waits for. */
  readonly behind: readonly number[];
}

/** One look at the server's locks. */
export interface LockSample {
  readonly waits: readonly LockWait[];
  /** Sessions of Hotstick. */
  readonly hotstick: readonly number[];
}

/** A connection of the demo's own. */
export interface Inspector {
  /** The columns that the table shows now. */
  columns(table: string): Promise<ReadonlySet<string>>;
  /** The next rows by key. */
  rows(table: string, after: number, limit: number, sides: readonly Side[]): Promise<readonly UserRow[]>;
  locks(): Promise<LockSample>;
  /** Sends statements of the demo's own, one after another. */
  run(statements: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  /** For people: `PostgreSQL 18`. */
  product(server: SandboxServer): string;
  startServer(): Promise<SandboxServer>;
  /** Makes the table as an application of years has it; ids from 1, emails by `seededEmail`, names by `nameOf`, revision 0. */
  seed(url: string, rows: number): Promise<void>;
  connect(options: ConnectOptions): Promise<Connections>;
  inspect(url: string): Promise<Inspector>;
  /** The file that splits the name of `users`. */
  readonly migration: { readonly name: string; readonly text: string };
  /** A copy of the table as it was seeded, and what somebody without Hotstick would send to split its name. */
  readonly naive: { readonly table: string; readonly copy: readonly string[]; readonly statements: readonly string[] };
}
