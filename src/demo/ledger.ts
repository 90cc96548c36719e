// What an application knows that it wrote: the last acknowledged write of each row.
import { asName, type Value } from "./split.ts";

/** `revision` counts the writes of a row in the row itself, so whoever wrote last can be told in spite of two writers. */
export interface Entry {
  readonly revision: number;
  /** Null: deleted. */
  readonly value: Value | null;
}

/** Entries as they travel between processes. */
export type Entries = readonly (readonly [id: number, entry: Entry])[];

export class Ledger {
  private readonly last = new Map<number, Entry>();

  get(id: number): Entry | undefined {
    return this.last.get(id);
  }

  /** Notes a write that the server has acknowledged; answers may come in another order than the writes. */
  note(id: number, entry: Entry): void {
    const known = this.last.get(id);
    // A deleted row never comes back: keys are not used again.
    if (known && (known.value === null || (entry.value !== null && known.revision > entry.revision))) return;
    this.last.set(id, entry);
  }

  merge(entries: Entries): void {
    for (const [id, entry] of entries) this.note(id, entry);
  }

  entries(): Entries {
    return [...this.last];
  }

  /** Rows that are gone. */
  gone(): readonly number[] {
    return this.entries().flatMap(([id, { value }]) => (value === null ? [id] : []));
  }

  /** The new shape is given up: what was written in it lives on as old code sees it. */
  fold(): void {
    for (const [id, { revision, value }] of this.last) if (value !== null) this.last.set(id, { revision, value: { side: "old", name: asName(value) } });
  }
}
