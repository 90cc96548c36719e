import { defineConfig } from "vitest/config";

const servers = { globalSetup: ["test/harness/global-setup.ts"], testTimeout: 60_000, hookTimeout: 60_000 };
/** The second engine is in the making: what only it has is tested by `npm run test:mariadb`. */
const second = ["test/**/{mariadb,mysql,mysql-*}/**/*.test.ts"];
/** Servers of the second engine that are given by URL: its own tests run on each of them too. */
const given = (process.env["HOTSTICK_MYSQL_URLS"] ?? "").split(/\s+/).filter((url) => url !== "");

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
