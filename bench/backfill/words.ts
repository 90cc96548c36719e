// What a benchmark of a backfill needs an engine to say.

export interface Words {
  /** A type for texts. */
  readonly text: string;
  /** A narrow table of people; 1,000,000 rows are about 90 MB. */
  people(name: string, rows: number): readonly string[];
  /** For the holes of a batch in the middle of a pass: `after`, `upto`. */
  readonly bounds: Readonly<Record<"after" | "upto", string>>;
  /** What reads of whole tables in the plans of batches are called among the figures. */
  readonly scans: string;
  /** How many of the lines that EXPLAIN gives read a whole table. */
  countScans(lines: readonly Record<string, unknown>[]): number;
}
