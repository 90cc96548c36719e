// What the generator of sync triggers is told about one table.
import type { Column, ObjectName } from "../../../schema/model.ts";
import type { Link } from "../../../step/shape.ts";
import type { Stage } from "../../sync/naming.ts";

/** What a row that is not yet filled gets: `forward` new := up(old), `backward` old := down(new) (when retire is walked back). */
export type Fill = "forward" | "backward";

/** Writes a checked expression with every column of the table replaced by the expression that `column` gives for it. */
export type Rewrite = (qualified: string, column: (name: string) => string) => string;

export interface SyncInput {
  readonly table: ObjectName;
  /** As `Schema.version`. */
  readonly version: number;
  /** Columns of the table as the plan's schema has them, under the names and with the defaults before the run. Defaults are SQL. */
  readonly columns: readonly Column[];
  /** The table's own collation, for columns that name none. */
  readonly collation: string;
  /** In dependency order: what a link reads was made by links before it. */
  readonly links: readonly Link[];
  /**
   * Decides the names in `fillAssignments`, conditions and verify, and what the triggers do. Where names swap the triggers hold both
   * stages, and the flag of the table decides.
   */
  readonly stage: Stage;
  readonly fill: Fill;
  /** Columns that the server sets to the present at every change of a row: those of the table, and new ones by `hidden`. */
  readonly onUpdate: readonly string[];
  readonly partitionKey: readonly string[];
  /** BEFORE UPDATE triggers of the table's own, by name: they fire before ours and may change what a batch wrote, or read. */
  readonly otherTriggers: readonly string[];
  /** A sequence that counts rows written through the old side alone. Used in stage `switched`. Null where there is none. */
  readonly oldWrites: ObjectName | null;
  /** New columns, by `hidden`, whose assignment can raise although `up` cannot: varchar(n), decimal(p,s), a NOT NULL … */
  readonly canRaise: readonly string[];
  /** New columns that are NOT NULL from the start, by `hidden`, with the default that means "not given" (`sentinel`). */
  readonly sentinels: Readonly<Record<string, string>>;
  /** Defaults that old NOT NULL columns were given so that new code may leave them out; by name. Nobody means such a value. */
  readonly standIns: Readonly<Record<string, string>>;
  readonly rewrite: Rewrite;
}
