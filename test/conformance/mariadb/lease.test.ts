// The lease where DDL commits and nothing like FOR KEY SHARE exists: two tables, a fence that LOCK TABLES can hold, and a server that dies.
import { describe, expect, test } from "vitest";
import type { Session } from "../../../src/drivers/driver.ts";
import type { Tools } from "../../../src/run/tools.ts";
import { raw } from "../../../src/sql/sql.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql, ownMariadbFor } from "../../harness/mariadb.ts";
import { holder, withSession } from "../../harness/runs.ts";
import { mariadbStand as stand } from "../../harness/stands.ts";
import { opened, pause, simple, times } from "../fixtures/stored.ts";

const next = (abandoned = false, ttlMs = 30_000) => ({ token: crypto.randomUUID(), holder, ttlMs, abandoned });
const classOf = (tools: Tools, work: Promise<unknown>) =>
  work.then(
    () => "passed",
    (error: unknown) => tools.driver.classify(error),
  );
const inside = onMysql ? "(select count(*) from information_schema.innodb_trx where trx_mysql_thread_id = connection_id())" : "@@in_transaction";
const waits = async (session: Session) =>
  (await session.query(raw(`select @@innodb_lock_wait_timeout as for_rows, @@lock_wait_timeout as for_tables, ${inside} as inside`)))[0];
/** Of the whole server, since it was started. */
const deadlocks = onMysql
  ? "select count as n from information_schema.innodb_metrics where name = 'lock_deadlocks'"
  : "select variable_value as n from information_schema.global_status where variable_name = 'Innodb_deadlocks'";

describe.runIf(hasMariadb)("the lease on MariaDB", () => {
  test.for(["free", "expired", "abandoned"])("of twenty who take one that is %s, one does", async (how, t) => {
    const tools = stand!.toolsFor((await stand!.databaseFor(t)).url);
    const hold = await withSession(tools, async (session) => {
      const made = await opened(tools, session, simple("m"), { ttlMs: how === "expired" ? 1 : 30_000 });
      if (how === "free") await tools.store.release(session, made);
      return made;
    });
    await pause(5);
    const taken = await times(20, () =>
      withSession(tools, async (session) => {
        const seen = (await tools.store.lease(session, hold.run))!;
        const mine = next(how === "abandoned");
        return { won: await tools.store.take(session, seen, mine), token: mine.token };
      }),
    );
    const winners = taken.filter(({ won }) => won);
    // An abandoned one can be taken again by whoever looked after the winner was there, so that only the last counts.
    if (how === "abandoned") expect(winners.length).toBeGreaterThan(0);
    else expect(winners).toHaveLength(1);
    await withSession(tools, async (session) => {
      const { token } = (await tools.store.lease(session, hold.run))!;
      expect(winners.map((winner) => winner.token)).toContain(token);
      expect(await classOf(tools, session.script([tools.store.statements.hold({ run: hold.run, token })]))).toBe("passed");
      for (const other of taken.filter((each) => each.token !== token))
        expect(await classOf(tools, session.script([tools.store.statements.hold({ run: hold.run, token: other.token })]))).toBe("fenced");
    });
  });

  test("a transaction that holds for long keeps a takeover off, which gives up and leaves its session as it was", async (t) => {
    const tools = stand!.toolsFor((await stand!.databaseFor(t)).url);
    const { store } = tools;
    await withSession(tools, (session) =>
      withSession(tools, async (other) => {
        const hold = await opened(tools, session, simple("m"), { ttlMs: 100 });
        await session.script(["start transaction", store.statements.hold(hold)]);
        await pause(150);
        const before = await waits(other);
        const since = performance.now();
        expect(await classOf(tools, store.take(other, hold, next()))).toBe("retry");
        expect(performance.now() - since).toBeLessThan(4_000);
        expect(await waits(other)).toEqual(before);
        expect(await store.lease(other, hold.run)).toMatchObject({ token: hold.token, holder });
        await session.script([store.statements.note(hold.run, { kind: "paused", reason: "last words" }), "commit"]);
        expect(await store.take(other, hold, next())).toBe(true);
        expect(await waits(other)).toEqual(before);
      }),
    );
  });

  test("LOCK TABLES with the fence holds a takeover off and lets the heartbeat, the journal and other runs pass", async (t) => {
    const db = await stand!.databaseFor(t);
    const tools = stand!.toolsFor(db.url);
    const { store } = tools;
    await db.rows("create table t (id int primary key)");
    await withSession(tools, (session) =>
      withSession(tools, async (other) => {
        const neighbour = await opened(tools, other, simple(crypto.randomUUID()));
        const hold = await opened(tools, session, simple(crypto.randomUUID()));
        await session.script(["lock tables t write, hotstick.fences read", store.statements.hold(hold), "alter table t add column a int"]);
        expect(await store.beat(other, hold, 30_000)).toMatchObject({ held: true });
        await store.note(other, hold, [{ kind: "paused", reason: "seen" }]);
        await store.record(other, hold, other.backend, "journal");
        await other.script([
          "start transaction",
          store.statements.hold(neighbour),
          store.statements.note(neighbour.run, { kind: "paused", reason: "seen" }),
          "commit",
        ]);
        const taking = store.take(other, hold, next(true));
        await pause(300);
        // An ALTER commits, and yet nobody is in between.
        await session.script([store.statements.hold(hold), "alter table t add column b int"]);
        await session.script(["unlock tables"]);
        expect(await taking).toBe(true);
        const zombie = session.script(["lock tables t write, hotstick.fences read", store.statements.hold(hold), "alter table t add column c int"]);
        expect(await classOf(tools, zombie)).toBe("fenced");
        await session.script(["unlock tables"]);
      }),
    );
    expect(await db.rows("select column_name as name from information_schema.columns where table_schema = database() order by ordinal_position")).toEqual(
      ["id", "a", "b"].map((name) => ({ name })),
    );
  });

  test("a killed session of the holder writes nothing and holds nothing", async (t) => {
    const db = await stand!.databaseFor(t);
    const tools = stand!.toolsFor(db.url);
    const { store, driver } = tools;
    await withSession(tools, (other) =>
      withSession(tools, async (session) => {
        const hold = await opened(tools, session, simple(crypto.randomUUID()));
        await store.record(session, hold, session.backend, "work");
        await session.script(["start transaction", store.statements.hold(hold), store.statements.note(hold.run, { kind: "paused", reason: "unheard" })]);
        const lease = (await store.lease(other, hold.run))!;
        expect(lease.backends).toEqual([{ ...session.backend, purpose: "work" }]);
        expect(await driver.terminate(other, lease.backends[0]!)).toBe(true);
        expect(await store.take(other, lease, next(true))).toBe(true);
        expect((await store.events(other, hold.run)).map(({ kind }) => kind)).toEqual(["opened"]);
      }),
    );
  });

  test("writes of holders who take the lease from each other never mix", async (t) => {
    const db = await stand!.databaseFor(t);
    const tools = stand!.toolsFor(db.url);
    const { store } = tools;
    await db.rows("create table ledger (id bigint auto_increment primary key, token varchar(100) not null) engine = InnoDB");
    const { run } = await withSession(tools, (session) => opened(tools, session, simple("m"), { ttlMs: 1 }));
    const until = performance.now() + 3_000;
    const contend = async (session: Session): Promise<number> => {
      let turns = 0;
      while (performance.now() < until) {
        const seen = (await store.lease(session, run))!;
        const mine = { run, token: crypto.randomUUID() };
        if (!seen.expired || !(await store.take(session, seen, { ...next(), token: mine.token, ttlMs: 20 }))) continue;
        turns += 1;
        // A zombie by design: it goes on until the server stops it.
        for (;;) {
          try {
            await session.script(["start transaction", store.statements.hold(mine), `insert into ledger (token) values ('${mine.token}')`, "commit"]);
          } catch (error) {
            await session.script(["rollback"]);
            expect(tools.driver.classify(error)).toBe("fenced");
            break;
          }
          if (performance.now() > until + 200) break;
        }
      }
      return turns;
    };
    const turns = await times(6, () => withSession(tools, contend));
    expect(turns.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(10);
    const written = (await db.rows("select token from ledger order by id")).map((row) => row["token"]);
    const blocks = written.filter((token, i) => token !== written[i - 1]);
    expect(blocks).toHaveLength(new Set(written).size);
    expect(written.length).toBeGreaterThan(blocks.length);
  });

  test("a deadlock with somebody else's transaction is tried again", async (t) => {
    const db = await mariadbDatabaseFor(t);
    t.onTestFinished(() => db.server.dropDatabase("hotstick"));
    const tools = stand!.toolsFor(db.url);
    await db.rows(
      "create table heavy (n int) engine = InnoDB; create table thousand (n int) engine = InnoDB; insert into thousand select seq from seq_1_to_1000",
    );
    const met = async (): Promise<number> => Number((await db.rows<{ n: string }>(deadlocks))[0]?.n);
    const before = await met();
    await withSession(tools, async (session) => {
      const hold = await opened(tools, session, simple(crypto.randomUUID()));
      const other = await db.connect();
      await other.query("start transaction");
      // Of two in a deadlock the server lets live whoever has changed more.
      await other.query("insert into heavy select n from thousand");
      await other.query(`update hotstick.leases set beat_at = beat_at + interval 1 second where run = ${hold.run}`);
      const taking = tools.store.take(session, hold, next(true));
      await pause(200);
      await other.query(`update hotstick.fences set token = concat(token, '') where run = ${hold.run}`);
      await pause(200);
      await other.query("commit");
      expect(await taking).toBe(true);
    });
    expect(await met()).toBe(before + 1);
  });

  test("a server that is killed and started again has all that was acknowledged, and knows no old session", async (t) => {
    const server = await ownMariadbFor(t, { durable: true });
    const db = await mariadbDatabaseFor(t, server);
    const tools = stand!.toolsFor(db.url);
    const { store, driver } = tools;
    const first = await driver.connect({ purpose: "test" });
    const hold = await opened(tools, first, simple("m"), { ttlMs: 600_000 });
    await store.record(first, hold, first.backend, "work");
    let acknowledged = 0;
    for (let round = 1; round <= 3; round += 1) {
      const session = await driver.connect({ purpose: "test" });
      const writing = (async () => {
        for (;;) {
          const cursor = { pass: round, after: [String(acknowledged)], end: null, checked: null, total: null };
          await session.script([
            "start transaction",
            store.statements.hold(hold),
            store.statements.note(hold.run, { kind: "paused", reason: String(acknowledged + 1) }),
            store.statements.cursor(hold.run, "step", cursor, { seen: "1", changed: "0" }),
            "commit",
          ]);
          acknowledged += 1;
        }
      })();
      const ended = classOf(tools, writing);
      await pause(150 + 100 * round);
      await server.kill();
      expect(await ended).toBe("lost");
      await server.restart();
      await withSession(tools, async (fresh) => {
        const told = (await store.events(fresh, hold.run)).filter(({ kind }) => kind === "paused").map((event) => Number((event as { reason: string }).reason));
        // One more where the server died between writing and answering; each once, and the cursor with it.
        expect([acknowledged, acknowledged + 1]).toContain(told.length);
        expect(told).toEqual(told.map((_, i) => i + 1));
        expect((await store.cursor(fresh, hold.run, "step"))?.after).toEqual([String(told.length - 1)]);
        acknowledged = told.length;
        const lease = (await store.lease(fresh, hold.run))!;
        expect(lease).toMatchObject({ token: hold.token, expired: false, backends: [{ ...first.backend, purpose: "work" }] });
        expect(await driver.alive(fresh, first.backend)).toBe(false);
        expect(await store.beat(fresh, hold, 600_000)).toMatchObject({ held: true });
      });
      await session.close();
    }
    await first.close();
    await withSession(tools, async (session) => {
      // Numbers of connections begin again, those of runs do not.
      await store.close(session, hold, "applied");
      await server.restart();
    });
    await withSession(tools, async (session) => expect((await opened(tools, session, simple(crypto.randomUUID()))).run).toBeGreaterThan(hold.run));
  });
});
