import { defineConfig } from "vitest/config";

/** Servers of the second engine that are given by URL: its own tests run on each of them too. */
const given = (process.env["HOTSTICK_MYSQL_URLS"] ?? "").split(/\s+/).filter((url) => url !== "");

/** One test at a time has a given server, and the others' waiting counts. */
const patienceMs = given.length > 0 ? 600_000 : 60_000;
const servers = {
  globalSetup: ["test/harness/global-setup.ts"],
  testTimeout: patienceMs,
  hookTimeout: 60_000,
  // What is waited for comes late on a busy machine. MariaDB renews what it says of transactions only when nobody has asked for 100 ms.
  expect: { poll: { timeout: 30_000, interval: 150 } },
};
/** What only the second engine has. */
const second = ["test/**/{mariadb,mysql,mysql-*}/**/*.test.ts"];
/** As much of it as `npm test` has time for; the files that both engines read are in `db`. */
const secondQuick = [
  "test/conformance/mariadb/{carry,enact,exchange,facts,lease,reader,store,syntax,walks}.test.ts",
  "test/conformance/mysql/{holds,statement-probes}.test.ts",
  "test/scenario/mysql-app/rights.test.ts",
  "test/scenario/mysql-lifecycle/{kept,refused,there-and-back,writers}.test.ts",
  "test/scenario/mysql-sql/run.test.ts",
  "test/scenario/mysql-sync/{chain,inserts,one-link,swap}.test.ts",
];
const isQuick = process.env["HOTSTICK_SCOPE"] === "quick";

export default defineConfig({
  test: {
    // Each worker of the database tests runs its own servers. The usual tests wait as much as they work; more of all would only wait for each other.
    maxWorkers: isQuick ? 3 : 2,
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts", "test/*.test.ts"] } },
      { test: { name: "db", include: ["test/{conformance,scenario,corpus,property}/**/*.test.ts"], exclude: second, ...servers } },
      { test: { name: "mariadb", include: isQuick ? secondQuick : second, ...servers } },
      ...given.map((url) => ({
        test: { name: `mariadb-at-${new URL(url).host}`, include: second, env: { HOTSTICK_MYSQL_PLACE: url }, ...servers },
      })),
    ],
  },
});
