import { defineConfig } from "vitest/config";

/** Servers of the second engine that are given by URL: its own tests run on each of them too. */
const given = (process.env["HOTSTICK_MYSQL_URLS"] ?? "").split(/\s+/).filter((url) => url !== "");

/** One test at a time has a given server, and the others' waiting counts. */
const patienceMs = given.length > 0 ? 600_000 : 60_000;
const servers = { globalSetup: ["test/harness/global-setup.ts"], testTimeout: patienceMs, hookTimeout: 60_000 };
/** The second engine is in the making: what only it has is tested by `npm run test:mariadb`. */
const second = ["test/**/{mariadb,mysql,mysql-*}/**/*.test.ts"];
export default defineConfig({
  test: {
    // Each worker of the database tests runs its own servers; more would only wait for each other.
    maxWorkers: 2,
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts", "test/*.test.ts"] } },
      { test: { name: "db", include: ["test/{conformance,scenario,corpus,property}/**/*.test.ts"], exclude: second, ...servers } },
      { test: { name: "mariadb", include: second, ...servers } },
      ...given.map((url) => ({
        test: { name: `mariadb-at-${new URL(url).host}`, include: second, env: { HOTSTICK_MYSQL_PLACE: url }, ...servers },
      })),
    ],
  },
});
