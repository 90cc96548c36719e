// Pending rows, their values and their proof: the sync's own, and those of columns that come back without one.
import { ident, join, literal, raw, type Sql, sql } from "../../../sql/sql.ts";
import type { Link } from "../../../step/shape.ts";
import { needsFill } from "../../shape/columns.ts";
import { fillAssignments, pendingCondition, unfilledCondition } from "../sync/fill.ts";
import { badRows as judge } from "../sync/verify.ts";
import { leftOut, mustReturn, oldName, type Stage } from "./conditions.ts";
import type { ShapeContext } from "./context.ts";
import { syncInput } from "./sync.ts";

export type Direction = "forward" | "backward";

const syncStage = (stage: Stage): "expanded" | "switched" => (stage === "expanded" ? "expanded" : "switched");

/** Columns that leave, and that rows inserted since retire lack. */
const returning = (context: ShapeContext, direction: Direction): readonly Extract<Link, { kind: "leave" }>[] =>
  direction === "forward"
    ? []
    : context.shape.links.filter((link): link is Extract<Link, { kind: "leave" }> => link.kind === "leave" && mustReturn(context, link));

const either = (parts: readonly Sql[]): Sql | null =>
  parts.length === 0
    ? null
    : parts.length === 1
      ? (parts[0] ?? null)
      : join(
          parts.map((part) => sql`(${part})`),
          " or ",
        );

function condition(context: ShapeContext, stage: Stage, direction: Direction, make: typeof pendingCondition): Sql | null {
  const synced = context.shape.links.some(needsFill) ? [raw(make(syncInput(context, syncStage(stage), direction)))] : [];
  const back = returning(context, direction).map((link) => sql`${ident(oldName(link.old, stage))} is null`);
  return either([...synced.filter((part) => part.parts.every((each) => each.kind !== "text" || each.text !== "false")), ...back]);
}

/** Rows that a batch can fill. Null: there is nothing to fill. */
export const pending = (context: ShapeContext, stage: Stage, direction: Direction): Sql | null => condition(context, stage, direction, pendingCondition);

/** Rows that are not filled, whether or not they can be; immutable, for an index and for the switch. */
export const unfilled = (context: ShapeContext, stage: Stage, direction: Direction): Sql | null => condition(context, stage, direction, unfilledCondition);

export function fillSet(context: ShapeContext, stage: Stage, direction: Direction): readonly Sql[] {
  const synced = context.shape.links.some(needsFill)
    ? fillAssignments(syncInput(context, syncStage(stage), direction)).map(({ column, value }) => sql`${ident(column)} = ${raw(value)}`)
    : [];
  const back = returning(context, direction).map((link) => {
    const name = ident(oldName(link.old, stage));
    return sql`${name} = coalesce(${name}, ${leftOut(context, link) ?? raw("null")})`;
  });
  return [...synced, ...back];
}

/** What is wrong with a row, by the marker's word. */
export function badRows(context: ShapeContext, stage: Stage): { readonly where: Sql; readonly problem: Sql } | null {
  if (!context.shape.links.some(needsFill)) return null;
  const judged = judge(syncInput(context, syncStage(stage), "forward"));
  if (judged.length === 0) return null;
  const problems = judged.map(({ columns, problem }) => sql`${literal(`${columns.join(", ")}: `)} || (${raw(problem)})`);
  return {
    where: join(
      judged.map(({ problem }) => sql`(${raw(problem)}) is not null`),
      " or ",
    ),
    problem: problems.length === 1 ? (problems[0] ?? raw("null")) : sql`coalesce(${join(problems)})`,
  };
}
