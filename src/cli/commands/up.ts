// hotstick up: all pending migrations, all phases; for deploys with one version at a time, fresh databases and tests.
import type { UpResult } from "../../app/contract.ts";
import { plural } from "../../plural.ts";
import { type Command, flag, given, nothingRun } from "../command.ts";
import { runText } from "../render/result.ts";

export const up: Command<UpResult> = {
  name: "up",
  summary: "apply all pending migrations through all phases",
  arguments: [],
  options: [
    { flags: "--check", summary: "change nothing; exit 2 where migrations are pending" },
    { flags: "--to <migration>", summary: "up to and with this one" },
  ],
  interrupt: "pause",
  empty: { ...nothingRun, applied: [], pending: [] },
  run: async (context, args, { useCase }) => (await useCase("up"))(context, { check: flag(args, "check"), ...given(args, "to") }),
  text(result, style) {
    const { applied, pending, run, paused } = result;
    const list = (names: readonly string[]): string => names.map((name) => `  ${name}\n`).join("");
    const done = applied.length > 0 ? `${style.green(style.symbols.good)} ${plural(applied.length, "migration")} applied:\n${list(applied)}` : "";
    const open = pending.length > 0 ? `${plural(pending.length, "migration")} pending:\n${list(pending)}` : "";
    // A run that reached its end needs no rail.
    const unfinished = paused !== null || (run !== null && run.finishedAt === null);
    return done + open + (unfinished ? runText(result, style, "") : "") || "Nothing to do: the database is up to date.\n";
  },
  exit: ({ pending }, args) => (flag(args, "check") && pending.length > 0 ? 2 : 0),
};
