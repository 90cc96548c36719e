// What a MariaDB server must be before a run may begin on it.
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AppContext } from "../../../src/app/contract.ts";
import { doctor } from "../../../src/app/doctor.ts";
import { plan } from "../../../src/app/plan.ts";
import { resume } from "../../../src/app/resume.ts";
import { start } from "../../../src/app/start.ts";
import { startPooler } from "../../conformance/fixtures/mysql-pooler.ts";
import { hasOwnMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { caught, projectFor, script } from "../app/project.ts";

const galera = "/usr/lib/galera/libgalera_smm.so";
const rename = { "1_w.ts": script([{ kind: "rename-column", table: "t", from: "v", to: "w" }]) };
const lay = "create table t (id int primary key, v int) engine = InnoDB; insert into t values (1, 2)";

/** What `plan` says would refuse a run, by its code. */
async function toldByPlan(context: AppContext): Promise<readonly (string | undefined)[]> {
  const { plan: planned, next } = await plan(context, { check: false });
  const found = planned?.findings.filter(({ rule }) => rule === "would-not-begin") ?? [];
  expect(planned?.steps.length).toBeGreaterThan(0);
  expect(next === null).toBe(found.length > 0);
  return found.map(({ message }) => /\(([a-z-]+)\)/.exec(message)?.[1]);
}

describe.runIf(hasOwnMariadb)("a run is refused before anything is changed", () => {
  test.runIf(existsSync(galera))("on a member of a cluster", { timeout: 60_000 }, async (t) => {
    const server = await ownMariadbFor(t, {
      settings: { "wsrep-on": "ON", "wsrep-provider": galera, "wsrep-cluster-address": "gcomm://", "binlog-format": "ROW", "innodb-autoinc-lock-mode": "2" },
    });
    const db = await mariadbDatabaseFor(t, server);
    await db.rows(lay);
    const context = await projectFor(t, db.url, rename).context();
    expect(await toldByPlan(context)).toEqual(["clustered-server"]);
    expect(await caught(start(context, {}))).toMatchObject({ code: "clustered-server", message: expect.stringContaining("Galera") });
    expect(await db.rows("show databases like 'hotstick'")).toEqual([]);
    const { ok, checks } = await doctor(context, {});
    expect(ok).toBe(false);
    expect(checks.find(({ title }) => title === "cluster")).toMatchObject({ state: "bad", message: expect.stringContaining("Galera") });
  });

  test("where columns cannot change in an instant; and goes on when they can", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
    await db.rows(lay);
    const context = await projectFor(t, db.url, rename).context();
    await db.rows("set global innodb_instant_alter_column_allowed = add_last");
    const refused = await caught(start(context, {}));
    expect(refused).toMatchObject({ code: "server-setting", message: expect.stringContaining("is add_last") });
    expect(await db.rows("show databases like 'hotstick'")).toEqual([]);
    await db.rows(/set global [^;]*/.exec(String((refused as { hint?: string }).hint))?.[0] ?? "");
    await start(context, {});
    await db.rows("set global innodb_instant_alter_column_allowed = never");
    expect(await caught(resume(context, {}))).toMatchObject({ code: "server-setting" });
    await db.rows("set global innodb_instant_alter_column_allowed = add_drop_reorder");
  });

  test("where a binary log of statements lets nothing be written in our transactions; and goes on when rows are logged", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
    await db.rows(lay);
    const context = await projectFor(t, db.url, rename).context();
    await db.rows("set global binlog_format = STATEMENT");
    expect(await toldByPlan(context)).toEqual(["server-setting"]);
    const refused = await caught(start(context, {}));
    expect(refused).toMatchObject({ code: "server-setting", message: expect.stringContaining("1665") });
    expect(await db.rows("show databases like 'hotstick'")).toEqual([]);
    await db.rows(/set global [^;]*/.exec(String((refused as { hint?: string }).hint))?.[0] ?? "");
    await start(context, {});
  });

  const proxies = [
    ["that loses sessions", {}],
    ["that sends what only reads elsewhere", { splits: true }],
  ] as const;
  test.for(proxies)("behind a proxy %s, until directUrl leads around it", { timeout: 60_000 }, async ([, how], t) => {
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
    await db.rows(lay);
    const proxy = await startPooler(db.server.port, db.name, how);
    t.onTestFinished(() => proxy.close());
    const through = await projectFor(t, proxy.url, rename).context();
    expect(await toldByPlan(through)).toEqual(["pooled-connection"]);
    expect(await caught(start(through, {}))).toMatchObject({ code: "pooled-connection", hint: expect.stringContaining("HOTSTICK_DIRECT_URL") });
    expect((await doctor(through, {})).checks.find(({ title }) => title === "connection")).toMatchObject({ state: "bad" });
    const around = projectFor(t, proxy.url, rename);
    const direct = await around.context({ flags: {}, env: { DATABASE_URL: proxy.url, HOTSTICK_DIRECT_URL: db.url } });
    expect(await toldByPlan(direct)).toEqual([]);
    await start(direct, {});
    await proxy.close();
  });

  test("where a trigger of its table runs as an account that is gone", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
    await db.rows(`${lay}; create user gone; create definer = gone trigger audit before update on t for each row set new.id = new.id; drop user gone`);
    const context = await projectFor(t, db.url, rename).context();
    expect(await toldByPlan(context)).toEqual(["missing-privilege"]);
    expect(await caught(start(context, {}))).toMatchObject({ code: "missing-privilege", message: expect.stringContaining("1449") });
  });

  test("where nothing may be written, in words of this server", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
    await db.rows(lay);
    const context = await projectFor(t, db.url, rename).context();
    await db.rows("set global read_only = 1");
    expect(await toldByPlan(context)).toEqual(["read-only-server"]);
    expect(await caught(start(context, {}))).toMatchObject({ code: "read-only-server", hint: expect.not.stringContaining("transaction_read_only") });
    const { checks } = await doctor(context, {});
    const told = checks.filter(({ state }) => state === "bad");
    expect(told.map(({ title }) => title)).toEqual(expect.arrayContaining(["server", "read_only"]));
    expect(told.map(({ fix }) => fix).join(" ")).not.toMatch(/transaction_read_only|in schema/);
  });
});
