// hotstick plan: what would be done, under which locks, for how long; changes nothing.
import type { PlanResult } from "../../app/contract.ts";
import { type Command, flag } from "../command.ts";
import { planText } from "../render/plan.ts";

const refuses = ({ plan }: PlanResult): boolean => {
  const accepted = new Set(plan?.migrations.flatMap(({ accept }) => accept));
  return plan?.findings.some(({ severity, acceptable, rule }) => severity === "refuse" && !(acceptable && accepted.has(rule))) ?? false;
};

export const plan: Command<PlanResult> = {
  name: "plan",
  summary: "show what would be done, with every lock and statement; changes nothing",
  arguments: [{ name: "[migration...]", summary: "these only; all pending ones otherwise" }],
  options: [{ flags: "--check", summary: "exit 2 where migrations are pending" }],
  interrupt: "stop",
  empty: { server: null, pending: [], plan: null, lockBudgetMs: 0, next: null },
  run: async (context, args, { useCase }) =>
    (await useCase("plan"))(context, { check: flag(args, "check"), ...(args.positionals.length > 0 ? { migrations: args.positionals } : {}) }),
  text: planText,
  exit: (result, args) => (refuses(result) ? 3 : flag(args, "check") && result.pending.length > 0 ? 2 : 0),
};
