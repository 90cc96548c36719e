// hotstick new: an empty migration with a name that sorts last.
import type { NewResult } from "../../app/contract.ts";
import { type Command, flag } from "../command.ts";
import { markedText } from "../render/result.ts";

export const newCommand: Command<NewResult> = {
  name: "new",
  summary: "write an empty migration",
  arguments: [{ name: "<title...>", summary: "what it does, in words: split user names" }],
  options: [{ flags: "--sql", summary: "in SQL instead of TypeScript" }],
  interrupt: "stop",
  empty: { name: "", file: "", next: null },
  run: async (context, args, { useCase }) =>
    (await useCase("newMigration"))(context, { title: args.positionals.join(" "), format: flag(args, "sql") ? "sql" : "ts" }),
  text: ({ file, next }, style) => markedText([{ ok: true, text: `made ${file}` }], next, style),
};
