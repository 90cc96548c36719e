// hotstick history: what was applied here, by whom and when; changes nothing.
import type { HistoryResult } from "../../app/contract.ts";
import { type Command, first, numberOf } from "../command.ts";
import { historyText } from "../render/result.ts";

export const history: Command<HistoryResult> = {
  name: "history",
  summary: "list what was applied here, or all that happened to one migration",
  arguments: [{ name: "[migration]", summary: "its events" }],
  options: [{ flags: "--limit <number>", summary: "how many of the newest (100)" }],
  interrupt: "stop",
  empty: { entries: [], events: [] },
  run: async (context, args, { useCase }) => (await useCase("history"))(context, { ...first(args, "migration"), limit: numberOf(args, "limit", 100) }),
  text: historyText,
};
