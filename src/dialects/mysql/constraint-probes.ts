// Conditions for probes: is this constraint there?
import type { ObjectName } from "../../schema/model.ts";
import { quoteLiteral, quoteName } from "./quoting.ts";

const isThere = (table: ObjectName, name: string, type: string): string =>
  `exists (select 1 from information_schema.table_constraints where table_schema = ${quoteLiteral(table.schema)} and table_name = ${quoteLiteral(table.name)} and constraint_name = ${quoteLiteral(name)} and constraint_type = '${type}')`;

export const foreignKeyIsThere = (table: ObjectName, name: string): string => isThere(table, name, "FOREIGN KEY");

/** A check of the table, by its name. */
export const checkIsThere = (table: ObjectName, name: string): string => isThere(table, name, "CHECK");

/**
 * A check that is a part of its column's definition. The server goes on to call it by the name that the column had before RENAME COLUMN, so it
 * is known by what it says.
 * @param names whether it names its column, as nearly all do.
 */
export const columnCheckIsThere = (table: ObjectName, column: string, names: boolean): string =>
  `exists (select 1 from information_schema.check_constraints where constraint_schema = ${quoteLiteral(table.schema)} and table_name = ${quoteLiteral(table.name)} and ${names ? `locate(${quoteLiteral(quoteName([column]))}, check_clause) > 0` : `constraint_name = ${quoteLiteral(column)}`} and level = 'Column')`;
