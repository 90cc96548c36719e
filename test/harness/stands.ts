// What the store and the lease stand on in their conformance tests: one entry for each server, the tests know none of them.
import type { TestContext } from "vitest";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { enact } from "../../src/dialects/mysql/enact.ts";
import { mysqlQuoting } from "../../src/dialects/mysql/quoting.ts";
import { mysqlDriver } from "../../src/drivers/mysql/index.ts";
import type { Tools } from "../../src/run/tools.ts";
import { mysqlStore } from "../../src/store/mysql/mysql-store.ts";
import { majors, newest } from "./majors.ts";
import { here, mariadbDatabaseFor, type Place, places } from "./mariadb.ts";
import { toolsFor } from "./runs.ts";
import { databaseFor } from "./servers.ts";

/** A database of one test's own, without a store. */
export interface StandDatabase {
  readonly name: string;
  readonly url: string;
  readonly server: { readonly port: number };
  /** Runs SQL on a connection of its own; the rows of the last statement. */
  rows(text: string): Promise<readonly Record<string, unknown>[]>;
}

export interface Stand {
  readonly name: string;
  databaseFor(test: Pick<TestContext, "task" | "onTestFinished">): Promise<StandDatabase>;
  toolsFor(url: string, own?: Partial<Tools>): Tools;
  /** Rows exactly where Hotstick's namespace exists. */
  readonly home: string;
  /** A statement that takes its time. */
  sleep(seconds: number): string;
  /** How many sessions in this database are at such a statement of 60 s, as text `n`. */
  readonly sleeping: string;
  /** Changes the token as a takeover does, without ending any session. */
  readonly steal: string;
}

const postgres = (major: number): Stand => ({
  name: `PostgreSQL ${major}`,
  databaseFor: (test) => databaseFor(test, major),
  toolsFor,
  home: "select 1 from pg_namespace where nspname = 'hotstick'",
  sleep: (seconds) => `select pg_sleep(${seconds})`,
  sleeping: "select count(*)::text as n from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid() and datname = current_database()",
  steal: "update hotstick.leases set token = 'other', holder = '{}'",
});

const mysql = ({ name, given }: Place): Stand => ({
  name,
  async databaseFor(test) {
    const db = await mariadbDatabaseFor(test, given ?? undefined);
    // The store is the server's, and each test wants one of its own.
    test.onTestFinished(() => db.server.dropDatabase("hotstick"));
    return db;
  },
  toolsFor: (url, own = {}) => ({
    ...toolsFor(url),
    driver: mysqlDriver({ url }),
    dialect: { engine: "mysql", quoting: mysqlQuoting, ...enact } as Dialect,
    store: mysqlStore(mysqlQuoting),
    ...own,
  }),
  home: "select 1 from information_schema.schemata where schema_name = 'hotstick'",
  sleep: (seconds) => `select sleep(${seconds})`,
  sleeping:
    "select cast(count(*) as char) as n from information_schema.processlist where info like '%sleep(60)%' and id <> connection_id() and db = database()",
  steal: "update hotstick.leases l join hotstick.fences f on f.run = l.run set l.token = 'other', f.token = 'other', l.holder = '{}'",
});

const named = (all: readonly Stand[]): readonly (readonly [name: string, Stand])[] => all.map((stand) => [stand.name, stand]);

/** Every server that is installed and asked for; use with `describe.each(stands)("on %s", (_, stand) => …)`. */
export const stands = named([...majors.map(postgres), ...places.map(mysql)]);

/** For tests that mostly wait: `npm test` leaves older servers to the rest of the suite. */
export const waitedStands = process.env["HOTSTICK_SCOPE"] === "quick" ? named([postgres(newest), ...places.map(mysql)]) : stands;

/** The second engine's where this project's tests run, for tests of what only it does; undefined where there is none. */
export const mariadbStand: Stand | undefined = here === undefined ? undefined : mysql(here);
