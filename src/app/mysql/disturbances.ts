// Triggers fire in the order of their making here, whatever their names are: ours have to be there, and the last.
import { quoteLiteral, quoteName } from "../../dialects/mysql/quoting.ts";
import { type Event, triggerNames } from "../../dialects/mysql/sync/triggers.ts";
import type { Row, Session } from "../../drivers/driver.ts";
import type { ObjectName } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import type { Template } from "../../step/step.ts";
import type { Disturbance, DisturbancesRequest } from "../engine.ts";
import { lost, unheard } from "../sync-lost.ts";

interface Fired {
  readonly name: string;
  readonly event: Event;
  readonly place: number;
  /** Made since the run began. */
  readonly recent: boolean;
}

/** With constants only, the server opens no other table's triggers. */
const firedBefore = (table: ObjectName, since: string): string => `
  select trigger_name as name, lower(event_manipulation) as event, action_order as place,
    coalesce(unix_timestamp(created) > ${(Date.parse(since) / 1000).toFixed(3)}, 0) as recent
  from information_schema.triggers where event_object_schema = ${quoteLiteral(table.schema)} and event_object_table = ${quoteLiteral(table.name)}
    and action_timing = 'BEFORE' and event_manipulation in ('INSERT', 'UPDATE') order by action_order`;

const firedOf = (row: Row): Fired => ({
  name: String(row["name"]),
  event: row["event"] === "update" ? "update" : "insert",
  place: Number(row["place"]),
  recent: Number(row["recent"]) === 1,
});

const isLaid = (laid: readonly Template[], table: ObjectName, names: readonly string[]): boolean =>
  laid.some((text) => text.startsWith("create ") && names.some((name) => text.includes(` ${quoteName([table.schema, name])} before `)));

function ofTable(table: ObjectName, rows: readonly Fired[], laid: readonly Template[]): readonly Disturbance[] {
  return (["update", "insert"] as const).flatMap((event): readonly Disturbance[] => {
    const names = triggerNames(table, event, false);
    if (!isLaid(laid, table, names)) return [];
    const all = rows.filter((row) => row.event === event);
    const ours = all.filter(({ name }) => names.includes(name));
    const [first, last] = [ours[0], ours.at(-1)];
    if (first === undefined || last === undefined) return [lost(names[0] ?? "", keyOf(table), event)];
    const drop = (name: string): string => `drop trigger ${quoteName([table.schema, name])}; and make it again when the run is over.`;
    return all.flatMap(({ name, place, recent }): readonly Disturbance[] => {
      if (names.includes(name)) return [];
      if (place > first.place) return [unheard(name, keyOf(table), first.name, drop(name))];
      // A batch has computed from what it read, and this one would change that: the sync was made for the triggers that stood before.
      if (event === "insert" || !recent) return [];
      return [
        {
          trigger: `${keyOf(table)}.${name}`,
          message: `The trigger ${name} was made since the run began and fires before ${first.name}: it can change a row that a batch has just computed.`,
          fix: drop(name),
        },
      ];
    });
  });
}

export async function disturbances(session: Session, { tables, laid, since }: DisturbancesRequest): Promise<readonly Disturbance[]> {
  if (tables.length === 0) return [];
  const results = await session.script(tables.map((table) => firedBefore(table, since)));
  return tables.flatMap((table, i) => ofTable(table, (results[i] ?? []).map(firedOf), laid));
}
