// Whether an application may believe what it reads, going by what it wrote itself.
import type { UserRow } from "./engine.ts";
import type { Entry } from "./ledger.ts";
import { nameOf } from "./names.ts";
import { asName, asSplit, type Value } from "./split.ts";

/** The value that a seeded row has while nobody has written it. */
export const seededValue = (id: number): Value => ({ side: "old", name: nameOf(id) });

const shows = (text: string | null | undefined): string => (text === undefined ? "nothing" : JSON.stringify(text));

/** What is wrong with the columns of a row whose last write is known, for each shape that it shows; null: nothing. */
export function misread(row: UserRow, value: Value): string | null {
  const problems: string[] = [];
  if (row.name !== undefined && row.name !== asName(value)) problems.push(`name is ${shows(row.name)} and not ${shows(asName(value))}`);
  const { first, last } = asSplit(value);
  if (row.first !== undefined && (row.first !== first || row.last !== last))
    problems.push(`first and last name are ${shows(row.first)}, ${shows(row.last)} and not ${shows(first)}, ${shows(last)}`);
  return problems.length === 0 ? null : `row ${row.id}, last written by the ${value.side} application: ${problems.join("; ")}`;
}

export interface Reading {
  readonly id: number;
  /** What came back; undefined: no such row. */
  readonly row: UserRow | undefined;
  /** What was known of it when the read was sent, and when it was answered. */
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
  /** A delete of the row is under way or done, or it is another's to delete. */
  readonly mayBeGone: boolean;
  /** The row was seeded. */
  readonly seeded: boolean;
}

/** What is wrong with a read, or null where nothing is or nothing can be said: another application may have written since. */
export function judgeReading({ id, row, before, after, mayBeGone, seeded }: Reading): string | null {
  if (row === undefined) return mayBeGone || (!seeded && after === undefined) ? null : `row ${id} is not there`;
  if (before && before.value !== null && row.revision < before.revision)
    return `row ${id} is at revision ${row.revision}, and ${before.revision} was acknowledged`;
  if (after && after.value !== null) return row.revision === after.revision ? misread(row, after.value) : null;
  return seeded && row.revision === 0 ? misread(row, seededValue(id)) : null;
}
