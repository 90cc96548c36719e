// The conditions and assignments of a shape at a stage: which rows are pending, how they are filled, which are wrong.
import { findColumn } from "../../../schema/edit.ts";
import { raw, type Sql } from "../../../sql/sql.ts";
import type { Link, NewColumn, OldColumn } from "../../../step/shape.ts";
import type { ShapeContext } from "./context.ts";

/** `expanded`: until switch. `switched`: until retire. `retired`: until drop. */
export type Stage = "expanded" | "switched" | "retired";

export const oldName = (old: OldColumn, stage: Stage): string => (stage === "expanded" ? old.name : stage === "switched" ? old.parked : old.retired);
export const newName = (column: NewColumn, stage: Stage): string => (stage === "expanded" ? column.hidden : column.spec.name);

/** What a column that leaves holds where new code left it out: the migration's own word, else its default. */
export function leftOut(context: ShapeContext, link: Extract<Link, { kind: "leave" }>): Sql | null {
  if (link.supply) return raw(`(${link.supply.qualified})`);
  const column = findColumn(context.table, link.old.name);
  return column?.default ? raw(`(${column.default})`) : null;
}

/** True where a column that leaves must not hold NULL when old code comes back. */
export const mustReturn = (context: ShapeContext, link: Extract<Link, { kind: "leave" }>): boolean =>
  findColumn(context.table, link.old.name)?.notNull === true && leftOut(context, link) !== null;
