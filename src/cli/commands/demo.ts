// hotstick demo: a split column under traffic, on a database of its own.
import type { DemoResult } from "../../app/contract.ts";
import { type Command, flag, numberOf } from "../command.ts";
import { markedText } from "../render/result.ts";

export const demo: Command<DemoResult> = {
  name: "demo",
  summary: "watch a column split under traffic, on a database of its own",
  arguments: [],
  options: [
    { flags: "--rows <number>", summary: "rows of its table (100000)" },
    { flags: "--keep", summary: "leave the database up at the end, for looking around" },
  ],
  interrupt: "pause",
  empty: { ok: false, scenes: [], url: null, next: null },
  run: async (context, args, { useCase }) => (await useCase("demo"))(context, { rows: numberOf(args, "rows", 100_000), keep: flag(args, "keep") }),
  text: ({ scenes, url, next }, style) =>
    markedText(
      [
        ...scenes.map(({ title, ok, message }) => ({ ok, text: `${title}: ${message}` })),
        ...(url === null ? [] : [{ ok: true, text: `the database stays up at ${url}` }]),
      ],
      next,
      style,
    ),
  exit: ({ ok }) => (ok ? 0 : 1),
};
