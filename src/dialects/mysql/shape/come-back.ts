// The way back from retire: first the sync under a new generation, then every row that new code touched since, then the proof; only then old code.
import { keyOf } from "../../../schema/names.ts";
import type { StepCore } from "../../../step/step.ts";
import { quietStep } from "../core.ts";
import type { ShapeContext } from "./context.ts";
import { catchUp, dropPendingIndex, fillPass, verifySteps } from "./fill.ts";
import { createSteps, evidence, syncAt } from "./sync.ts";

export function comeBack(context: ShapeContext): readonly StepCore[] {
  const backward = syncAt(context, "switched", "backward");
  const forward = syncAt(context, "switched", "forward");
  const seen = evidence(context).create;
  const count: readonly StepCore[] =
    seen.length === 0
      ? []
      : [
          {
            ...quietStep({
              title: `count again what old code writes to ${keyOf(context.table.name)}`,
              why: "The triggers name the sequence.",
              statements: seen,
              probe: null,
              group: context.group,
            }),
            work: "instant",
          },
        ];
  return [
    ...count,
    ...createSteps(context, backward, "Sync first, under a new generation, so that no write is missed while the old columns are refilled."),
    ...fillPass(context, "switched", "backward"),
    ...catchUp(context, "switched", "backward"),
    ...createSteps(context, forward, "Every row is filled in this generation: from here on an unfilled row is filled forward, as before retire."),
    ...verifySteps(context, "switched"),
    ...dropPendingIndex(context),
  ];
}
