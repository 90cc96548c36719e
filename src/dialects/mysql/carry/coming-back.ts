// Columns that come back without what `down` says for some of their rows.
import type { Finding } from "../../../finding.ts";
import type { Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Shape } from "../../../step/shape.ts";

/**
 * From retire on no trigger gives a leaving column its value; whether a row was inserted since is told by the value that stands for "not given".
 * @param standIns those values, by column.
 */
export function checkComingBack(table: Table, shape: Shape, standIns: Readonly<Record<string, string>>): readonly Finding[] {
  return shape.links.flatMap((link): Finding[] => {
    if (link.kind !== "leave" || link.supply === null) return [];
    const column = table.columns.find(({ name }) => name === link.old.name);
    if (column === undefined || (column.notNull && standIns[column.name] !== undefined)) return [];
    return [
      {
        rule: "down-until-retire",
        severity: "warn",
        subject: { kind: "column", name: `${keyOf(table.name)}.${column.name}` },
        message: `Rows that new code inserts from retire on hold ${column.notNull ? `the first value of ${column.type}` : "NULL"} in ${column.name} if this is rolled back or undone, not what down says: nothing in them tells that it is missing.`,
        fix: `Go back before retire; or correct those rows afterwards, by their keys.`,
      },
    ];
  });
}
