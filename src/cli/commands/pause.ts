// hotstick pause: asks whoever drives a run to leave after the batch under way.
import type { RunResult } from "../../app/contract.ts";
import { type Command, first, nothingRun, runArgument } from "../command.ts";
import { runText } from "../render/result.ts";

export const pause: Command<RunResult> = {
  name: "pause",
  summary: "ask whoever drives a run to leave it safely after the batch under way",
  arguments: [runArgument],
  options: [],
  interrupt: "pause",
  empty: nothingRun,
  run: async (context, args, { useCase }) => (await useCase("pause"))(context, first(args, "run")),
  text: (result, style) => runText(result, style, "No run is open."),
};
