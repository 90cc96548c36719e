// hotstick advance: the next phase of an open run.
import type { RunResult } from "../../app/contract.ts";
import { acceptDrift, accepted, type Command, first, nothingRun, oldCodeIsGone, runArgument } from "../command.ts";
import { runText } from "../render/result.ts";

export const advance: Command<RunResult> = {
  name: "advance",
  summary: "take an open run through its next phase",
  arguments: [runArgument],
  options: [oldCodeIsGone, acceptDrift],
  interrupt: "pause",
  empty: nothingRun,
  run: async (context, args, { useCase }) => (await useCase("advance"))(context, { ...first(args, "run"), ...accepted(args) }),
  text: (result, style) => runText(result, style, "No run is open."),
};
