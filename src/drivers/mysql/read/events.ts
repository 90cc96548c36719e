// Events: what the server runs by itself.
import type { ScheduledEvent } from "../../../schema/model.ts";
import { family, fields, textOrNull } from "./family.ts";
import * as write from "./text.ts";
import { settingsOf } from "./triggers.ts";

interface EventRow {
  readonly event_name: string;
  readonly definer: string;
  readonly time_zone: string;
  readonly event_definition: string;
  readonly event_type: string;
  readonly execute_at: string | null;
  readonly interval_value: string | null;
  readonly interval_field: string | null;
  readonly starts: string | null;
  readonly ends: string | null;
  readonly status: string;
  readonly on_completion: string;
  readonly event_comment: string;
  readonly sql_mode: string;
  readonly character_set_client: string;
  readonly collation_connection: string;
  readonly database_collation: string;
}

const query = (): string =>
  `select ${fields("event_name", "definer", "time_zone", "event_definition", "event_type", "execute_at", "interval_value", "interval_field", "starts", "ends", "status", "on_completion", "event_comment", "sql_mode", "character_set_client", "collation_connection", "database_collation")}
  from information_schema.events where event_schema = database()`;

function schedule(row: EventRow): string {
  if (row.event_type === "ONE TIME") return `AT ${write.string(row.execute_at ?? "")}`;
  const value = /^\d+$/.test(row.interval_value ?? "") ? (row.interval_value ?? "") : write.string(row.interval_value ?? "");
  const bound = (word: string, time: string | null): string => (time === null ? "" : ` ${word} ${write.string(time)}`);
  return `EVERY ${value} ${row.interval_field ?? ""}${bound("STARTS", row.starts)}${bound("ENDS", row.ends)}`;
}

/** `SLAVESIDE_DISABLED` on a replica; MySQL calls it REPLICA_SIDE_DISABLED since 8.2. */
const state = (status: string): string => (status === "ENABLED" ? "ENABLE" : status === "DISABLED" ? "DISABLE" : "DISABLE ON SLAVE");

export const events = family<EventRow>(query, (draft, row) => {
  const event: ScheduledEvent = {
    name: draft.nameOf(row.event_name),
    definition: `CREATE DEFINER=${write.account(row.definer)} EVENT ${write.name(row.event_name)} ON SCHEDULE ${schedule(row)} ON COMPLETION ${row.on_completion} ${state(row.status)}${write.comment(row.event_comment)} DO ${row.event_definition}`,
    body: row.event_definition,
    enabled: row.status === "ENABLED",
    owner: draft.shared(row.definer),
    comment: textOrNull(row.event_comment),
    attributes: { "time zone": row.time_zone, ...settingsOf(row) },
  };
  draft.events.push(event);
});
