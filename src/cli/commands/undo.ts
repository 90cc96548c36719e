// hotstick undo: reverses a completed migration, with values from the archive.
import type { UndoResult } from "../../app/contract.ts";
import { type Command, nothingRun } from "../command.ts";
import { undoText } from "../render/result.ts";

export const undo: Command<UndoResult> = {
  name: "undo",
  summary: "reverse a completed migration, with what was dropped",
  arguments: [{ name: "<migration>", summary: "its name" }],
  options: [],
  interrupt: "pause",
  empty: { ...nothingRun, restored: [] },
  run: async (context, args, { useCase }) => (await useCase("undo"))(context, { migration: args.positionals[0] ?? "" }),
  text: undoText,
};
