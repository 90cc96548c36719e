// What a backfill costs on MariaDB beside one bare UPDATE of the same rows.
import { parseArgs } from "node:util";
import type { Connection } from "mysql2/promise";
import type { Operation } from "../../src/operations/operation.ts";
import type { BatchesAct } from "../../src/step/step.ts";
import { lifecycleOf } from "../../test/scenario/mysql-lifecycle/lived.ts";
import { benchConnection, benchServer, serverClock } from "./server.ts";

/** A narrow table of people; 1,000,000 rows are about 90 MB. */
const people = (name: string, rows: number): string => `
  create table ${name} (id bigint auto_increment primary key, name varchar(200) not null, email varchar(200) not null, created_at datetime not null default current_timestamp);
  insert into ${name} (name, email) select concat('Ada Lovelace ', seq), concat('ada', seq, '@example.org') from seq_1_to_${rows};
  analyze table ${name}`;

/** An expression that cannot raise, as a user would write it for a recoded column. */
const operation = (table: string): Operation => ({
  kind: "transform",
  table,
  from: ["name"],
  to: [{ name: "shout", type: "varchar(200)", up: "upper(name)" }],
  down: { name: "shout" },
});

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

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

async function ours(db: { readonly url: string; readonly name: string }, table: string, rows: number, clock: () => number | null) {
  const marks: Mark[] = [];
  const spans = new Map<string, { begun: number; done: number; cpuBegun: number | null; cpuDone: number | null }>();
  const life = await lifecycleOf(db, [operation(table)], {
    name: `backfill of ${table}`,
    report(news) {
      if (news.kind === "progress" && news.step === "backfill-1")
        marks.push({ at: performance.now(), rows: news.progress.rowsDone, rssMb: process.memoryUsage().rss / 1e6 });
      if (news.kind === "event" && "step" in news.event && news.event.step) {
        const span = spans.get(news.event.step) ?? { begun: performance.now(), done: 0, cpuBegun: clock(), cpuDone: null };
        spans.set(news.event.step, { ...span, done: performance.now(), cpuDone: clock() });
      }
    },
  });
  await life.to("expand");
  const since = performance.now();
  await life.to("backfill");
  const whole = performance.now() - since;
  const first = spans.get("backfill-1");
  const tenth = marks.find((mark) => mark.rows >= rows / 10);
  return {
    plan: life.plan,
    passMs: first ? first.done - first.begun : Number.NaN,
    passProcessorMs: (first?.cpuDone ?? Number.NaN) - (first?.cpuBegun ?? Number.NaN),
    wholePhaseMs: whole,
    lastTenthToFirst: rate(marks, 0.9, 1, rows) / rate(marks, 0, 0.1, rows),
    rssEndToTenth: (marks.at(-1)?.rssMb ?? Number.NaN) / (tenth?.rssMb ?? Number.NaN),
  };
}

/** EXPLAIN of both batch statements, with the holes filled as in the middle of a pass. */
async function countFullScans(client: Connection, act: BatchesAct): Promise<number> {
  const fill = (template: string): string =>
    template
      .replaceAll("{{after}}", "`id` > 500000")
      .replaceAll("{{upto}}", "`id` <= 510000")
      .replaceAll("{{limit}}", "10000")
      .replaceAll("{{skip}}", "9999")
      .replaceAll("{{generation}}", "0")
      .replaceAll("{{run}}", "1");
  let found = 0;
  for (const template of [act.bound, act.apply ?? "", act.careful ?? act.apply ?? ""]) {
    const [lines] = await client.query(`explain ${fill(template)}`);
    // A derived table is what the bound reads its page twice from.
    found += (lines as unknown as readonly { readonly type: string | null; readonly table: string | null }[]).filter(
      (line) => (line.type === "ALL" || line.type === "index") && !line.table?.startsWith("<"),
    ).length;
  }
  return found;
}

export default async function run(args: readonly string[]): Promise<unknown> {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: "string", default: "1000000" }, rounds: { type: "string", default: "3" } } });
  const rows = Number(values.rows);
  const server = await benchServer();
  const name = "bench";
  const clock = serverClock(server);
  const rounds: (Omit<Awaited<ReturnType<typeof ours>>, "plan"> & { bareMs: number; bareProcessorMs: number; ratio: number; wholeRatio: number })[] = [];
  let fullScans = 0;
  try {
    await server.createDatabase(name);
    const client = await benchConnection(server.url(name));
    for (let n = 1; n <= Number(values.rounds); n += 1) {
      await client.query(people(`bare_${n}`, rows));
      await client.query(`alter table bare_${n} add column shout varchar(200)`);
      const [since, processor] = [performance.now(), clock()];
      await client.query(`update bare_${n} set shout = upper(name)`);
      const bareMs = performance.now() - since;
      const bareProcessorMs = (clock() ?? Number.NaN) - (processor ?? Number.NaN);
      await client.query(`drop table bare_${n}`);
      await client.query(people(`ours_${n}`, rows));
      const { plan, ...mine } = await ours({ url: server.url(name), name }, `ours_${n}`, rows, clock);
      const act = plan.steps.find((step) => step.id === "backfill-1")?.act as BatchesAct;
      if (n === 1) fullScans = await countFullScans(client, act);
      await client.query(`drop table ours_${n}`);
      rounds.push({ bareMs: round(bareMs, 0), bareProcessorMs, ...mine, ratio: bareMs / mine.passMs, wholeRatio: bareMs / mine.wholePhaseMs });
    }
    await client.end();
  } finally {
    await server.stop("immediate");
  }
  const of = (pick: (round: (typeof rounds)[number]) => number): number => round(median(rounds.map(pick)));
  return {
    table: "people (id bigint key, name, email, created_at)",
    rows,
    rounds: rounds.map((each) => ({ bareMs: each.bareMs, passMs: round(each.passMs, 0), wholePhaseMs: round(each.wholePhaseMs, 0) })),
    rowsPerSecond: round(median(rounds.map((each) => (rows * 1000) / each.passMs)), 0),
    ratioToBareUpdate: of((each) => each.ratio),
    // Of the server's processor time, which a busy machine does not stretch.
    ratioOfProcessorTime: of((each) => each.bareProcessorMs / each.passProcessorMs),
    ratioOfWholePhaseWithIndexAndVerify: of((each) => each.wholeRatio),
    lastTenthToFirstTenth: of((each) => each.lastTenthToFirst),
    residentMemoryEndToTenth: of((each) => each.rssEndToTenth),
    fullScansInBatchPlans: fullScans,
  };
}
