// Why a proof of an open run could not be asked: somebody took its table away, or a column of it.
import type { Problem } from "../problem.ts";
import { keyOf } from "../schema/names.ts";
import { fold, isUntouched } from "../store/fold.ts";
import type { Parts } from "./parts.ts";
import { notToCompare } from "./problems.ts";
import { lastRecord, tableDrift } from "./shape-record.ts";
import type { Stored } from "./view.ts";

/** @param several more than one run is open, so commands must name theirs. @returns `table-changed`; null where it was something else. */
export async function comparedGone({ ask, driver, store }: Parts, { header, plan, events }: Stored, error: unknown, several: boolean): Promise<Problem | null> {
  if (!driver.isMissing(error)) return null;
  // Whoever drives the run may have taken it away meanwhile.
  if ((await ask((session) => store.events(session, header.id))).length > events.length) return null;
  const schema = await ask((session) => driver.introspect(session));
  const gone = plan.tables.map(keyOf).filter((key) => schema.tables[key] === undefined);
  const record = lastRecord(events);
  const drift = record === null ? null : tableDrift(record, schema, plan);
  const named = several ? ` ${header.id}` : "";
  const told = (tables: readonly string[], lines: readonly string[]): Problem =>
    notToCompare(tables, lines, `hotstick verify${named}`, `hotstick rollback${named} --accept-drift`);
  if (drift !== null) return told(drift.tables, drift.lines);
  if (gone.length > 0)
    return told(
      gone,
      gone.map((key) => `table ${key}: is gone`),
    );
  // Retire itself takes away what is compared, so there the server's words are no proof of somebody else.
  const state = fold(events);
  const retires = plan.steps.some(({ phase, id }) => phase === "retire" && !isUntouched(state, id));
  return retires ? null : told(plan.tables.map(keyOf), [driver.describe(error)]);
}
