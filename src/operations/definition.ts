// The contract of an operation: how it is read, what it asks, what it refuses, what it leaves behind, and its changes per phase.
import type { Finding } from "../finding.ts";
import type { Facts, Question } from "../schema/facts.ts";
import type { Schema } from "../schema/model.ts";
import type { PhasedChange } from "../step/change.ts";
import type { Reader } from "./read.ts";

/** Everything that planning may look at. */
export interface World {
  /** As if every operation before this one were complete. */
  readonly schema: Schema;
  /** The namespace that an unqualified name means. */
  readonly namespace: string;
  readonly facts: Facts;
  /** The engine's limit for names, bytes. */
  readonly nameBytes: number;
  /** Among what an index's name is one of its kind: the tables and indexes of the namespace, or the indexes of its table. */
  readonly indexNames: "namespace" | "table";
  /** Prepared statements go on when a column's type changes under its name. */
  readonly keepsPrepared: boolean;
}

/**
 * One kind of operation. All functions are pure.
 * Order of use: `read` → `questions` (answered by the server) → `check` → `changes`; `effect` gives the world of the next operation.
 */
export interface OperationDefinition<O extends { readonly kind: string }> {
  readonly kind: O["kind"];
  /** One line for people and for `hotstick new`. */
  readonly summary: string;
  /** Reads the fields of canonical JSON; mistakes are collected by the reader, all of them. */
  read(fields: Reader): O;
  questions(operation: O, world: World): readonly Question[];
  /** Refusals and warnings; never throws for what a user wrote. */
  check(operation: O, world: World): readonly Finding[];
  /** The schema when the operation is complete; names and types only as far as later operations need them. */
  effect(operation: O, world: World): Schema;
  /** Called only when `check` refuses nothing that the migration does not accept. */
  changes(operation: O, world: World): readonly PhasedChange[];
}
