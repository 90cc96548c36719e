// Triggers, with the place of each among those of the same timing and event.
import type { Trigger } from "../../../schema/model.ts";
import { family, fields } from "./family.ts";
import * as write from "./text.ts";

interface TriggerRow {
  readonly trigger_name: string;
  readonly event_object_table: string;
  readonly event_manipulation: string;
  readonly action_timing: string;
  readonly action_order: number | string;
  /** With the definer null where the account has rights on the table, and TRIGGER is not among them. */
  readonly action_statement: string | null;
  readonly definer: string | null;
  readonly sql_mode: string;
  readonly character_set_client: string;
  readonly collation_connection: string;
  readonly database_collation: string;
}

const query = (): string =>
  `select ${fields("trigger_name", "event_object_table", "event_manipulation", "action_timing", "action_order", "action_statement", "definer", "sql_mode", "character_set_client", "collation_connection", "database_collation")}
  from information_schema.triggers where trigger_schema = database()`;

const timings = { BEFORE: "before", AFTER: "after" } as const;
const events = { INSERT: "insert", UPDATE: "update", DELETE: "delete" } as const;
const member = <T>(map: Readonly<Record<string, T>>, key: string): T => {
  const found = map[key];
  if (found === undefined) throw new Error(`the server has a trigger for ${key}, which is not known`);
  return found;
};

/** What a body was created under; it goes on under that, whoever runs it. */
export const settingsOf = (row: {
  readonly sql_mode: string;
  readonly character_set_client: string;
  readonly collation_connection: string;
  readonly database_collation: string;
}): Readonly<Record<string, string>> => ({
  "sql mode": row.sql_mode,
  "character set client": row.character_set_client,
  "collation connection": row.collation_connection,
  "database collation": row.database_collation,
});

export const triggers = family<TriggerRow>(query, (draft, row) => {
  const { definer, action_statement: body } = row;
  if (definer === null || body === null) {
    draft.unmodelled.push({ kind: "trigger whose text may not be read", name: row.trigger_name, tables: [draft.nameOf(row.event_object_table)] });
    return;
  }
  const trigger: Trigger = {
    name: row.trigger_name,
    definition: `CREATE DEFINER=${write.account(definer)} TRIGGER ${write.name(row.trigger_name)} ${row.action_timing} ${row.event_manipulation} ON ${write.name(row.event_object_table)} FOR EACH ROW ${body}`,
    timing: member<Trigger["timing"]>(timings, row.action_timing),
    events: [member<Trigger["events"][number]>(events, row.event_manipulation)],
    forEach: "row",
    updateOf: [],
    function: draft.nameOf(row.trigger_name),
    enabled: "origin",
    inherited: false,
    comment: null,
    order: Number(row.action_order),
    owner: draft.shared(definer),
    attributes: settingsOf(row),
  };
  draft.tableOf(row.event_object_table)?.triggers.push(trigger);
});
