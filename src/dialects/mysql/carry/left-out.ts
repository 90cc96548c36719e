// Old columns that new code cannot leave out of every statement, though a trigger gives them a value.
import type { Finding } from "../../../finding.ts";
import type { Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Shape } from "../../../step/shape.ts";
import { originals } from "../../shape/columns.ts";
import { isMariadb } from "../capabilities.ts";
import { isEnum } from "../types.ts";

/**
 * MariaDB asks INSERT … SELECT for a default before any trigger fires; of an ENUM it takes the first member, and MySQL asks the trigger first
 * (test/scenario/mysql-sync/inserts.test.ts, MariaDB 10.11.19 and MySQL 9.7.4).
 * @param standIns what stands for "not given" in old columns.
 */
export function checkLeftOut(table: Table, shape: Shape, version: number, standIns: Readonly<Record<string, string>>): readonly Finding[] {
  if (!isMariadb(version)) return [];
  return originals(shape, table).flatMap(({ column }): Finding[] => {
    const { name, type } = column;
    if (!column.notNull || column.default !== null || column.identity || column.generated || isEnum(type) || standIns[name] !== undefined) return [];
    return [
      {
        rule: "no-default",
        severity: "warn",
        subject: { kind: "column", name: `${keyOf(table.name)}.${name}` },
        message: `${name} is NOT NULL without a default, and ${type} has no value to spare that could stand for one: until retire INSERT … SELECT fails where it leaves ${name} out, as new code does (error 1364). INSERT … VALUES does not.`,
        fix: `Where new code inserts so, give ${name} a default in an earlier migration, and take it away when the run is complete: alter table … alter column ${name} set default ….`,
      },
    ];
  });
}
