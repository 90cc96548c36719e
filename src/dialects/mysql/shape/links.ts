// Pending rows, their values and their proof: the sync's own, and those of columns that come back without one.

import { markers, needsFill } from "../../shape/columns.ts";
import { quoteLiteral } from "../quoting.ts";
import { type FillWay, fillAssignments, pendingCondition, unfilledCondition } from "../sync/fill.ts";
import { pendingRanges } from "../sync/marker.ts";
import { badRows as judge } from "../sync/verify.ts";
import { isNotLiteral } from "../types.ts";
import { column } from "../writing.ts";
import type { ShapeContext } from "./context.ts";
import { syncInput } from "./sync.ts";

export type Stage = "expanded" | "switched";
export type Direction = "forward" | "backward";

interface Returning {
  readonly name: string;
  readonly absent: string;
  readonly value: string;
}

/** Columns that leave, and that rows inserted since retire lack. */
const returning = (context: ShapeContext, direction: Direction): readonly Returning[] =>
  direction === "forward"
    ? []
    : context.shape.links.flatMap((link): Returning[] => {
        if (link.kind !== "leave" || !link.supply) return [];
        const known = context.table.columns.find(({ name }) => name === link.old.name);
        const standIn = context.standIns[link.old.name];
        if (!known?.notNull || standIn === undefined) return [];
        const name = column(link.old.parked);
        return [
          {
            name: link.old.parked,
            absent: `not ${isNotLiteral(known.type, name, standIn)}`,
            value: syncInput(context, "switched", "backward").rewrite(link.supply.qualified, (of) => column(of)),
          },
        ];
      });

const either = (parts: readonly string[]): string | null => (parts.length === 0 ? null : parts.map((part) => `(${part})`).join(" or "));

function condition(context: ShapeContext, stage: Stage, direction: Direction, make: typeof pendingCondition): string | null {
  const synced = context.shape.links.some(needsFill) ? [make(syncInput(context, stage, direction))] : [];
  return either([...synced.filter((part) => part !== "false"), ...returning(context, direction).map(({ absent }) => absent)]);
}

/** Rows that a batch can fill. Null: there is nothing to fill. */
export const pending = (context: ShapeContext, stage: Stage, direction: Direction): string | null => condition(context, stage, direction, pendingCondition);

/** Rows that are not filled, whether or not they can be. */
export const unfilled = (context: ShapeContext, stage: Stage, direction: Direction): string | null => condition(context, stage, direction, unfilledCondition);

/**
 * The rows among which those not filled are, as ranges of the markers' indexes. Null where a link has none: its rows are told by comparing
 * two columns, which no index can hold.
 */
export function byMarker(context: ShapeContext): string | null {
  const { shape } = context;
  if (shape.links.some((link) => needsFill(link) && link.kind !== "transform")) return null;
  return either(markers(shape).map((marker) => pendingRanges(marker, column)));
}

/** @param way what a batch computes by itself; see `fillAssignments`. */
export function fillSet(context: ShapeContext, stage: Stage, direction: Direction, way: FillWay): string {
  const synced = context.shape.links.some(needsFill) ? fillAssignments(syncInput(context, stage, direction), way) : [];
  const back = returning(context, direction).map(({ name, absent, value }) => ({ column: name, value: `if(${absent}, ${value}, ${column(name)})` }));
  return [...synced, ...back].map((each) => `${column(each.column)} = ${each.value}`).join(", ");
}

/** What is wrong with a row, by the marker's word. */
export function badRows(context: ShapeContext, stage: Stage): { readonly where: string; readonly problem: string } | null {
  if (!context.shape.links.some(needsFill)) return null;
  const judged = judge(syncInput(context, stage, "forward"));
  if (judged.length === 0) return null;
  const problems = judged.map(({ columns, problem }) => `concat(${quoteLiteral(`${columns.join(", ")}: `)}, ${problem})`);
  return {
    where: judged.map(({ problem }) => `(${problem}) is not null`).join(" or "),
    problem: problems.length === 1 ? (problems[0] ?? "null") : `coalesce(${problems.join(", ")})`,
  };
}
