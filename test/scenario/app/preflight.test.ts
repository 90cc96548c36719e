// Servers and connections on which nothing may be changed; and watching from another process.
import { describe, expect, test } from "vitest";
import type { StatusResult } from "../../../src/app/contract.ts";
import { doctor } from "../../../src/app/doctor.ts";
import { plan } from "../../../src/app/plan.ts";
import { start } from "../../../src/app/start.ts";
import { status } from "../../../src/app/status.ts";
import { up } from "../../../src/app/up.ts";
import { startPooler } from "../../conformance/fixtures/pooler.ts";
import { firstAppStands } from "../../harness/app-stands.ts";
import { databaseFor } from "../../harness/servers.ts";
import { caught, projectFor, script } from "./project.ts";

const files = { "1_items.ts": script([{ kind: "create-table", table: "items", columns: [{ name: "id", type: "int" }], primaryKey: ["id"] }]) };

test("behind a transaction pooler a run is refused until directUrl leads around it", async (t) => {
  const db = await databaseFor(t);
  const pooler = await startPooler(db.server.port, db.name);
  t.onTestFinished(() => pooler.close());
  const pooled = await projectFor(t, pooler.url, files).context();
  expect(await caught(up(pooled, { check: false }))).toMatchObject({ code: "pooled-connection", hint: expect.stringContaining("directUrl") });
  expect((await doctor(pooled, {})).checks.find(({ title }) => title === "connection")).toMatchObject({ state: "bad" });
  expect((await status(pooled, {})).pending).toEqual(["1_items"]);
  const project = projectFor(t, pooler.url, files);
  // The flag would overrule the environment's direct address.
  const direct = await project.context({ flags: {}, env: { DATABASE_URL: pooler.url, HOTSTICK_DIRECT_URL: db.url } });
  expect((await up(direct, { check: false })).applied).toEqual(["1_items"]);
  expect(await up(direct, { check: true })).toMatchObject({ pending: [] });
  await pooler.close();
});

test("a database that takes no writes is refused before anything is tried", async (t) => {
  const db = await databaseFor(t);
  await db.rows(`alter database ${db.name} set default_transaction_read_only = on`);
  const context = await projectFor(t, db.url, files).context();
  expect(await caught(up(context, { check: false }))).toMatchObject({ code: "read-only-server" });
  expect(await up(context, { check: true })).toMatchObject({ pending: ["1_items"] });
  const { plan: planned, next } = await plan(context, { check: false });
  expect(planned?.findings).toMatchObject([{ rule: "would-not-begin", message: expect.stringContaining("read-only-server"), fix: expect.any(String) }]);
  expect([planned?.steps.length, next]).toEqual([1, null]);
});

describe.each(firstAppStands)("on %s", (_, stand) => {
  test("no database, no folder, no such server", async (t) => {
    const db = await stand.databaseFor(t);
    const project = projectFor(t, db.url);
    expect(await caught(up(await project.context({ flags: {} }), { check: false }))).toMatchObject({ code: "no-database" });
    expect(await caught(project.context({ flags: { url: "oracle://localhost/x" } }))).toMatchObject({
      code: "bad-config",
      message: expect.stringContaining("mysql://"),
    });
    expect(await caught(up(await project.context({ flags: { url: db.url, migrations: "./nowhere" } }), { check: false }))).toMatchObject({
      code: "no-migrations-folder",
    });
    expect(await caught(up(await project.context({ flags: { url: `${new URL(db.url).protocol}//root@127.0.0.1:1/x` } }), { check: false }))).toMatchObject({
      code: "cannot-connect",
    });
  });

  test("a backfill is watched from elsewhere", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(
      `create table items (id int primary key, name ${stand.text()}); insert into items select g, 'n' from ${stand.series(1000)}; ${stand.analyze("items")}`,
    );
    const project = projectFor(t, db.url, { "1_rename.ts": script([{ kind: "rename-column", table: "items", from: "name", to: "title" }]) });
    const stop = new AbortController();
    const seen: StatusResult[] = [];
    // Somebody else's row keeps the run at work until it has been seen there.
    const holder = await db.connect();
    await holder.query("begin; select id from items where id = 900 for update");
    const starting = start(await project.context(), {});
    const watching = status(await project.context({ pause: stop.signal }), { watch: (each) => void seen.push(each) });
    const working = () => seen.flatMap(({ runs }) => runs).filter(({ state }) => state === "working");
    await expect.poll(() => working().length).toBeGreaterThan(0);
    await holder.query("rollback");
    await starting;
    const last = seen.length;
    await expect.poll(() => seen.length).toBeGreaterThan(last);
    stop.abort("interrupt");
    expect((await watching).runs).toMatchObject([{ state: "resting", position: "backfill", ready: true }]);
    expect(working()[0]).toMatchObject({ holder: { pid: process.pid }, next: { command: "hotstick status --watch" } });
  });
});
