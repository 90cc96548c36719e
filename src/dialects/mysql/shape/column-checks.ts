// A check that is a part of its column's definition: whoever writes the definition writes it too, or it is gone.
import type { Table } from "../../../schema/model.ts";
import type { NewColumn } from "../../../step/shape.ts";
import { type Renames, renameInExpression } from "../../../syntax/mysql/rename.ts";
import { successors } from "../../shape/columns.ts";
import { ownCheck } from "../carry/constraints.ts";
import type { ShapeContext } from "./context.ts";

/** Stands behind the column's definition, with the names of that time; empty where it has none. */
export function checkText(table: Table, column: string, renames: Renames): string {
  const check = ownCheck(table, column);
  return check ? ` ${renameInExpression(check.definition, renames)}` : "";
}

/** What a check says, without its word: an expression in parentheses. */
export const expressionOf = (text: string): string => text.trim().replace(/^check\s*/i, "");

/** The check that a new column takes over from the old one whose place it takes, under the names of a stage; empty where there is none. */
export function carriedCheck(context: ShapeContext, fresh: NewColumn, stage: "expanded" | "switched" = "switched"): string {
  const next = [...successors(context.shape, context.table)];
  const from = next.find(([old, to]) => to === fresh && context.analysis.carriedChecks.has(old))?.[0];
  if (from === undefined) return "";
  const renames = new Map(next.flatMap(([old, to]) => (to ? [[old, stage === "expanded" ? to.hidden : to.spec.name] as const] : [])));
  return checkText(context.table, from, renames);
}
