// hotstick rollback: back within an open run, the data too.
import type { Position, RunResult } from "../../app/contract.ts";
import { acceptDrift, accepted, type Command, first, given, nothingRun, runArgument } from "../command.ts";
import { runText } from "../render/result.ts";

export const rollback: Command<RunResult> = {
  name: "rollback",
  summary: "take an open run back, the data too",
  arguments: [runArgument],
  options: [
    {
      flags: "--to <phase>",
      summary: "the last phase that stays done; all the way back otherwise",
      choices: ["start", "expand", "backfill", "switch", "retire"],
    },
    acceptDrift,
  ],
  interrupt: "pause",
  empty: nothingRun,
  run: async (context, args, { useCase }) =>
    (await useCase("rollback"))(context, { ...first(args, "run"), ...(given(args, "to") as { to?: Position }), ...accepted(args) }),
  text: (result, style) => runText(result, style, "No run is open."),
};
