// hotstick resume: goes on with a run that was paused or interrupted, in its own direction.
import type { RunResult } from "../../app/contract.ts";
import { acceptDrift, accepted, type Command, first, nothingRun, oldCodeIsGone, runArgument } from "../command.ts";
import { runText } from "../render/result.ts";

export const resume: Command<RunResult> = {
  name: "resume",
  summary: "go on with a run that was paused, interrupted or stopped",
  arguments: [runArgument],
  options: [oldCodeIsGone, acceptDrift],
  interrupt: "pause",
  empty: nothingRun,
  run: async (context, args, { useCase }) => (await useCase("resume"))(context, { ...first(args, "run"), ...accepted(args) }),
  text: (result, style) => runText(result, style, "No run is open."),
};
