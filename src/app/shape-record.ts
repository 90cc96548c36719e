// What a run leaves behind when a command ends, written down; and what somebody else has changed of it since.
import { createHash } from "node:crypto";
import type { Plan } from "../plan/plan.ts";
import type { Held } from "../run/held.ts";
import { canonical, type Json } from "../schema/canonical.ts";
import { type Difference, describeDifference, differences } from "../schema/fingerprint.ts";
import type { Schema } from "../schema/model.ts";
import { keyOf } from "../schema/names.ts";
import type { Happening, RunEvent } from "../store/event.ts";
import type { Parts } from "./parts.ts";

export type ShapeRecord = Extract<Happening, { readonly kind: "shape" }>;

const digest = (value: Json): string => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);
const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } => typeof value === "object" && value !== null && !Array.isArray(value);

/** A short fingerprint of every object: `tables app.users` → hex. */
export function objectsOf(schema: Schema): Readonly<Record<string, string>> {
  const families = canonical(schema);
  if (!isRecord(families)) return {};
  return Object.fromEntries(
    Object.entries(families).flatMap(([family, members]) =>
      isRecord(members) ? Object.entries(members).map(([key, value]) => [`${family} ${key}`, digest(value)]) : [[family, digest(members)]],
    ),
  );
}

/** JSON as text: stored as JSON, its keys would come back in another order. */
const tablesOf = (schema: Schema, plan: Plan): Readonly<Record<string, string>> =>
  Object.fromEntries(plan.tables.map((name) => [keyOf(name), JSON.stringify(canonical(schema, { tables: [name] }))]));

/** Journals what is there now. @param closing the run ends: all objects are noted, for `verify` to find later changes. */
export async function recordShape(parts: Parts, held: Held, closing: boolean): Promise<void> {
  try {
    const schema = await parts.ask((session) => parts.driver.introspect(session));
    parts.memory.schema = schema;
    await held.journal.note({ kind: "shape", tables: tablesOf(schema, held.plan), objects: closing ? objectsOf(schema) : null });
  } catch (error) {
    // What was done is done; only later changes of others will not be noticed.
    if (held.lease.lost.aborted) throw error;
    parts.teller.note(`The schema could not be read at the end (${parts.driver.describe(error)}); changes by others will not be noticed.`);
  }
}

/** Kinds that change nothing in the tables. */
const still: ReadonlySet<RunEvent["kind"]> = new Set([
  "set-out",
  "taken-over",
  "waiting",
  "failed",
  "pause-requested",
  "paused",
  "stopped",
  "opened",
  "closed",
  "untouched",
  "phase-done",
  "phase-undone",
]);

/** The last record, unless something was done after it. */
export function lastRecord(events: readonly RunEvent[]): (ShapeRecord & RunEvent) | null {
  for (const event of events.toReversed()) {
    if (event.kind === "shape") return event;
    if (!still.has(event.kind)) return null;
  }
  return null;
}

/** Who may read a table, and what is said of it, changes nothing that a run relies on. */
const harmless: ReadonlySet<string> = new Set(["grants", "comment", "owner"]);
const matters = ({ path }: Difference): boolean => !path.some((word, at) => at >= 2 && harmless.has(word));

export interface TableDrift {
  readonly tables: readonly string[];
  readonly lines: readonly string[];
}

/** What differs in the run's tables between the record and now; null: nothing that matters. */
export function tableDrift(record: ShapeRecord, schema: Schema, plan: Plan): TableDrift | null {
  const changed = Object.entries(tablesOf(schema, plan)).flatMap(([table, now]) => {
    const before = record.tables[table];
    if (before === undefined || before === now) return [];
    const found = differences(JSON.parse(before) as Json, JSON.parse(now) as Json).filter(matters);
    // What goes with a table needs no words of its own.
    const lines = schema.tables[table] === undefined ? [`table ${table}: is gone`] : found.map(describeDifference);
    return lines.length === 0 ? [] : [{ table, lines }];
  });
  return changed.length === 0 ? null : { tables: changed.map(({ table }) => table), lines: changed.flatMap(({ lines }) => lines) };
}
