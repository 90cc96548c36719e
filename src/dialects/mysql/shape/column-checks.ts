// A check that is a part of its column's definition: whoever writes the definition writes it too, or it is gone.
import type { Table } from "../../../schema/model.ts";
import { type Renames, renameInExpression } from "../../../syntax/mysql/rename.ts";
import { ownCheck } from "../carry/constraints.ts";

/** Stands behind the column's definition, with the names of that time; empty where it has none. */
export function checkText(table: Table, column: string, renames: Renames): string {
  const check = ownCheck(table, column);
  return check ? ` ${renameInExpression(check.definition, renames)}` : "";
}
