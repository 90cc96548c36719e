// What a backfill costs beside one bare UPDATE of the same rows.
//   npm run bench -- backfill [--rows 1000000] [--major 18] [--rounds 3] [--engine mariadb]
import { parseArgs } from "node:util";
import type { Operation } from "../src/operations/operation.ts";
import { fill } from "../src/run/holes.ts";
import type { BatchesAct } from "../src/step/step.ts";
import { lifecycleOf } from "../test/harness/lifecycle.ts";
import { mariadb } from "./backfill/mariadb.ts";
import { postgres } from "./backfill/postgres.ts";
import type { Words } from "./backfill/words.ts";
import { engineOf, type Measured, measuredOn, median, rounded, serverClock } from "./engine.ts";

/** An expression that cannot raise, as a user would write it for a recoded column. */
const operation = (table: string, type: string): Operation => ({
  kind: "transform",
  table,
  from: ["name"],
  to: [{ name: "shout", type, up: "upper(name)" }],
  down: { name: "shout" },
});

interface Mark {
  readonly at: number;
  readonly rows: number;
  readonly rssMb: number;
}

/** Rows per second between two shares of the whole. */
function rate(marks: readonly Mark[], from: number, to: number, rows: number): number {
  const at = (share: number): Mark | undefined => marks.find((mark) => mark.rows >= share * rows) ?? marks.at(-1);
  const [a, b] = [at(from), at(to)];
  return a && b && b.at > a.at ? ((b.rows - a.rows) * 1000) / (b.at - a.at) : Number.NaN;
}

/** Time that has gone by and time that the server was at work, ms. */
interface Moment {
  readonly wall: number;
  readonly processor: number;
}
const now = ({ server }: Measured): Moment => ({ wall: performance.now(), processor: serverClock(server) ?? Number.NaN });

async function ours(on: Measured, table: string, rows: number, type: string) {
  const marks: Mark[] = [];
  let [first, last]: (Moment | null)[] = [null, null];
  const life = await lifecycleOf(on.url, [operation(table, type)], {
    name: `backfill of ${table}`,
    report(news) {
      if (news.kind === "progress" && news.step === "backfill-1")
        marks.push({ at: performance.now(), rows: news.progress.rowsDone, rssMb: process.memoryUsage().rss / 1e6 });
      if (news.kind !== "event" || !("step" in news.event) || news.event.step !== "backfill-1") return;
      last = now(on);
      first ??= last;
    },
  });
  await life.to("expand");
  const since = performance.now();
  await life.to("backfill");
  const [begun, done] = [first as Moment | null, last as Moment | null];
  const tenth = marks.find((mark) => mark.rows >= rows / 10);
  return {
    plan: life.plan,
    passMs: (done?.wall ?? Number.NaN) - (begun?.wall ?? Number.NaN),
    passProcessorMs: (done?.processor ?? Number.NaN) - (begun?.processor ?? Number.NaN),
    wholePhaseMs: performance.now() - since,
    lastTenthToFirst: rate(marks, 0.9, 1, rows) / rate(marks, 0, 0.1, rows),
    rssEndToTenth: (marks.at(-1)?.rssMb ?? Number.NaN) / (tenth?.rssMb ?? Number.NaN),
  };
}

/** EXPLAIN of the statements of a batch, with the holes filled as in the middle of a pass. */
async function countScans({ run }: Measured, words: Words, act: BatchesAct): Promise<number> {
  const holes = { ...words.bounds, limit: "10000", skip: "9999", generation: "0", run: "1" };
  let found = 0;
  for (const template of [act.bound, act.apply ?? "", act.careful ?? act.apply ?? ""]) found += words.countScans(await run(`explain ${fill(template, holes)}`));
  return found;
}

export default async function run(all: readonly string[]): Promise<unknown> {
  const { engine, rest: args } = engineOf(all);
  const { values } = parseArgs({
    args: [...args],
    options: { rows: { type: "string", default: "1000000" }, major: { type: "string", default: "18" }, rounds: { type: "string", default: "3" } },
  });
  const rows = Number(values.rows);
  const words = { postgres, mariadb }[engine];
  const on = await measuredOn(engine, Number(values.major));
  const rounds: (Omit<Awaited<ReturnType<typeof ours>>, "plan"> & { bareMs: number; bareProcessorMs: number })[] = [];
  let scans = 0;
  try {
    for (let n = 1; n <= Number(values.rounds); n += 1) {
      await on.run(...words.people(`bare_${n}`, rows), `alter table bare_${n} add column shout ${words.text}`);
      const before = now(on);
      await on.run(`update bare_${n} set shout = upper(name)`);
      const after = now(on);
      await on.run(`drop table bare_${n}`, ...words.people(`ours_${n}`, rows));
      const { plan, ...mine } = await ours(on, `ours_${n}`, rows, words.text);
      if (n === 1) scans = await countScans(on, words, plan.steps.find((step) => step.id === "backfill-1")?.act as BatchesAct);
      await on.run(`drop table ours_${n}`);
      rounds.push({ bareMs: after.wall - before.wall, bareProcessorMs: after.processor - before.processor, ...mine });
    }
  } finally {
    await on.stop();
  }
  const of = (pick: (round: (typeof rounds)[number]) => number): number => rounded(median(rounds.map(pick)));
  return {
    table: "people (id bigint key, name, email, created_at)",
    rows,
    rounds: rounds.map((each) => ({ bareMs: rounded(each.bareMs, 0), passMs: rounded(each.passMs, 0), wholePhaseMs: rounded(each.wholePhaseMs, 0) })),
    rowsPerSecond: rounded(median(rounds.map((each) => (rows * 1000) / each.passMs)), 0),
    ratioToBareUpdate: of((each) => each.bareMs / each.passMs),
    // Of the server's processor time, which a busy machine does not stretch.
    ratioOfProcessorTime: of((each) => each.bareProcessorMs / each.passProcessorMs),
    ratioOfWholePhaseWithIndexAndVerify: of((each) => each.bareMs / each.wholePhaseMs),
    lastTenthToFirstTenth: of((each) => each.lastTenthToFirst),
    residentMemoryEndToTenth: of((each) => each.rssEndToTenth),
    [words.scans]: scans,
  };
}
