// How a migration is written in TypeScript.
import type { Operation } from "../operations/operation.ts";

/** An operation as people write it: what has a default may be left out, and the hash of a `run` file is filled in. */
export type Written<O> = O extends { readonly kind: "run" }
  ? Omit<O, "sha256" | "phase"> & Partial<Pick<O, "phase" & keyof O>>
  : O extends { readonly kind: "sql" }
    ? Omit<O, "phase"> & Partial<Pick<O, "phase" & keyof O>>
    : O;

export interface MigrationDefinition {
  readonly operations: readonly Written<Operation>[];
  /** Migrations that this one comes after; absent: the file before it by name. */
  readonly parents?: readonly string[];
  /** Rules whose refusals the author accepts. */
  readonly accept?: readonly string[];
}

/** Types a migration; returns it as it is. */
export const migration = (definition: MigrationDefinition): MigrationDefinition => definition;
