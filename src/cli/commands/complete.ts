// hotstick complete: an open run to its end.
import type { RunResult } from "../../app/contract.ts";
import { acceptDrift, accepted, type Command, first, nothingRun, oldCodeIsGone, runArgument } from "../command.ts";
import { runText } from "../render/result.ts";

export const complete: Command<RunResult> = {
  name: "complete",
  summary: "take an open run to its end; what is dropped is archived first",
  arguments: [runArgument],
  options: [oldCodeIsGone, acceptDrift],
  interrupt: "pause",
  empty: nothingRun,
  run: async (context, args, { useCase }) => (await useCase("complete"))(context, { ...first(args, "run"), ...accepted(args) }),
  text: (result, style) => runText(result, style, "No run is open."),
};
