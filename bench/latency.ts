// What an application at a steady rate notices of a whole run: failed requests, lock waits behind us, latency.
//   npm run bench -- latency [--rows 500000] [--rate 500] [--rounds 5] [--major 18]
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { connect } from "../src/drivers/postgres/connect.ts";
import type { PostgresSession } from "../src/drivers/postgres/session.ts";
import type { Operation } from "../src/operations/operation.ts";
import { startServer } from "../src/sandbox/postgres/server.ts";
import { lifecycleOf } from "../test/harness/lifecycle.ts";

const operation: Operation = {
  kind: "transform",
  table: "people",
  from: ["email"],
  to: [{ name: "address", type: "text", up: "lower(email)" }],
  down: { email: "address" },
};

interface Numbers {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}
interface Stretch {
  readonly read: Numbers;
  readonly write: Numbers;
  readonly failed: number;
  readonly errors: readonly string[];
}

/** Longest time that any client was seen blocked by a session of ours, ms: by table locks and by row locks. */
class Watch {
  longestLockMs = 0;
  longestRowMs = 0;
  private stopped = false;
  private readonly seen = new Map<string, number>();

  async run(session: PostgresSession): Promise<void> {
    while (!this.stopped) {
      const now = performance.now();
      const rows =
        (
          await session.script([
            `select w.pid, w.wait_event from pg_stat_activity w where w.wait_event_type = 'Lock' and w.application_name not like 'hotstick%' and exists (select 1 from unnest(pg_blocking_pids(w.pid)) b join pg_stat_activity h on h.pid = b where h.application_name like 'hotstick%')`,
          ])
        )[0] ?? [];
      const here = new Set<string>();
      for (const row of rows) {
        const isTable = row["wait_event"] === "relation";
        const key = `${row["pid"]} ${row["wait_event"]}`;
        here.add(key);
        const since = this.seen.get(key) ?? now;
        this.seen.set(key, since);
        if (isTable) this.longestLockMs = Math.max(this.longestLockMs, now - since + 10);
        else this.longestRowMs = Math.max(this.longestRowMs, now - since + 10);
      }
      for (const key of this.seen.keys()) if (!here.has(key)) this.seen.delete(key);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  stop(): void {
    this.stopped = true;
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const round = (value: number): number => Number(value.toFixed(2));

export default async function run(args: readonly string[]): Promise<unknown> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: "string", default: "500000" },
      rate: { type: "string", default: "500" },
      rounds: { type: "string", default: "5" },
      major: { type: "string", default: "18" },
    },
  });
  const rows = Number(values.rows);
  const server = await startServer({ major: Number(values.major), durable: true });
  const session = await connect({ url: server.url() }, "bench");
  const rounds: { before: Stretch; during: Stretch; lockMs: number; rowMs: number; longestBatchMs: number; seconds: number }[] = [];
  try {
    await session.script([`create table people (id bigint primary key, name text not null, email text not null)`]);
    await session.script([`insert into people select g, 'Ada ' || g, 'ADA' || g || '@example.org' from generate_series(1, ${rows}) g`]);
    for (let n = 1; n <= Number(values.rounds); n += 1) {
      await session.script(["vacuum analyze people"]);
      await session.script(["checkpoint"]);
      const client = fork(fileURLToPath(new URL("./latency-client.mjs", import.meta.url)), [server.url(), String(rows), values.rate]);
      const ask = async (): Promise<Stretch> => {
        client.send("report");
        const [stretch] = (await once(client, "message")) as [Stretch];
        return stretch;
      };
      await sleep(2_000);
      await ask();
      await sleep(5_000);
      const before = await ask();
      const watch = new Watch();
      const watcher = await connect({ url: server.url() }, "bench watch");
      const watching = watch.run(watcher);
      let batchAt: number | null = null;
      let longestBatchMs = 0;
      const life = await lifecycleOf(server.url(), [operation], {
        name: `round ${n}`,
        checkpoint(place) {
          if (place === "batch:found") batchAt = performance.now();
          if (place === "batch:committed" && batchAt !== null) longestBatchMs = Math.max(longestBatchMs, performance.now() - batchAt);
        },
      });
      const since = performance.now();
      await life.to("switch");
      const during = await ask();
      const seconds = (performance.now() - since) / 1000;
      await life.back("start");
      watch.stop();
      await watching;
      await watcher.close();
      client.send("stop");
      await once(client, "exit");
      rounds.push({ before, during, lockMs: watch.longestLockMs, rowMs: watch.longestRowMs, longestBatchMs, seconds });
    }
  } finally {
    await session.close();
    await server.stop("immediate");
  }
  const max = (pick: (each: (typeof rounds)[number]) => number): number => round(Math.max(...rounds.map(pick)));
  return {
    rate: Number(values.rate),
    rows,
    failed: rounds.reduce((sum, each) => sum + each.during.failed, 0),
    errors: rounds.flatMap((each) => each.during.errors),
    lockBudgetMs: 200,
    longestLockWaitMs: max((each) => each.lockMs),
    longestRowLockWaitMs: max((each) => each.rowMs),
    longestBatchMs: max((each) => each.longestBatchMs),
    readP99DuringToBefore: round(median(rounds.map((each) => each.during.read.p99 / each.before.read.p99))),
    writeP99DuringToBefore: round(median(rounds.map((each) => each.during.write.p99 / each.before.write.p99))),
    rounds: rounds.map((each) => ({
      seconds: round(each.seconds),
      readP99: [round(each.before.read.p99), round(each.during.read.p99)],
      writeP99: [round(each.before.write.p99), round(each.during.write.p99)],
      readMax: round(each.during.read.max),
    })),
  };
}
