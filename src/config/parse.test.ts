import { expect, test } from "vitest";
import type { ConfigFile } from "./config.ts";
import type { Environment, Flags } from "./layers.ts";
import { parseConfig } from "./parse.ts";

const parse = (file: unknown, env: Environment = {}, flags: Flags = {}) =>
  parseConfig({ cwd: "/srv/app", flags, env, file: file === undefined ? null : { path: "/srv/hotstick.config.ts", value: file } });
const typed = (file: ConfigFile, env?: Environment, flags?: Flags) => parse(file, env, flags);
const mistakes = (...args: Parameters<typeof parse>): readonly string[] => {
  try {
    parse(...args);
  } catch (error) {
    expect(error).toMatchObject({ code: "bad-config", exit: 1 });
    return (error as { details: readonly string[] }).details;
  }
  return [];
};

test("no file and no environment: defaults", () => {
  expect(parse(undefined)).toEqual({
    file: null,
    root: "/srv/app",
    environment: null,
    url: null,
    directUrl: null,
    replicaUrls: [],
    migrations: "/srv/app/migrations",
    lockBudgetMs: 200,
    lockTries: 60,
    batchTargetMs: 100,
    maxTimeMs: null,
    oldApplications: [],
    oldRoles: [],
  });
});

test("flags win over variables, these over the file's environment, that over its top level", () => {
  const file: ConfigFile = {
    lockBudget: 1000,
    lockTries: 1,
    batchTarget: "50ms",
    oldRoles: ["a"],
    environments: { live: { lockBudget: 900, lockTries: 2, batchTarget: "60ms" } },
  };
  const config = typed(file, { HOTSTICK_LOCK_BUDGET: "800", HOTSTICK_LOCK_TRIES: "3" }, { env: "live", lockBudget: "700ms" });
  expect(config).toMatchObject({ environment: "live", lockBudgetMs: 700, lockTries: 3, batchTargetMs: 60, oldRoles: ["a"] });
});

test("HOTSTICK_URL wins over DATABASE_URL; an empty variable is unset", () => {
  expect(parse(undefined, { DATABASE_URL: "postgres://a/b" }).url).toBe("postgres://a/b");
  expect(parse(undefined, { DATABASE_URL: "postgres://a/b", HOTSTICK_URL: "mysql://c/d" }).url).toBe("mysql://c/d");
  expect(parse(undefined, { DATABASE_URL: "postgres://a/b", HOTSTICK_URL: "" }).url).toBe("postgres://a/b");
  expect(parse(undefined, { HOTSTICK_OLD_APPLICATIONS: "web, worker" }).oldApplications).toEqual(["web", "worker"]);
});

test("typed paths are meant from the working folder, the file's from the file", () => {
  expect(typed({ migrations: "db" }).migrations).toBe("/srv/db");
  expect(typed({}).migrations).toBe("/srv/migrations");
  expect(typed({ migrations: "db" }, { HOTSTICK_MIGRATIONS: "env" }).migrations).toBe("/srv/app/env");
  expect(typed({ migrations: "db" }, {}, { migrations: "/abs" }).migrations).toBe("/abs");
});

test("a direct URL goes with the URL beside it only", () => {
  const file: ConfigFile = { url: "postgres://pool/x", directUrl: "postgres://direct/x", replicaUrls: ["postgres://copy/x"] };
  expect(typed(file).replicaUrls).toEqual(["postgres://copy/x"]);
  expect(typed(file, { DATABASE_URL: "postgres://other/x" }).replicaUrls).toEqual([]);
  expect(typed({}, { HOTSTICK_REPLICA_URLS: "postgres://a/x, postgres://b/x" }).replicaUrls).toEqual(["postgres://a/x", "postgres://b/x"]);
  expect(typed(file).directUrl).toBe("postgres://direct/x");
  expect(typed(file, { DATABASE_URL: "postgres://other/x" }).directUrl).toBeNull();
  expect(typed({ directUrl: "postgres://direct/x" }, { DATABASE_URL: "postgres://pool/x" }).directUrl).toBe("postgres://direct/x");
  expect(typed({ directUrl: "postgres://direct/x" }, {}, { url: "postgres://other/x" }).directUrl).toBeNull();
  expect(typed(file, { HOTSTICK_DIRECT_URL: "postgres://new/x" }).directUrl).toBe("postgres://new/x");
});

test("an environment chosen by flag and a DATABASE_URL for another database are refused", () => {
  const file: ConfigFile = { environments: { live: { url: "postgres://live/x" } } };
  expect(mistakes(file, { DATABASE_URL: "postgres://local/x" }, { env: "live" })).toEqual([
    "DATABASE_URL and environments.live.url in hotstick.config.ts name different databases; unset DATABASE_URL, or give --url",
  ]);
  expect(mistakes(file, { DATABASE_URL: "postgres://live/x" }, { env: "live" })).toEqual([]);
  expect(mistakes(file, { DATABASE_URL: "postgres://local/x" }, { env: "live", url: "postgres://local/x" })).toEqual([]);
  expect(typed(file, { DATABASE_URL: "postgres://local/x", HOTSTICK_ENV: "live" }).url).toBe("postgres://local/x");
});

test("all mistakes are named at once, with guesses, and no secret is repeated", () => {
  const file = { lockBuget: 3, url: "http://u:secret@h", batchTarget: "fast", oldRoles: "a,,b", environments: { live: { migrations: "x" }, test: 3 } };
  const found = mistakes(file, { HOTSTICK_LOCK_BUDGT: "1", HOTSTICK_MAJORS: "14" }, { env: "lve", maxTime: "10", lockBudget: "0" });
  expect(found).toEqual([
    "HOTSTICK_LOCK_BUDGT is not a setting. Did you mean HOTSTICK_LOCK_BUDGET?",
    'lockBuget in hotstick.config.ts is not a setting. Did you mean "lockBudget"?',
    "environments.live.migrations in hotstick.config.ts is not a setting.",
    "environments.test in hotstick.config.ts must be an object",
    'environment "lve" is not in hotstick.config.ts, which has live, test. Did you mean "live"?',
    "url in hotstick.config.ts must be a URL that begins with postgres://, postgresql://, mysql://, mariadb://",
    '--lock-budget must be a time from 10ms to 1m, such as "200ms"',
    'batchTarget in hotstick.config.ts must be a time from 1ms to 1m, such as "20ms"',
    '--max-time must be a time from 1s to 720h, such as "20s", with its unit',
    "oldRoles in hotstick.config.ts must be a list of names",
  ]);
  expect(found.join()).not.toContain("secret");
});

test.each([null, [], 3, "x"])("a file that exports %j is refused", (value) => expect(mistakes(value)).toHaveLength(1));
test("an environment without a file is refused", () => expect(mistakes(undefined, {}, { env: "live" })).toHaveLength(1));
test("values that are undefined are not given", () => expect(parse({ url: undefined }).url).toBeNull());

test.each([
  ["3s", 3000],
  ["1.5s", 1500],
  ["200", 200],
  [" 250 ms ", 250],
  ["1m", 60_000],
])("the lock budget %j is %i ms", (lockBudget, ms) => expect(parse(undefined, {}, { lockBudget }).lockBudgetMs).toBe(ms));
