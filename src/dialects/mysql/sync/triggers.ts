// Names and places of our triggers.
import type { ObjectName } from "../../../schema/model.ts";
import { derivedName, hiddenPrefix } from "../../../schema/names.ts";
import type { Template } from "../../../step/step.ts";
import { quoteLiteral } from "../quoting.ts";

export type Event = "insert" | "update";

/**
 * Which body a trigger has. Where the server cannot replace a trigger in one statement each body has a name of its own: the next one is
 * created beside the one that stands, and only then that one is dropped, so that no write passes without a trigger.
 */
export type Turn = "expanded" | "switched" | "backward";
const suffixes: Readonly<Record<Turn, string>> = { expanded: "", switched: "_switched", backward: "_backward" };
const turns: readonly Turn[] = ["expanded", "switched", "backward"];

/** Unique in the database, as the server wants it: no two tables have one name. */
export const triggerName = (table: ObjectName, event: Event, turn: Turn = "expanded"): string =>
  derivedName([`${hiddenPrefix}sync_${event}${suffixes[turn]}`, table.name], 64);

/** All names that a trigger of ours may have on a server that can replace a trigger, or on one that cannot. */
export const triggerNames = (table: ObjectName, event: Event, replaces: boolean): readonly string[] =>
  (replaces ? turns.slice(0, 1) : turns).map((turn) => triggerName(table, event, turn));

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
      const names = triggerNames(table, event, false).map(quoteLiteral).join(", ");
      const rows = `information_schema.triggers where ${at} and event_manipulation = '${word}'`;
      const ours = (end: "min" | "max"): string => `(select ${end}(action_order) from ${rows} and trigger_name in (${names}))`;
      return [
        `select concat('the trigger ', ${name}, ' is gone') as problem from dual where not exists (select 1 from ${rows} and trigger_name in (${names}))`,
        `select concat('the trigger ', trigger_name, ' fires after ', ${name}) as problem from ${rows} and trigger_name not in (${names}) and action_order > ${ours("min")}`,
        ...(event === "update"
          ? [
              `select concat('the trigger ', trigger_name, ' fires before ', ${name}, ', and was made since the run began: drop it, go on, and make it again when the run is over') from ${rows} and trigger_name not in (${names}) and action_order < ${ours("max")}${before.length === 0 ? "" : ` and trigger_name not in (${before.map(quoteLiteral).join(", ")})`}`,
            ]
          : []),
      ].join(" union all ");
    })
    .join(" union all ");
}
