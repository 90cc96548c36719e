// Views, triggers, routines and events that name a column which leaves: the server renames in none of them.
import type { Finding } from "../../../finding.ts";
import type { Schema, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import { names, refuse } from "./refusals.ts";

/** Objects beside the table that name it, or columns of it: the server renames in none of them. */
export function checkSurroundings(schema: Schema, table: Table, leaving: readonly string[]): readonly Finding[] {
  if (leaving.length === 0) return [];
  const name = keyOf(table.name);
  const list = leaving.join(", ");
  const findings: Finding[] = [];
  for (const view of Object.values(schema.views))
    if (
      view.uses.some((use) => keyOf(use.name) === name && (use.columns.length === 0 || use.columns.some((column) => leaving.includes(column)))) ||
      (names(view.definition, [table.name.name]) && names(view.definition, leaving))
    )
      findings.push(
        refuse(
          "dependent-view",
          "view",
          keyOf(view.name),
          `View ${keyOf(view.name)} reads ${list} of ${name}, and would fail when the column is gone.`,
          "Drop the view in an earlier migration, and create it anew over the new columns in a later one.",
        ),
      );
  for (const trigger of table.triggers)
    if (names(trigger.definition, leaving))
      findings.push(
        refuse(
          "dependent-trigger",
          "trigger",
          trigger.name,
          `Trigger ${trigger.name} of ${name} names ${list}; the server would let the column go, and fail writers later.`,
          "Replace the trigger by one without the column in an earlier migration.",
        ),
      );
  for (const other of Object.values(schema.tables))
    if (keyOf(other.name) !== name)
      for (const trigger of other.triggers)
        if (names(trigger.definition, [table.name.name]) && names(trigger.definition, leaving))
          findings.push(
            refuse(
              "dependent-trigger",
              "trigger",
              trigger.name,
              `Trigger ${trigger.name} of ${keyOf(other.name)} names ${list} of ${name}.`,
              "Replace the trigger by one without the column in an earlier migration.",
            ),
          );
  for (const routine of Object.values(schema.routines))
    if (routine.body !== null && names(routine.body, [table.name.name]) && names(routine.body, leaving))
      findings.push(
        refuse(
          "dependent-routine",
          "routine",
          keyOf(routine.name),
          `${keyOf(routine.name)} names ${list} of ${name}.`,
          "Replace the routine by one that does not name the column, in an earlier migration.",
        ),
      );
  for (const event of Object.values(schema.events ?? {}))
    if (names(event.body, [table.name.name]) && names(event.body, leaving))
      findings.push(
        refuse(
          "dependent-routine",
          "event",
          keyOf(event.name),
          `Event ${keyOf(event.name)} names ${list} of ${name}.`,
          "Replace the event by one that does not name the column, in an earlier migration.",
        ),
      );
  for (const thing of schema.unmodelled.filter((other) => other.tables.some((on) => keyOf(on) === name)))
    findings.push(
      refuse(
        "unmodelled-dependant",
        thing.kind,
        thing.name,
        `${thing.kind} ${thing.name} hangs on ${name}, and is of a kind that is not understood here.`,
        "Drop it first, and make it anew when the run is complete.",
      ),
    );
  return findings;
}
