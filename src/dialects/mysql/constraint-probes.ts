// Conditions for probes: is this constraint there?
import type { ObjectName } from "../../schema/model.ts";
import { quoteLiteral } from "./quoting.ts";

export const foreignKeyIsThere = (table: ObjectName, name: string): string =>
  `exists (select 1 from information_schema.table_constraints where table_schema = ${quoteLiteral(table.schema)} and table_name = ${quoteLiteral(table.name)} and constraint_name = ${quoteLiteral(name)} and constraint_type = 'FOREIGN KEY')`;

/** A check that is a part of its column's definition bears the column's name. */
export const columnCheckIsThere = (table: ObjectName, name: string): string =>
  `exists (select 1 from information_schema.check_constraints where constraint_schema = ${quoteLiteral(table.schema)} and table_name = ${quoteLiteral(table.name)} and constraint_name = ${quoteLiteral(name)} and level = 'Column')`;
