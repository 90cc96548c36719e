// What the use cases need of an engine.
import type { Dialect } from "../dialects/dialect.ts";
import type { Driver, Session } from "../drivers/driver.ts";
import type { Plan } from "../plan/plan.ts";
import type { Facts, StatementFact } from "../schema/facts.ts";
import type { ObjectName, Schema } from "../schema/model.ts";
import type { Template } from "../step/step.ts";
import type { Store } from "../store/store.ts";
import type { Split } from "../syntax/sql-file.ts";
import type { DoctorCheck, Evidence } from "./contract.ts";

/** What planning needs; loading it loads the engine's parser. */
export interface Planning {
  readonly dialect: Dialect;
  readonly statement: (text: string) => StatementFact;
}

/** A look at who still uses the old shape of a run; `between` waits between two samples. */
export interface OldUsersRequest {
  readonly run: number;
  readonly plan: Plan;
  readonly namespace: string;
  /** As it is now; null: views and functions are not looked through. */
  readonly schema: Schema | null;
  readonly applications: readonly string[];
  readonly roles: readonly string[];
  readonly between: () => Promise<void>;
}

/** A look at the sync triggers that an open run has laid on its tables. */
export interface DisturbancesRequest {
  readonly tables: readonly ObjectName[];
  /** What expand has carried out and nothing has taken back: a trigger that these make has to stand. */
  readonly laid: readonly Template[];
  /** ISO 8601: when the run began. */
  readonly since: string;
}

/** One thing by which a write can pass the sync, or change a row behind it. */
export interface Disturbance {
  readonly trigger: string;
  readonly message: string;
  /** What ends it. */
  readonly fix: string;
}

/** The parts of one engine, each loaded when it is first needed. */
export interface Engine {
  driver(url: string): Promise<Driver>;
  store(): Promise<Store>;
  /** For carrying plans that are made; needs no parser. */
  dialect(): Promise<Dialect>;
  /** @param version the server's, as `Schema.version`; a promise, so that a parser can load while the server answers. */
  planning(version: number | Promise<number>): Promise<Planning>;
  /** What the server says of statements that it cannot read, by text; empty where our parser has read them. Carries out nothing. */
  misspelt(session: Session, texts: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** Cuts files of SQL into statements. */
  split(): Promise<Split>;
  /**
   * True where nobody else is planning here; then others are told that we are, until the session ends. Only to spare their work:
   * what decides is the lease.
   */
  takeTurn(session: Session): Promise<boolean>;
  /** What is seen of old code. */
  oldUsers(session: Session, request: OldUsersRequest): Promise<readonly Evidence[]>;
  /** Triggers of ours that are gone or switched off, and triggers of others that change a row behind them. */
  disturbances(session: Session, request: DisturbancesRequest): Promise<readonly Disturbance[]>;
  /** Everything about the server that a run needs or would be better off with. */
  examine(session: Session): Promise<readonly DoctorCheck[]>;
  /** What the connected role may not do and a plan needs; empty: nothing is missing. */
  missingRights(session: Session, plan: Plan, facts: Facts): Promise<readonly string[]>;
}
