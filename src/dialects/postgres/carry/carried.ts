// What hangs on columns that leave, and what becomes of each: it comes along under the new column, it is given up by name, or the change is refused.
import type { Column, Constraint, Index, Sequence, Statistics, Table } from "../../../schema/model.ts";
import type { IndexBody } from "../index-steps.ts";

/** An index that is built again on the new column. */
export interface CarriedIndex {
  readonly original: Index;
  /** Its name until the original is gone. */
  readonly temporary: string;
  /** On the new column's name until switch. */
  readonly body: IndexBody;
  /** The constraint that it carries, or null. */
  readonly constraint: Constraint | null;
}

/** A check or foreign key that is declared again on the new column. */
export interface CarriedConstraint {
  /** The table that has it: another one where it references the changed table. */
  readonly on: Table;
  readonly original: Constraint;
  readonly temporary: string;
  /** With the new column's final name. */
  readonly definition: string;
}

export interface CarriedStatistics {
  readonly original: Statistics;
  readonly temporary: string;
  /** Under its temporary name, on the new column's name until switch. */
  readonly definition: string;
  /** Under its own name, on the new column's final name. */
  readonly final: string;
}

export interface CarriedIdentity {
  readonly from: Column;
  /** Final name of the new column. */
  readonly to: string;
}

export interface Carried {
  /** Plain indexes: built in backfill, named like the original in drop. */
  readonly plain: readonly CarriedIndex[];
  /** Unique ones: a plain stand-in from backfill on, unique from retire on. */
  readonly unique: readonly CarriedIndex[];
  readonly checks: readonly CarriedConstraint[];
  readonly foreignKeys: readonly CarriedConstraint[];
  readonly statistics: readonly CarriedStatistics[];
  readonly sequences: readonly { readonly sequence: Sequence; readonly to: string }[];
  readonly identities: readonly CarriedIdentity[];
}
