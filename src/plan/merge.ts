// All shapes that one run lays on one table become one shape, so that one sync keeps every version equal.
import type { DraftContext } from "../dialects/dialect.ts";
import type { Facts } from "../schema/facts.ts";
import type { Schema } from "../schema/model.ts";
import { keyOf } from "../schema/names.ts";
import type { Change } from "../step/change.ts";
import type { Phase } from "../step/phase.ts";
import { phases } from "../step/phase.ts";
import type { Shape } from "../step/shape.ts";
import type { Asked } from "./interpret.ts";
import type { IsMade } from "./tables-made.ts";

/** A change of the plan: perhaps asked for by several migrations. */
export interface Merged {
  readonly phase: Phase;
  readonly change: Change;
  readonly migrations: readonly string[];
  /** As if everything before it were complete; for a shape: as before its first operation. */
  readonly before: Schema;
  readonly made: IsMade;
  readonly earlier: readonly string[];
}

type ShapeChange = Extract<Change, { readonly shape: Shape }>;
const isShape = (change: Change): change is ShapeChange => "shape" in change;

const touched = (change: Change): string | null => (isShape(change) ? keyOf(change.shape.table) : "table" in change ? keyOf(change.table) : null);

function one(asked: readonly Asked[]): Merged {
  const [first] = asked;
  if (!first || !isShape(first.change)) throw new TypeError("a merged shape needs a shape");
  const links = asked.flatMap((each) => (isShape(each.change) ? each.change.shape.links : []));
  return {
    phase: first.phase,
    change: { ...first.change, shape: { table: first.change.shape.table, links } },
    migrations: [...new Set(asked.map((each) => each.migration))],
    before: first.before,
    made: first.made,
    earlier: first.earlier,
  };
}

const alone = ({ phase, change, migration, before, made, earlier }: Asked): Merged => ({ phase, change, migrations: [migration], before, made, earlier });

/** What a dialect is told beside a change. */
export const contextOf = ({ before, made, earlier }: Merged, facts: Facts, accepts: DraftContext["accepts"]): DraftContext => ({
  schema: before,
  made,
  earlier,
  facts,
  accepts,
});

/** What a shape may build on, and what cannot name the columns that it makes. */
const mustStandFirst = (change: Change, afterShape: boolean): boolean =>
  change.kind === "create-table" || (change.kind === "add-column" && (change.column.generated === undefined || !afterShape));

/**
 * Changes by phase, in the order of their operations; the shapes of one table stand where the last of them was asked for,
 * and what else a phase does to that table comes after them, since it may name their columns; but for plain columns, which their
 * expressions may name.
 */
export function merge(changes: readonly Asked[]): readonly Merged[] {
  const merged: Merged[] = [];
  for (const phase of phases) {
    const inPhase = changes.filter((asked) => asked.phase === phase);
    const waiting = new Map<string, Asked[]>();
    const left = new Map<string, number>();
    for (const asked of inPhase) if (isShape(asked.change)) left.set(keyOf(asked.change.shape.table), (left.get(keyOf(asked.change.shape.table)) ?? 0) + 1);
    const shapes = new Map<string, Asked[]>();
    for (const asked of inPhase) {
      const table = touched(asked.change);
      if (table !== null && isShape(asked.change)) {
        const all = [...(shapes.get(table) ?? []), asked];
        shapes.set(table, all);
        if (all.length < (left.get(table) ?? 0)) continue;
        merged.push(one(all));
        merged.push(...(waiting.get(table) ?? []).map(alone));
        waiting.delete(table);
        continue;
      }
      const shapesToCome = table !== null && (shapes.get(table)?.length ?? 0) < (left.get(table) ?? 0);
      if (table !== null && shapesToCome && !mustStandFirst(asked.change, shapes.has(table))) waiting.set(table, [...(waiting.get(table) ?? []), asked]);
      else merged.push(alone(asked));
    }
  }
  return merged;
}
