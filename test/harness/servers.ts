// Servers and databases for tests. A server is shared by the tests of one file; a database belongs to one test.
import { existsSync, statfsSync } from "node:fs";
import { freemem } from "node:os";
import { dirname } from "node:path";
import pg from "pg";
import type { TestContext } from "vitest";
import { type PostgresServer, type ServerOptions, startServer } from "../../src/sandbox/postgres/server.ts";
import type { Scratch } from "../../src/sandbox/sandbox.ts";
import { createScratch, type ScratchOptions } from "../../src/sandbox/scratch.ts";
import { newest } from "./majors.ts";

/** Below this much memory the servers' data stay on disk. */
const enoughMemory = 8 * 1024 ** 3;

/** Data in memory: creating a database is several times faster, and a slow disk does not disturb what tests measure. */
function memoryFolder(): { folder?: string } {
  if (!existsSync("/dev/shm") || freemem() < enoughMemory) return {};
  const { bavail, bsize } = statfsSync("/dev/shm");
  return bavail * bsize < enoughMemory ? {} : { folder: "/dev/shm" };
}

const servers = new Map<number, Promise<PostgresServer>>();

/**
 * The server of a major that the tests of this worker share, started when first asked for. Its watchdog ends it with the worker,
 * so nothing needs to be cleaned up. A test that kills or restarts a server starts its own with `startServer`.
 */
export function serverFor(major: number = newest): Promise<PostgresServer> {
  let server = servers.get(major);
  if (server === undefined) {
    server = startServer({ major, ...memoryFolder() });
    servers.set(major, server);
  }
  return server;
}

/** A server of one test's own, for killing, restarting or odd settings; ended after the test. */
export async function ownServerFor(test: Test, options: ServerOptions = {}): Promise<PostgresServer> {
  const server = await startServer({ major: newest, ...memoryFolder(), ...options });
  test.onTestFinished(() => server.stop("immediate"));
  return server;
}

/** An empty database for one test. */
export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  readonly server: PostgresServer;
  /** A connection that is closed after the test. */
  connect(): Promise<pg.Client>;
  /** Runs SQL on a connection of its own (several statements where there are no values); the rows of the last statement. */
  rows<R extends pg.QueryResultRow = Record<string, unknown>>(text: string, values?: unknown[]): Promise<R[]>;
}

/** What the harness needs of a test: `test("…", async (t) => { const db = await databaseFor(t); … })`. */
type Test = Pick<TestContext, "task" | "onTestFinished">;

/**
 * A fresh database, dropped after the test. The test fails when it leaves connections open that `connect` did not make.
 * With HOTSTICK_KEEP=1 a failed test's database and server stay, and its URL is printed.
 * @param major Defaults to the newest covered.
 * @param options `template`: a database of the shared server to clone.
 */
export async function databaseFor(test: Test, major: number = newest, options: Pick<ScratchOptions, "template"> = {}): Promise<TestDatabase> {
  const server = await serverFor(major);
  const scratch = await createScratch(server, { purpose: "test", ...options });
  const clients: pg.Client[] = [];
  test.onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await finish(server, scratch, test.task.result?.state === "fail");
  });
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: scratch.url, application_name: "test" });
    client.on("error", () => undefined);
    clients.push(client);
    await client.connect();
    return client;
  };
  return {
    name: scratch.name,
    url: scratch.url,
    server,
    connect,
    async rows<R extends pg.QueryResultRow>(text: string, values?: unknown[]) {
      const client = await connect();
      try {
        // Several statements give several results, which the types of pg do not tell.
        const result = (await client.query<R>(text, values)) as pg.QueryResult<R> | pg.QueryResult<R>[];
        return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
      } finally {
        clients.splice(clients.indexOf(client), 1);
        await client.end();
      }
    },
  };
}

async function finish(server: PostgresServer, scratch: Scratch, failed: boolean): Promise<void> {
  if (failed && process.env["HOTSTICK_KEEP"] === "1") {
    server.keep();
    console.error(`kept: ${scratch.url}\n  log: ${server.logFile}\n  to end it: kill -QUIT ${server.pid} && rm -r ${dirname(server.dataDirectory)}`);
    return;
  }
  const left = await leftConnections(server, scratch.name);
  await scratch.drop();
  // A test that failed half-way leaves connections open; that is not news.
  if (left.length > 0 && !failed) throw new Error(`the test left connections open:\n${left.join("\n")}`);
}

/** A backend needs a moment to notice that its client has gone. */
const goneAfterMs = 10_000;

async function leftConnections(server: PostgresServer, database: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  try {
    const deadline = Date.now() + goneAfterMs;
    for (;;) {
      const { rows } = await client.query<{ line: string }>(
        `select format('%s %s: %s', application_name, state, query) as line from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
        [database],
      );
      if (rows.length === 0 || Date.now() > deadline) return rows.map((row) => row.line);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    await client.end();
  }
}
