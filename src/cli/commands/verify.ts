// hotstick verify: compares old and new values of an open run; changes nothing.
import type { VerifyResult } from "../../app/contract.ts";
import { type Command, first, runArgument } from "../command.ts";
import { verifyText } from "../render/result.ts";

export const verify: Command<VerifyResult> = {
  name: "verify",
  summary: "compare the old and new values of an open run, row by row",
  arguments: [runArgument],
  options: [],
  interrupt: "stop",
  empty: { run: null, ok: false, checks: [], next: null },
  run: async (context, args, { useCase }) => (await useCase("verify"))(context, first(args, "run")),
  text: verifyText,
  exit: ({ ok }) => (ok ? 0 : 3),
};
