// The way back from retire: first the sync under a new generation, then every row that new code touched since, then the proof; only then old code.
import { keyOf } from "../../../schema/names.ts";
import type { Lock, StepCore } from "../../../step/step.ts";
import { catalogStep } from "../core.ts";
import type { ShapeContext } from "./context.ts";
import { catchUp, dropPendingIndex, fillPass, verifySteps } from "./fill.ts";
import { unfilled } from "./links.ts";
import type { NewShape } from "./new-shape.ts";
import type { OldShape } from "./old-shape.ts";
import { holdMs } from "./open.ts";
import { evidence, syncAt } from "./sync.ts";

export interface WayBack {
  readonly locks: readonly Lock[];
  readonly old: OldShape;
  readonly fresh: NewShape;
  /** Gives the old columns the names that they had from switch on. */
  readonly unretire: readonly string[];
}

export function comeBack(context: ShapeContext, way: WayBack): readonly StepCore[] {
  const backward = syncAt(context, "switched", "backward");
  const forward = syncAt(context, "switched", "forward");
  const begin = catalogStep({
    title: `the old shape of ${keyOf(context.table.name)} is kept in step again`,
    why: "Sync first, under a new generation, so that no write is missed while the old columns are refilled.",
    locks: way.locks,
    statements: [...way.unretire, ...way.fresh.detach, ...way.old.begin, ...evidence(context).create, ...backward.create],
    estimate: { holdMs: holdMs(context.size.partitions) },
    group: context.group,
  });
  const turn = catalogStep({
    title: `both shapes of ${keyOf(context.table.name)} are whole again`,
    why: "Every row is filled in this generation: from here on an unfilled row is filled forward, as before retire.",
    locks: way.locks.slice(0, 1),
    statements: [...backward.drop, ...forward.create],
    estimate: { holdMs: holdMs(context.size.partitions) },
    group: context.group,
  });
  return [
    begin,
    ...fillPass(context, "switched", "backward"),
    ...catchUp(context, "switched", "backward"),
    ...(backward.create.length === 0 ? [] : [turn]),
    ...way.old.restore,
    ...verifySteps(context, "switched"),
    // Where going forward again asks for no such index, nothing else would drop it.
    ...(unfilled(context, "switched", "forward") || !unfilled(context, "switched", "backward") ? [] : dropPendingIndex(context)),
  ];
}
