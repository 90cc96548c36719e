// hotstick status: where everything stands, and the next safe command; changes nothing.
import type { StatusResult } from "../../app/contract.ts";
import { type Command, first, flag, runArgument } from "../command.ts";
import { statusText } from "../render/result.ts";

export const status: Command<StatusResult> = {
  name: "status",
  summary: "show where everything stands and what to do next",
  arguments: [{ ...runArgument, summary: "this run only: one of its migrations, or its id" }],
  options: [{ flags: "-w, --watch", summary: "go on showing it until Ctrl-C" }],
  interrupt: "stop",
  empty: { server: null, runs: [], applied: 0, last: null, pending: [], next: null },
  run: async (context, args, { useCase, publish }) =>
    (await useCase("status"))(context, { ...first(args, "run"), ...(flag(args, "watch") ? { watch: publish } : {}) }),
  text: statusText,
};
