// Names and places of our triggers.
import type { ObjectName } from "../../../schema/model.ts";
import { derivedName, hiddenPrefix } from "../../../schema/names.ts";
import type { Template } from "../../../step/step.ts";
import { quoteLiteral } from "../quoting.ts";

export type Event = "insert" | "update";

/** Unique in the database, as the server wants it: no two tables have one name. */
export const triggerName = (table: ObjectName, event: Event): string => derivedName([`${hiddenPrefix}sync_${event}`, table.name], 64);

/**
 * Selects a `problem` for each of these triggers that is not there, or after which another one changes the row. A trigger that is created
 * later fires later; one that is created anew is the last. One created later with PRECEDES changes rows behind a batch that has read them.
 * @param before BEFORE UPDATE triggers that the sync was made for.
 * @see https://mariadb.com/kb/en/trigger-overview/
 */
export function placeQuery(table: ObjectName, events: readonly Event[], before: readonly string[]): Template {
  const at = `event_object_schema = ${quoteLiteral(table.schema)} and event_object_table = ${quoteLiteral(table.name)} and action_timing = 'BEFORE'`;
  return events
    .map((event) => {
      const [word, name] = [event.toUpperCase(), quoteLiteral(triggerName(table, event))];
      const rows = `information_schema.triggers where ${at} and event_manipulation = '${word}'`;
      const ours = `(select action_order from ${rows} and trigger_name = ${name})`;
      return [
        `select concat('the trigger ', ${name}, ' is gone') as problem from dual where not exists (select 1 from ${rows} and trigger_name = ${name})`,
        `select concat('the trigger ', trigger_name, ' fires after ', ${name}) as problem from ${rows} and action_order > ${ours}`,
        ...(event === "update"
          ? [
              `select concat('the trigger ', trigger_name, ' fires before ', ${name}, ', and was made since the run began: drop it, go on, and make it again when the run is over') from ${rows} and action_order < ${ours}${before.length === 0 ? "" : ` and trigger_name not in (${before.map(quoteLiteral).join(", ")})`}`,
            ]
          : []),
      ].join(" union all ");
    })
    .join(" union all ");
}
