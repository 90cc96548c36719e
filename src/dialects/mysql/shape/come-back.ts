// The way back from retire: first the sync under a new generation, then every row that new code touched since, then the proof; only then old code.
import type { StepCore } from "../../../step/step.ts";
import type { ShapeContext } from "./context.ts";
import { catchUp, dropPendingIndex, fillPass, verifySteps } from "./fill.ts";
import { createSteps, syncAt } from "./sync.ts";

export function comeBack(context: ShapeContext): readonly StepCore[] {
  const backward = syncAt(context, "switched", "backward");
  const forward = syncAt(context, "switched", "forward");
  return [
    ...createSteps(context, backward, "Sync first, under a new generation, so that no write is missed while the old columns are refilled."),
    ...fillPass(context, "switched", "backward"),
    ...catchUp(context, "switched", "backward"),
    ...createSteps(context, forward, "Every row is filled in this generation: from here on an unfilled row is filled forward, as before retire."),
    ...verifySteps(context, "switched"),
    ...dropPendingIndex(context),
  ];
}
