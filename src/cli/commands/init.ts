// hotstick init: a configuration file and a migrations folder.
import type { InitResult } from "../../app/contract.ts";
import { type Command, flag } from "../command.ts";
import { markedText } from "../render/result.ts";

export const init: Command<InitResult> = {
  name: "init",
  summary: "make a configuration file and a migrations folder",
  arguments: [],
  options: [{ flags: "--json-config", summary: "write hotstick.config.json instead of hotstick.config.ts" }],
  interrupt: "stop",
  empty: { created: [], kept: [], next: null },
  run: async (context, args, { useCase }) => (await useCase("init"))(context, { format: flag(args, "jsonConfig") ? "json" : "ts" }),
  text: ({ created, kept, next }, style) =>
    markedText(
      [...created.map((file) => ({ ok: true, text: `made ${file}` })), ...kept.map((file) => ({ ok: true, text: `kept ${file} as it was` }))],
      next,
      style,
    ),
};
