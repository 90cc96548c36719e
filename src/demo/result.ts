// The figures of the demo, from what was counted on the stage and noted in the scenes.
import type { DemoResult, DemoScene } from "../app/contract.ts";
import { longest, percentile, type Stretch } from "./latency.ts";
import { now, type Stage } from "./stage.ts";
import type { Notes } from "./story.ts";

/** Tenths are as fine as a timer of this machine is worth. */
const tenths = (value: number): number => Math.round(value * 10) / 10;
const always: readonly Stretch[] = [[0, Number.POSITIVE_INFINITY]];
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function naiveFigures(stage: Stage, { naive }: Notes): DemoResult["naive"] {
  if (naive === null) return null;
  const { latencies, failed } = stage.tallies.naive;
  const longestStallMs = tenths(longest(latencies.within(always)));
  return { requests: latencies.count, failed, longestStallMs, wrongRows: naive.wrongRows };
}

type Figures = Omit<DemoResult, "ok" | "scenes" | "problems" | "url" | "next" | "seconds">;

function figuresOf(stage: Stage, notes: Notes): Figures {
  const applications = [stage.tallies.old, stage.tallies.new];
  const before = stage.tallies.old.latencies.within(notes.quiet ? [notes.quiet] : []);
  const during = applications.flatMap(({ latencies }) => latencies.within(stage.stretches));
  const { killed, resumed, rolledBack, undone } = notes;
  return {
    rows: stage.rows,
    requests: sum(applications.map(({ latencies }) => latencies.count)),
    failed: sum(applications.map(({ failed }) => failed)),
    wrongReads: sum(applications.map(({ wrong }) => wrong)),
    wrongRows: sum(notes.verdicts.map(({ wrongRows }) => wrongRows)),
    lostWrites: sum(notes.verdicts.map(({ lostWrites }) => lostWrites)),
    longestLockWaitMs: tenths(stage.locks.longest),
    longestTableLockWaitMs: tenths(stage.locks.longestTable),
    longestRowLockWaitMs: tenths(stage.locks.longestRow),
    p50Before: tenths(percentile(before, 50)),
    p50During: tenths(percentile(during, 50)),
    p99Before: tenths(percentile(before, 99)),
    p99During: tenths(percentile(during, 99)),
    longestRequestMs: tenths(longest(applications.flatMap(({ latencies }) => latencies.within(always)))),
    rowsPerSecond: Math.round(notes.rowsPerSecond),
    killed,
    resumed,
    rolledBack,
    undone,
    naive: naiveFigures(stage, notes),
  };
}

export function resultOf(stage: Stage, notes: Notes, scenes: readonly DemoScene[], since: number, keep: boolean): DemoResult {
  const figures = figuresOf(stage, notes);
  const { failed, wrongReads, wrongRows, lostWrites, killed, resumed, rolledBack, undone } = figures;
  const ok = failed + wrongReads + wrongRows + lostWrites === 0 && killed && resumed && rolledBack && undone && scenes.every((scene) => scene.ok);
  return {
    ok,
    ...figures,
    seconds: tenths((now() - since) / 1000),
    scenes,
    problems: [...stage.tallies.old.messages, ...stage.tallies.new.messages, ...notes.verdicts.flatMap(({ messages }) => messages)].slice(0, 20),
    url: keep ? stage.url : null,
    next: keep
      ? { command: `cd ${stage.folder} && hotstick status`, why: "looks around in the demo's own project" }
      : { command: "hotstick init", why: "sets up your own project" },
  };
}
