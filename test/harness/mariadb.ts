// MariaDB servers and databases for tests. A server is shared by the tests of one file; a database belongs to one test.
import { existsSync, statfsSync } from "node:fs";
import { freemem } from "node:os";
import { dirname } from "node:path";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { createConnection } from "mysql2/promise";
import { type TestContext, TestRunner } from "vitest";
import { findPrograms, howToInstall } from "../../src/sandbox/mariadb/binaries.ts";
import { type GivenServer, givenServer } from "../../src/sandbox/mariadb/given.ts";
import { type MariadbServer, type ServerOptions, startServer } from "../../src/sandbox/mariadb/server.ts";
import type { DatabaseServer, Scratch } from "../../src/sandbox/sandbox.ts";
import { createScratch } from "../../src/sandbox/scratch.ts";

/** Where the tests of this engine run: on a private server, or on one that is given by URL. */
export interface Place {
  readonly name: string;
  /** The engine's own version, as in `Schema.version`; null for the private server, which is asked. */
  readonly given: GivenServer | null;
}

const isInstalled = findPrograms() !== undefined;
const addresses = (list: string | undefined): readonly string[] => (list ?? "").split(/\s+/).filter((url) => url !== "");

async function givenPlace(url: string): Promise<Place> {
  const given = await givenServer(url);
  const { version } = given;
  const number = [Math.floor(version / 10_000), Math.floor(version / 100) % 100, version % 100].join(".");
  return { name: `${given.engine === "mariadb" ? "MariaDB" : "MySQL"} ${number}`, given };
}

/** The private server, which is called MariaDB, and those of HOTSTICK_MYSQL_URLS. */
export const places: readonly Place[] = [
  ...(isInstalled ? [{ name: "MariaDB", given: null }] : []),
  ...(await Promise.all(addresses(process.env["HOTSTICK_MYSQL_URLS"]).map(givenPlace))),
];

/** HOTSTICK_MYSQL_PLACE is set by the test projects that are made for one given server. */
const [elsewhere] = addresses(process.env["HOTSTICK_MYSQL_PLACE"]);

/** Where tests of this engine only run in this project. */
export const here: Place | undefined = elsewhere === undefined ? places.find((place) => place.given === null) : await givenPlace(elsewhere);

/** Whether this project's tests run on a MySQL; what only MariaDB has is not asked of it. */
export const onMysql: boolean = here?.given?.engine === "mysql";

/** `Schema.version` of the server that this project's tests run on; of the private one, that of Debian's package. */
export const versionHere: number = here?.given?.version ?? 101119;

/** Where the server keeps what InnoDB knows of its tables. */
export const innodbTables = onMysql ? "information_schema.innodb_tables" : "information_schema.innodb_sys_tables";

/** Whether there is a server to test on; use with `describe.runIf(hasMariadb)`. */
export const hasMariadb: boolean = here !== undefined;

/** Whether a private server is installed. */
export const hasOwnMariadb: boolean = isInstalled;

/**
 * Says so where MariaDB is left out because it is not installed.
 * @throws Error where CI is set: there nothing may be left out silently.
 */
export function reportMissingMariadb(): void {
  if (isInstalled) return;
  const line = `MariaDB is not installed; its tests are SKIPPED. ${howToInstall()}`;
  if (process.env["CI"] !== undefined) throw new Error(line);
  console.error(line);
}

/** Below this much memory the server's data stay on disk. */
const enoughMemory = 8 * 1024 ** 3;

function memoryFolder(): { folder?: string } {
  if (!existsSync("/dev/shm") || freemem() < enoughMemory) return {};
  const { bavail, bsize } = statfsSync("/dev/shm");
  return bavail * bsize < enoughMemory ? {} : { folder: "/dev/shm" };
}

let shared: Promise<MariadbServer> | undefined;

/** The private server that the tests of this worker share, started when first asked for. Its watchdog ends it with the worker. */
export function mariadbFor(): Promise<MariadbServer> {
  shared ??= startServer(memoryFolder());
  return shared;
}

/** What the harness needs of a test. */
type Test = Pick<TestContext, "task" | "onTestFinished">;

/** Skips the test that is running: what it does to a server is not done to a given one. */
export function needsOwnServer(): never {
  TestRunner.getCurrentTest()?.context.skip("it needs a server of its own");
  throw new Error("this needs a server of its own");
}

/**
 * A server of one test's own, for killing, restarting or odd settings; ended after the test. Where a project's tests run on a given server
 * such a test is skipped: it would say nothing of that one.
 */
export async function ownMariadbFor(test: Pick<Test, "onTestFinished">, options: ServerOptions = {}): Promise<MariadbServer> {
  if (elsewhere !== undefined) needsOwnServer();
  const server = await startServer({ ...memoryFolder(), ...options });
  test.onTestFinished(() => server.stop("immediate"));
  return server;
}

/** Tests that have a given server for themselves, by their tasks. */
const turns = new WeakMap<object, Promise<void>>();

/** Longer than any test. */
const patienceSeconds = 600;

/** The store is a server's, and workers share a given one: one test at a time has it, and leaves no store behind. */
function ownTurn(test: Test, server: GivenServer): Promise<void> {
  const begun = turns.get(test.task);
  if (begun !== undefined) return begun;
  const turn = (async () => {
    const connection = await openConnection(server.url());
    test.onTestFinished(async () => {
      await connection.query("drop database if exists hotstick");
      await connection.end();
    });
    await connection.query(`set session wait_timeout = ${patienceSeconds}`);
    await connection.query("select get_lock('tests of hotstick', ?)", [patienceSeconds]);
  })();
  turns.set(test.task, turn);
  return turn;
}

/** An empty database for one test. */
export interface MariadbDatabase<S extends DatabaseServer = DatabaseServer> {
  readonly name: string;
  readonly url: string;
  readonly server: S;
  /** A connection of the bare library, with the server's own settings, as an application has it; closed after the test. */
  connect(): Promise<Connection>;
  /** Runs SQL on a connection of its own (several statements where there are no values); the rows of the last statement. */
  rows<R = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

/**
 * A fresh database, dropped after the test. The test fails when it leaves connections open that `connect` did not make.
 * With HOTSTICK_KEEP=1 a failed test's database and server stay, and its URL is printed.
 * @param on Defaults to the server that this project's tests run on.
 */
export async function mariadbDatabaseFor<S extends DatabaseServer = DatabaseServer>(test: Test, on?: S): Promise<MariadbDatabase<S>> {
  const server = on ?? ((here?.given ?? (await mariadbFor())) as DatabaseServer as S);
  if ("version" in server) await ownTurn(test, server as DatabaseServer as GivenServer);
  const scratch = await createScratch(server, { purpose: "test" });
  const connections: Connection[] = [];
  test.onTestFinished(async () => {
    await Promise.all(connections.map((connection) => connection.end().catch(() => undefined)));
    await finish(server, scratch, test.task.result?.state === "fail");
  });
  const connect = async (): Promise<Connection> => {
    const connection = await openConnection(scratch.url);
    connections.push(connection);
    return connection;
  };
  return {
    name: scratch.name,
    url: scratch.url,
    server,
    connect,
    async rows<R>(text: string, values?: readonly unknown[]) {
      const connection = await openConnection(scratch.url);
      try {
        const [result, fields] = await connection.query<RowDataPacket[]>(
          server.engine === "mysql" ? inMysqlsWords(text) : text,
          values === undefined ? undefined : [...values],
        );
        // A statement that gives rows has fields; several statements give lists of both.
        const list = fields as readonly unknown[] | undefined;
        const isList = list?.some((each) => each === undefined || Array.isArray(each)) ?? false;
        return (isList ? (list?.at(-1) === undefined ? [] : result.at(-1)) : list === undefined ? [] : result) as R[];
      } finally {
        await connection.end();
      }
    },
  };
}

/**
 * What the tests say in MariaDB's words as MySQL says it: tables of numbers, and a table that takes the place of another.
 * https://mariadb.com/kb/en/sequence-storage-engine/
 */
const inMysqlsWords = (text: string): string =>
  text
    .replaceAll(
      /\bseq_1_to_(\d+)\b(?=(\s+(?:as\s+)?(?!(?:where|join|order|limit|on|cross|group|union|left)\b)\w+)?)/gi,
      (name, count: string, alias?: string) => {
        const numbers = `json_table(concat('[', repeat('0,', ${count} - 1), '0]'), '$[*]' columns (seq for ordinality))`;
        return alias === undefined ? `${numbers} as ${name}` : numbers;
      },
    )
    .replaceAll(/create or replace table (\S+)/gi, "drop table if exists $1; create table $1");

/** Decimals, big integers and times as text, so that tests see what the server holds. */
async function openConnection(url: string): Promise<Connection> {
  const connection = await createConnection({
    uri: url,
    multipleStatements: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    charset: "UTF8MB4_GENERAL_CI",
    flags: ["-FOUND_ROWS"],
  });
  connection.on("error", () => undefined);
  return connection;
}

const isOurs = (server: DatabaseServer): server is MariadbServer => "keep" in server;

async function finish(server: DatabaseServer, scratch: Scratch, failed: boolean): Promise<void> {
  if (failed && process.env["HOTSTICK_KEEP"] === "1") {
    console.error(`kept: ${scratch.url}`);
    if (!isOurs(server)) return;
    server.keep();
    console.error(`  log: ${server.logFile}\n  to end it: kill -KILL ${server.pid} && rm -r ${dirname(server.dataDirectory)}`);
    return;
  }
  const left = await leftConnections(server, scratch.name);
  await scratch.drop();
  // A test that failed half-way leaves connections open; that is not news.
  if (left.length > 0 && !failed) throw new Error(`the test left connections open:\n${left.join("\n")}`);
}

/** The server needs a moment to notice that its client has gone. */
const goneAfterMs = 10_000;

async function leftConnections(server: DatabaseServer, database: string): Promise<readonly string[]> {
  const connection = await openConnection(server.url());
  try {
    const deadline = Date.now() + goneAfterMs;
    for (;;) {
      const [rows] = await connection.query<RowDataPacket[]>(
        "select id as id, command as command, state as state, info as info from information_schema.processlist where db = ?",
        [database],
      );
      if (rows.length === 0 || Date.now() > deadline) return rows.map((row) => `${row["id"]} ${row["command"]} ${row["state"]}: ${row["info"]}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    await connection.end();
  }
}
