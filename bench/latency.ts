// What an application at a steady rate notices of a whole run: failed requests, lock waits behind us, latency.
//   npm run bench -- latency [--rows 500000] [--rate 500] [--rounds 5] [--major 18] [--engine mariadb]
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Operation } from "../src/operations/operation.ts";
import { type Lifecycle, lifecycleOf } from "../test/harness/lifecycle.ts";
import { engineOf, median, rounded } from "./engine.ts";
import type { Application, Watch } from "./latency/application.ts";

const operation = (text: string): Operation => ({
  kind: "transform",
  table: "people",
  from: ["email"],
  to: [{ name: "address", type: text, up: "lower(email)" }],
  down: { email: "address" },
});

const applications = {
  postgres: async (major: number): Promise<Application> => (await import("./latency/postgres.ts")).application(major),
  mariadb: async (): Promise<Application> => (await import("./latency/mariadb.ts")).application(),
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

/** The application's process: its old code, and its new code once it is told. */
class Client {
  private readonly process: ChildProcess;

  constructor(url: string, rows: number, rate: string) {
    this.process = fork(fileURLToPath(new URL("./latency-client.mjs", import.meta.url)), [url, String(rows), rate]);
  }

  private async ask(message: string): Promise<unknown> {
    this.process.send(message);
    return (await once(this.process, "message"))[0];
  }

  /** What happened since the last report. */
  report = async (): Promise<Stretch> => (await this.ask("report")) as Stretch;

  /** Deploys one of the two; returns when no request of the other is under way. */
  async use(code: "old" | "new"): Promise<void> {
    await this.ask(code);
  }

  async stop(): Promise<void> {
    this.process.send("stop");
    await once(this.process, "exit");
  }
}

interface Round {
  /** Nothing but the application. */
  readonly before: Stretch;
  /** Expand, backfill and switch. */
  readonly during: Stretch;
  /** Retire and drop under new code, undo, and back to the start under old code. */
  readonly ending: Stretch;
  readonly lockMs: number;
  readonly rowMs: number;
  readonly longestBatchMs: number;
  readonly seconds: number;
  readonly endingSeconds: number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function oneRound(application: Application, client: Client, watch: Watch, name: string): Promise<Round> {
  await sleep(2_000);
  await client.report();
  await sleep(5_000);
  const before = await client.report();
  let batchAt: number | null = null;
  let longestBatchMs = 0;
  const life: Lifecycle = await lifecycleOf(application.url, [operation(application.text)], {
    name,
    checkpoint(place) {
      if (place === "batch:found") batchAt = performance.now();
      if (place === "batch:committed" && batchAt !== null) longestBatchMs = Math.max(longestBatchMs, performance.now() - batchAt);
    },
  });
  const since = performance.now();
  await life.to("switch");
  const during = await client.report();
  const seconds = (performance.now() - since) / 1000;
  await client.use("new");
  await life.to("drop");
  await life.undo("switch");
  await client.use("old");
  await life.back("start");
  const ending = await client.report();
  const { longestLockMs, longestRowMs } = await watch.stop();
  const endingSeconds = (performance.now() - since) / 1000 - seconds;
  return { before, during, ending, lockMs: longestLockMs, rowMs: longestRowMs, longestBatchMs, seconds, endingSeconds };
}

export default async function run(all: readonly string[]): Promise<unknown> {
  const { engine, rest: args } = engineOf(all);
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
  const application = await applications[engine](Number(values.major));
  const rounds: Round[] = [];
  try {
    await application.seed(rows);
    for (let n = 1; n <= Number(values.rounds); n += 1) {
      await application.settle();
      const client = new Client(application.clientUrl, rows, values.rate);
      rounds.push(await oneRound(application, client, await application.watch(), `round ${n}`));
      await client.stop();
    }
  } finally {
    await application.stop();
  }
  const max = (pick: (each: Round) => number): number => rounded(Math.max(...rounds.map(pick)));
  const toBefore = (pick: (each: Round) => readonly [before: Numbers, then: Numbers]): number =>
    rounded(median(rounds.map(pick).map(([before, then]) => then.p99 / before.p99)));
  return {
    rate: Number(values.rate),
    rows,
    failed: rounds.reduce((sum, each) => sum + each.during.failed + each.ending.failed, 0),
    errors: rounds.flatMap((each) => [...each.during.errors, ...each.ending.errors]),
    lockBudgetMs: 200,
    longestLockWaitMs: max((each) => each.lockMs),
    longestRowLockWaitMs: max((each) => each.rowMs),
    longestBatchMs: max((each) => each.longestBatchMs),
    readP99DuringToBefore: toBefore((each) => [each.before.read, each.during.read]),
    writeP99DuringToBefore: toBefore((each) => [each.before.write, each.during.write]),
    readP99EndingToBefore: toBefore((each) => [each.before.read, each.ending.read]),
    writeP99EndingToBefore: toBefore((each) => [each.before.write, each.ending.write]),
    rounds: rounds.map(({ before, during, ending, ...each }) => ({
      seconds: rounded(each.seconds),
      endingSeconds: rounded(each.endingSeconds),
      readP99: [rounded(before.read.p99), rounded(during.read.p99), rounded(ending.read.p99)],
      writeP99: [rounded(before.write.p99), rounded(during.write.p99), rounded(ending.write.p99)],
      readMax: rounded(Math.max(during.read.max, ending.read.max)),
      lockMs: rounded(each.lockMs),
      rowLockMs: rounded(each.rowMs),
    })),
  };
}
