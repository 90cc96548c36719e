// A plan: ordered steps of one or more migrations against one schema, server version and table sizes. Plain data.
import type { Finding } from "../finding.ts";
import type { ObjectName } from "../schema/model.ts";
import type { Step } from "../step/step.ts";

/** A named, immutable list of operations with its parents. `operations` is canonical JSON, sufficient to go on and back. */
export interface Migration {
  readonly name: string;
  readonly parents: readonly string[];
  /** Validated by their definitions; see `src/operations`. */
  readonly operations: readonly Readonly<Record<string, unknown> & { kind: string }>[];
  /** Rules of `refuse` findings that the author accepts. */
  readonly accept: readonly string[];
  /** SHA-256 of the file's bytes; null where it came from no file. */
  readonly bytesHash: string | null;
  /** SHA-256 of the canonical JSON of operations, parents and accept. */
  readonly contentHash: string;
}

export interface Plan {
  readonly format: 1;
  readonly engine: string;
  readonly version: number;
  readonly migrations: readonly Migration[];
  /** `phased`: the five arrows. `plain`: one transaction per migration on tables that are new or empty. */
  readonly mode: "phased" | "plain";
  /** By phase, then in order. */
  readonly steps: readonly Step[];
  /** Tables that the run claims, in name order. */
  readonly tables: readonly ObjectName[];
  readonly findings: readonly Finding[];
  /** SHA-256 over everything but estimates, reasons, titles and findings. */
  readonly hash: string;
}
