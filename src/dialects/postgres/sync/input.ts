// What the generator of sync triggers is told about one table.
import type { Column, ObjectName, Trigger } from "../../../schema/model.ts";
import type { Link } from "../../../step/shape.ts";
import type { Stage } from "../../sync/naming.ts";

/** What a row that is not yet filled gets: `forward` new := up(old), `backward` old := down(new) (when retire is walked back). */
export type Fill = "forward" | "backward";

/** Writes a checked expression with every column of the table replaced by the expression that `column` gives for it. */
export type Rewrite = (qualified: string, column: (name: string) => string) => string;

export interface SyncInput {
  readonly table: ObjectName;
  /**
   * Columns of the table as the plan's schema has them, under the names before the run. A `default` must be the effective one
   * (a domain's, where the column has none of its own).
   */
  readonly columns: readonly Column[];
  /** Plain inheritance children: a parent's triggers do not fire for them. Partitions get clones by themselves. */
  readonly children?: readonly ObjectName[];
  /** The batch key, by its present names: a row whose key changes could pass behind the cursor, so it is filled at once. */
  readonly key: readonly string[];
  /** In dependency order: what a link reads was made by links before it. */
  readonly links: readonly Link[];
  readonly stage: Stage;
  readonly fill: Fill;
  /** Makes the functions' names unique among all that ever serve this table; may hold the holes `{{run}}` and `{{generation}}`. */
  readonly serial: string;
  /** The users' own triggers, of partitions and children too: ours must fire after them. */
  readonly userTriggers: readonly Trigger[];
  readonly partitionKey: readonly string[];
  /** A sequence that counts rows written through the old side alone; it must exist and be usable by PUBLIC. Used in stage `switched`. */
  readonly oldWrites: ObjectName | null;
  /** New columns, by `hidden`, whose assignment can raise although `up` cannot: varchar(n), numeric(p,s), domains … */
  readonly canRaise: readonly string[];
  readonly rewrite: Rewrite;
}

/** `on`, set locally by our own batches: the triggers stand aside for statements of the batch itself, not for what users' triggers do in it. */
export const batchSetting = "hotstick.batch";
/** `old` or `new`: which side rules where a statement wrote both. It breaks ties only. */
export const sideSetting = "hotstick.side";

/** For functions, and sessions that run batches, whose expressions are not IMMUTABLE: every writer then gets the same value. */
export const fixedSettings: readonly (readonly [string, string])[] = [
  ["search_path", "pg_catalog, pg_temp"],
  ["DateStyle", "'ISO, MDY'"],
  ["IntervalStyle", "postgres"],
  ["TimeZone", "'UTC'"],
  ["extra_float_digits", "1"],
  ["bytea_output", "hex"],
];
