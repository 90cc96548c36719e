// What only this engine's driver has to stand; the rest is in ../driver.test.ts.
import { describe, expect, onTestFinished, test } from "vitest";
import { enact } from "../../../src/dialects/postgres/enact.ts";
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

/** A statement that works for so many µs. */
const work = (micros: number): string =>
  `do $$ declare till timestamptz := pg_catalog.clock_timestamp() + interval '${micros} microseconds'; begin while pg_catalog.clock_timestamp() < till loop end loop; end $$`;

describe.each(majors)("a limit on PostgreSQL %i", (major) => {
  const message = (statements: readonly string[], holdTimeout: number, lease = "select 1") =>
    enact.transaction({ lease, journal: [], locks: [], guards: [], statements, lockTimeout: 100, holdTimeout });

  test("that fires just as it is taken off is a timeout all the same", { timeout: 120_000 }, async (t) => {
    const driver = postgresDriver({ url: (await databaseFor(t, major)).url });
    const session = await opened(driver);
    let disguised = 0;
    for (let i = 0; i < 3_000 && disguised < 2; i++) {
      const error: unknown = await session.script(message([work(4_000 + (i % 40) * 30), "select 2"], 5), { limitMs: 5 }).then(
        () => null,
        (met) => met,
      );
      if (error === null) continue;
      await session.script(["rollback"]);
      expect(driver.classify(error), driver.describe(error)).toBe("retry");
      if ((error as Error).cause !== undefined) disguised += 1;
    }
    expect(disguised).toBeGreaterThan(0);
  });

  test("does not take a cancel by hand for its own", async (t) => {
    const driver = postgresDriver({ url: (await databaseFor(t, major)).url });
    const [session, person] = [await opened(driver), await opened(driver)];
    const cancelled = async (statements: readonly string[], limitMs: number): Promise<string> => {
      const failed = session.script(statements, { limitMs }).then(
        () => "done",
        (error) => driver.classify(error),
      );
      await expect.poll(() => driver.doing(person, session.backend)).toContain("pg_sleep");
      await person.query(sql`select pg_cancel_backend(${session.backend.pid}::int)`);
      const kind = await failed;
      await session.script(["rollback"]);
      return kind;
    };
    expect(await cancelled(["select pg_sleep(20)"], 0)).toBe("fatal");
    expect(await cancelled(message(["select pg_sleep(20)"], 20_000), 20_000)).toBe("fatal");
    // It waits for its lease, and the limit is on what it does under its locks.
    expect(await cancelled(message(["select 1"], 50, "select pg_sleep(20)"), 50)).toBe("fatal");
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
