// Columns that the server gives a value only as long as no trigger is there.
import type { Finding } from "../../../finding.ts";
import type { Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Shape } from "../../../step/shape.ts";
import { needsSync, originals } from "../../shape/columns.ts";
import { isEnum } from "../types.ts";

/**
 * In strict mode an ENUM that is NOT NULL without a default takes its first member where it is left out, and the statement fails with error
 * 1364 as soon as the table has any BEFORE INSERT trigger (MariaDB 10.11.19; no manual says so). Columns that leave get a default of ours.
 */
export function checkEnums(table: Table, shape: Shape): readonly Finding[] {
  if (!shape.links.some(needsSync) || table.triggers.some(({ timing, events }) => timing === "before" && events.includes("insert"))) return [];
  const leaving = new Set(originals(shape, table).map(({ column }) => column.name));
  return table.columns.flatMap(({ name, type, notNull, default: given, generated }): Finding[] => {
    if (!notNull || given !== null || generated || !isEnum(type) || leaving.has(name)) return [];
    return [
      {
        rule: "enum-without-default",
        severity: "refuse",
        acceptable: true,
        subject: { kind: "column", name: `${keyOf(table.name)}.${name}` },
        message: `${name} is NOT NULL without a default, and takes its first member where an INSERT leaves it out. From expand to retire the table has triggers, and then the server refuses such an INSERT in strict mode (error 1364).`,
        fix: `Give ${name} that default in an earlier migration: alter table … alter column ${name} set default …. Or accept the rule where every INSERT names ${name}.`,
      },
    ];
  });
}
