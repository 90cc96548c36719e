// hotstick undo: reverses a completed migration, with values from the archive.
import type { Position, UndoResult } from "../../app/contract.ts";
import { acceptDrift, accepted, type Command, given, nothingRun } from "../command.ts";
import { undoText } from "../render/result.ts";

export const undo: Command<UndoResult> = {
  name: "undo",
  summary: "reverse a completed migration, with what was dropped",
  arguments: [{ name: "<migration>", summary: "its name" }],
  options: [
    {
      flags: "--to <phase>",
      summary: "the last phase that stays done; switch otherwise, so that old code can be deployed before the rest is taken back",
      choices: ["start", "expand", "backfill", "switch", "retire"],
    },
    acceptDrift,
  ],
  interrupt: "pause",
  empty: { ...nothingRun, restored: [] },
  run: async (context, args, { useCase }) =>
    (await useCase("undo"))(context, { migration: args.positionals[0] ?? "", ...(given(args, "to") as { to?: Position }), ...accepted(args) }),
  text: undoText,
};
