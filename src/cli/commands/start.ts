// hotstick start: expand and backfill; then both shapes live side by side for as long as the deploys need.
import type { RunResult } from "../../app/contract.ts";
import { type Command, nothingRun } from "../command.ts";
import { runText } from "../render/result.ts";

export const start: Command<RunResult> = {
  name: "start",
  summary: "expand and backfill, then stay: old and new code may both run",
  arguments: [{ name: "[migration...]", summary: "these only, as one run; all pending ones otherwise" }],
  options: [],
  interrupt: "pause",
  empty: nothingRun,
  run: async (context, args, { useCase }) => (await useCase("start"))(context, args.positionals.length > 0 ? { migrations: args.positionals } : {}),
  text: (result, style) => runText(result, style, "Nothing to start: no migration is pending."),
};
