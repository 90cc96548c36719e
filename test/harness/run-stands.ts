// What runs are tested on below the use cases: each PostgreSQL, and MariaDB. One entry has the words in which the engine says what a plan
// does; the tests know none of them.
import type { TestContext } from "vitest";
import type { MariadbServer } from "../../src/sandbox/mariadb/server.ts";
import type { BatchesAct, Lock } from "../../src/step/step.ts";
import { majors, newest } from "./majors.ts";
import { hasMariadb, mariadbDatabaseFor } from "./mariadb.ts";
import { asPart } from "./part.ts";
import { alongId, indexProbe, outside, strong } from "./runs.ts";
import { databaseFor } from "./servers.ts";

type Test = Pick<TestContext, "task" | "onTestFinished">;

/** A row with every value as text. */
export type TextRow = Readonly<Record<string, string | null>>;

export interface RunConnection {
  /** One or several statements. */
  query(text: string): Promise<unknown>;
  end(): Promise<unknown>;
}

/** A database of one test's own, without a store. */
export interface RunDatabase {
  readonly name: string;
  readonly url: string;
  readonly server: { readonly port: number };
  readonly stand: RunStand;
  /** As an application has it; closed after the test. */
  connect(): Promise<RunConnection>;
  /** Runs SQL on a connection of its own; the rows of the last statement. */
  rows(text: string): Promise<readonly TextRow[]>;
  /** The first value of the first row. */
  one(text: string): Promise<string | null>;
  /** An `EXCLUSIVE` lock of a table, by the engine's own name for it. */
  strong(table: string): Lock;
  /** A walk along the primary key `id` (bigint). */
  along(table: string, own: Partial<BatchesAct>): BatchesAct;
}

export interface RunStand {
  readonly name: string;
  readonly engine: "postgres" | "mariadb";
  /** Null where there is only one. */
  readonly major: number | null;
  /** @param on Of the second engine: a server of the test's own instead of the one that all share. */
  databaseFor(test: Test, on?: MariadbServer): Promise<RunDatabase>;
  /** As `from` takes it: rows with a column `n` that goes from 1 on. */
  series(count: number): string;
  /** A statement that takes its time. */
  sleep(seconds: number): string;
  /** Values of a column of numbers, in their order, as one text. */
  list(column: string): string;
  /** An act that builds an index at its mildest, and the probe of it. */
  index(name: string, definition: string, unique?: boolean): { readonly act: ReturnType<typeof outside>; readonly probe: string };
  /** `yes` where an index is there and valid, `broken` where it is not valid, else no row. */
  indexState(name: string): string;
  /** How many sessions in this database are at a statement that begins with these words. */
  working(words: string): string;
}

/** What every database of either engine has alike. */
const asked = (rows: RunDatabase["rows"]): Pick<RunDatabase, "rows" | "one"> => ({
  rows,
  one: async (text) => Object.values((await rows(text))[0] ?? {})[0] ?? null,
});

const asText = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));
const asTextRow = (row: Readonly<Record<string, unknown>>): TextRow => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asText(value)]));

const postgres = (major: number): RunStand => {
  const stand: RunStand = {
    name: `PostgreSQL ${major}`,
    engine: "postgres",
    major,
    async databaseFor(test) {
      const db = await databaseFor(test, major);
      return {
        name: db.name,
        url: db.url,
        server: db.server,
        stand,
        connect: db.connect,
        ...asked(async (text) => (await db.rows(text)).map(asTextRow)),
        strong: (table) => strong(table),
        along: (table, own) => alongId(table, own),
      };
    },
    series: (count) => `generate_series(1, ${count}) n`,
    sleep: (seconds) => `select pg_sleep(${seconds})`,
    list: (column) => `string_agg(${column}::text, ',' order by ${column})`,
    index: (name, definition, unique = false) => ({
      act: outside([`create ${unique ? "unique " : ""}index concurrently ${name} on ${definition}`], [`drop index concurrently ${name}`]),
      probe: indexProbe(name),
    }),
    indexState: (name) => `select case when indisvalid then 'yes' else 'broken' end as state from pg_index where indexrelid = to_regclass('${name}')`,
    working: (words) => `select count(*) from pg_stat_activity where datname = current_database() and query ilike '${words}%' and state = 'active'`,
  };
  return stand;
};

const probeWhere = (source: string): string => `select if(exists (select 1 from information_schema.${source}), 'done', 'absent') as state`;

const mariadb: RunStand = {
  name: "MariaDB",
  engine: "mariadb",
  major: null,
  async databaseFor(test, on) {
    const db = await mariadbDatabaseFor(test, on);
    const table = (name: string) => ({ schema: db.name, name });
    return {
      name: db.name,
      url: db.url,
      server: db.server as unknown as RunDatabase["server"],
      stand: mariadb,
      connect: () => db.connect(),
      ...asked(async (text) => (await db.rows(text)).map(asTextRow)),
      strong: (name) => ({ table: table(name), mode: "EXCLUSIVE MDL", strong: true }),
      along: (name, own) =>
        alongId(name, {
          table: table(name),
          bound: `with page as (select id from ${name} where {{after}} order by id limit {{limit}}) select cast(id as char) as k1 from page where (select count(*) from page) = {{limit}} order by id desc limit 1`,
          last: `select cast(id as char) as k1 from ${name} order by id desc limit 1`,
          ...own,
        }),
    };
  },
  series: (count) => `(select seq as n from seq_1_to_${count}) s`,
  sleep: (seconds) => `select sleep(${seconds})`,
  list: (column) => `group_concat(${column} order by ${column})`,
  index: (name, definition, unique = false) => {
    const [table = "", keys = ""] = definition.split(/ (?=\()/);
    return {
      act: outside([`alter table ${table} add ${unique ? "unique " : ""}index ${name} ${keys}, algorithm=inplace, lock=none`]),
      probe: probeWhere(`statistics where table_schema = database() and index_name = '${name}'`),
    };
  },
  indexState: (name) => `select distinct 'yes' as state from information_schema.statistics where table_schema = database() and index_name = '${name}'`,
  working: (words) => `select count(*) from information_schema.processlist where db = database() and info like '${words}%' and id <> connection_id()`,
};

export { probeWhere };

const covered: readonly (readonly [name: string, RunStand])[] = [...majors.map(postgres), ...(hasMariadb ? [mariadb] : [])].map((stand) => [stand.name, stand]);

/** The newest of each engine. */
export const newestStands = covered.filter(([, { major }]) => major === null || major === newest);

/** Use with `describe.each(runStands)("on %s", (_, stand) => …)`. `npm test` leaves older servers to the rest of the suite: how a run is carried hardly differs there. */
export const runStands = process.env["HOTSTICK_SCOPE"] === "quick" ? newestStands : covered;

/** A database of its own for a part of a test, or for one of several tests that run at once. */
export const inDatabase = <T>(stand: RunStand, work: (db: RunDatabase) => Promise<T>): Promise<T> =>
  asPart(async (part) => work(await stand.databaseFor(part)));
