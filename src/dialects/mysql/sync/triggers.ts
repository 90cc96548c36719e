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
 * later fires later; one that is created anew is the last.
 * @see https://mariadb.com/kb/en/trigger-overview/
 */
export function placeQuery(table: ObjectName, events: readonly Event[]): Template {
  const at = `event_object_schema = ${quoteLiteral(table.schema)} and event_object_table = ${quoteLiteral(table.name)} and action_timing = 'BEFORE'`;
  return events
    .map((event) => {
      const [word, name] = [event.toUpperCase(), quoteLiteral(triggerName(table, event))];
      const rows = `information_schema.triggers where ${at} and event_manipulation = '${word}'`;
      const ours = `(select action_order from ${rows} and trigger_name = ${name})`;
      return [
        `select concat('the trigger ', ${name}, ' is gone') as problem from dual where not exists (select 1 from ${rows} and trigger_name = ${name})`,
        `select concat('the trigger ', trigger_name, ' fires after ', ${name}) as problem from ${rows} and action_order > ${ours}`,
      ].join(" union all ");
    })
    .join(" union all ");
}
