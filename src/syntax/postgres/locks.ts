// The lock and the work of each statement form, as a table. Manual: "Explicit Locking" and the page of each command;
// every row was measured on the supported versions but for those that only the manual states.

import type { Blocks } from "../../schema/facts.ts";

/** Weakest first. */
export const lockModes = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;
export type LockMode = (typeof lockModes)[number];

/** Who waits behind a lock of this mode. Manual: "Explicit Locking", table of conflicting lock modes. */
export function blockedBy(mode: LockMode): Blocks {
  if (mode === "ACCESS EXCLUSIVE") return "everyone";
  return lockModes.indexOf(mode) >= lockModes.indexOf("SHARE") ? "writers" : "nobody";
}

/** What a statement makes the server do, cheapest first; `unknown` where only the catalog could tell, and is to be taken for the worst. */
const works = ["instant", "scan", "build", "unknown", "rewrite"] as const;
export type StatementWork = (typeof works)[number];

export interface Effect {
  readonly mode: LockMode;
  readonly work: StatementWork;
}

/** What one statement of several acts takes: the strictest lock, and the most work. */
export const strictest = (effects: readonly Effect[]): Effect => ({
  mode: lockModes[Math.max(0, ...effects.map(({ mode }) => lockModes.indexOf(mode)))] ?? "ACCESS EXCLUSIVE",
  work: works[Math.max(0, ...effects.map(({ work }) => works.indexOf(work)))] ?? "unknown",
});

const effect = (mode: LockMode, work: StatementWork = "instant"): Effect => ({ mode, work });

/** Acts of ALTER TABLE; whatever is not listed takes ACCESS EXCLUSIVE and touches the catalog only. */
const alterTable: Readonly<Record<string, Effect>> = {
  AT_AlterColumnType: effect("ACCESS EXCLUSIVE", "unknown"),
  AT_SetNotNull: effect("ACCESS EXCLUSIVE", "scan"),
  AT_ValidateConstraint: effect("SHARE UPDATE EXCLUSIVE", "scan"),
  AT_SetExpression: effect("ACCESS EXCLUSIVE", "unknown"),
  AT_SetLogged: effect("ACCESS EXCLUSIVE", "rewrite"),
  AT_SetUnLogged: effect("ACCESS EXCLUSIVE", "rewrite"),
  AT_SetTableSpace: effect("ACCESS EXCLUSIVE", "rewrite"),
  AT_SetAccessMethod: effect("ACCESS EXCLUSIVE", "rewrite"),
  AT_AttachPartition: effect("SHARE UPDATE EXCLUSIVE", "scan"),
  AT_AlterConstraint: effect("ACCESS EXCLUSIVE", "unknown"),
  AT_SetStatistics: effect("SHARE UPDATE EXCLUSIVE"),
  AT_SetOptions: effect("SHARE UPDATE EXCLUSIVE"),
  AT_ResetOptions: effect("SHARE UPDATE EXCLUSIVE"),
  AT_ClusterOn: effect("SHARE UPDATE EXCLUSIVE"),
  AT_DropCluster: effect("SHARE UPDATE EXCLUSIVE"),
  AT_DetachPartitionFinalize: effect("SHARE UPDATE EXCLUSIVE"),
  AT_EnableTrig: effect("SHARE ROW EXCLUSIVE"),
  AT_EnableAlwaysTrig: effect("SHARE ROW EXCLUSIVE"),
  AT_EnableReplicaTrig: effect("SHARE ROW EXCLUSIVE"),
  AT_EnableTrigAll: effect("SHARE ROW EXCLUSIVE"),
  AT_EnableTrigUser: effect("SHARE ROW EXCLUSIVE"),
  AT_DisableTrig: effect("SHARE ROW EXCLUSIVE"),
  AT_DisableTrigAll: effect("SHARE ROW EXCLUSIVE"),
  AT_DisableTrigUser: effect("SHARE ROW EXCLUSIVE"),
};

/** The effect of one act of ALTER TABLE that has no case of its own. */
export const alterTableEffect = (subtype: string): Effect => alterTable[subtype] ?? effect("ACCESS EXCLUSIVE");

/** Storage parameters that can be set while others write; `user_catalog_table` alone stops everyone. */
export const relationOptionsEffect = (options: readonly string[]): Effect =>
  effect(options.includes("user_catalog_table") ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE");

/** ALTER TABLE … ADD CONSTRAINT by kind; `checked`: without NOT VALID or NOT ENFORCED. */
export const constraintEffect = (kind: string, checked: boolean, usesIndex: boolean): Effect => {
  switch (kind) {
    case "CONSTR_FOREIGN":
      return effect("SHARE ROW EXCLUSIVE", checked ? "scan" : "instant");
    case "CONSTR_PRIMARY":
    case "CONSTR_UNIQUE":
    case "CONSTR_EXCLUSION":
      // USING INDEX still scans where a column of a primary key is nullable, which only the catalog knows.
      return effect("ACCESS EXCLUSIVE", !usesIndex ? "build" : kind === "CONSTR_PRIMARY" ? "unknown" : "instant");
    default:
      return effect("ACCESS EXCLUSIVE", checked ? "scan" : "instant");
  }
};

/** Kinds of object that hang on a table, by DROP and by COMMENT: their name is the table's with one part more. */
export const onTable: ReadonlySet<string> = new Set(["OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE", "OBJECT_TABCONSTRAINT", "OBJECT_COLUMN"]);

/** Kinds of object that are locked like tables. */
export const relations: ReadonlySet<string> = new Set(["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE"]);
