// What only this engine's driver has to stand; the rest is in ../driver.test.ts.
import { describe, expect, onTestFinished, test } from "vitest";
import type { Driver, Session } from "../../../src/drivers/driver.ts";
import { postgresDriver } from "../../../src/drivers/postgres/index.ts";
import { sql } from "../../../src/sql/sql.ts";
import { majors, newest } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";
import { startPooler } from "../fixtures/pooler.ts";

const opened = async (driver: Driver, purpose = "test"): Promise<Session> => {
  const session = await driver.connect({ purpose });
  onTestFinished(() => session.close());
  return session;
};

describe.each(majors)("on PostgreSQL %i", (major) => {
  test("of a role that becomes another one knows itself", async (t) => {
    const db = await databaseFor(t, major);
    const [login, owner] = [`${db.name}_login`, `${db.name}_owner`];
    await db.rows(`create role ${owner}; create role ${login} login noinherit in role ${owner}; alter role ${login} set role = ${owner}`);
    t.onTestFinished(async () => {
      await db.rows(`drop role ${login}; drop role ${owner}`);
    });
    const driver = postgresDriver({ url: db.url.replace("postgres@", `${login}@`) });
    const session = await driver.connect({ purpose: "a purpose" });
    try {
      expect(session.backend.started).toMatch(/^\d{4}-/);
      expect(await session.query(sql`select current_user::text as name`)).toEqual([{ name: owner }]);
    } finally {
      await session.close();
    }
  });

  test("names who blocks: holders, waiters, prepared transactions, on partitions too", async (t) => {
    const driver = postgresDriver({ url: (await databaseFor(t, major)).url });
    const [reader, writer, waiting, asking] = [
      await opened(driver, "reader"),
      await opened(driver, "writer"),
      await opened(driver, "waiter"),
      await opened(driver),
    ];
    await reader.script([
      "create table p (a int) partition by range (a)",
      "create table p1 partition of p for values from (0) to (10)",
      "create table other (a int)",
    ]);
    await reader.script(["begin", "select from other"]);
    await writer.script(["begin", "insert into p values (1)", "prepare transaction 'left behind'"]);
    await writer.script(["begin", "select from p1"]);
    const locked = waiting.script(["begin", "lock table other in access exclusive mode", "commit"]);
    const name = (table: string) => ({ schema: "public", name: table });
    await expect
      .poll(async () => (await driver.blockers(asking, [{ table: name("other"), mode: "ROW EXCLUSIVE" }])).map((each) => each.application))
      .toEqual(["hotstick waiter"]);
    const other = await driver.blockers(asking, [{ table: name("other"), mode: "ACCESS EXCLUSIVE" }]);
    expect(other.map(({ pid, application, mode, relation, state }) => ({ pid, application, mode, relation, state }))).toEqual([
      { pid: reader.backend.pid, application: "hotstick reader", mode: "ACCESS SHARE", relation: "public.other", state: "idle in transaction" },
      { pid: waiting.backend.pid, application: "hotstick waiter", mode: "ACCESS EXCLUSIVE", relation: "public.other", state: "active" },
    ]);
    expect(other[0]?.ageMs).toBeGreaterThan(0);
    const partitions = await driver.blockers(asking, [{ table: name("p"), mode: "SHARE ROW EXCLUSIVE" }]);
    expect(partitions.map(({ pid, gid, state, relation }) => ({ pid, gid, state, relation }))).toEqual([
      { pid: null, gid: "left behind", state: "prepared", relation: "public.p" },
      { pid: null, gid: "left behind", state: "prepared", relation: "public.p1" },
    ]);
    await writer.script(["commit"]);
    await writer.script(["rollback prepared 'left behind'"]);
    await reader.script(["commit"]);
    await locked;
    expect(
      await driver.blockers(asking, [
        { table: name("p"), mode: "ACCESS EXCLUSIVE" },
        { table: name("other"), mode: "ACCESS EXCLUSIVE" },
      ]),
    ).toEqual([]);
  });
});

test("through a pooler that loses sessions is noticed, and leaves no setting behind for others", async (t) => {
  const db = await databaseFor(t, newest);
  const pooler = await startPooler(db.server.port, db.name);
  const driver = postgresDriver({ url: pooler.url });
  const session = await driver.connect({ purpose: "pooled" });
  expect((await driver.server(session)).pooled).toBe(true);
  expect(await session.query(sql`select current_setting('row_security') as rls`)).toEqual([{ rls: "on" }]);
  await db.rows("create table seen (at timestamptz default '2026-01-01 00:00:00+00')");
  expect((await driver.introspect(session)).tables["public.seen"]?.columns[0]?.default).toBe("'2026-01-01 00:00:00+00'::timestamp with time zone");
  expect(await session.query(sql`select current_setting('row_security') as rls`)).toEqual([{ rls: "on" }]);
  await session.close();
  await pooler.close();
});
