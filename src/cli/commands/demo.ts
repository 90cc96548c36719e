// hotstick demo: a split column under traffic, on a database of its own.
import type { DemoResult, DemoView } from "../../app/contract.ts";
import { engineNames } from "../../demo/engine-names.ts";
import { type Command, flag, given, numberOf } from "../command.ts";
import { demoPicture, demoText, sceneLines } from "../render/demo.ts";

const nothing: DemoResult = {
  ok: false,
  rows: 0,
  seconds: 0,
  requests: 0,
  failed: 0,
  wrongReads: 0,
  wrongRows: 0,
  lostWrites: 0,
  longestLockWaitMs: 0,
  longestTableLockWaitMs: 0,
  longestRowLockWaitMs: 0,
  p50Before: 0,
  p50During: 0,
  p99Before: 0,
  p99During: 0,
  longestRequestMs: 0,
  rowsPerSecond: 0,
  killed: false,
  resumed: false,
  rolledBack: false,
  undone: false,
  naive: null,
  scenes: [],
  problems: [],
  url: null,
  next: null,
};

export const demo: Command<DemoResult> = {
  name: "demo",
  summary: "watch a column split under traffic, on a database of its own",
  arguments: [],
  options: [
    { flags: "--engine <name>", summary: `its database: ${engineNames.join(" or ")} (${engineNames[0]})` },
    { flags: "--rows <number>", summary: "rows of its table (200000)" },
    { flags: "--keep", summary: "leave the database up at the end, for looking around" },
  ],
  interrupt: "stop",
  empty: nothing,
  async run(context, args, { useCase, say, draw, style }) {
    let told = 0;
    const watch = (view: DemoView): void => {
      for (const scene of view.scenes.slice(told)) sceneLines(scene, style).forEach(say);
      told = view.scenes.length;
      draw((live, _, columns) => demoPicture(view, live, style, columns));
    };
    return (await useCase("demo"))(context, { ...given(args, "engine"), rows: numberOf(args, "rows", 200_000), keep: flag(args, "keep"), watch });
  },
  text: demoText,
  exit: ({ ok }) => (ok ? 0 : 1),
};
