// The store where every statement that makes it commits by itself: many at once, and killed at every point.
import { readFile } from "node:fs/promises";
import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import type { Problem } from "../../../src/problem.ts";
import { hasMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { holder, withSession } from "../../harness/runs.ts";
import { mariadbStand as stand } from "../../harness/stands.ts";
import { ask, opened, pause, simple, times } from "../fixtures/stored.ts";

const statements = async (): Promise<readonly string[]> =>
  (await readFile(new URL("../../../src/store/mysql/sql/0001.sql", import.meta.url), "utf8")).split(/\n\s*\n/).map((each) => each.replace(/;\s*$/, ""));

async function made(t: Pick<TestContext, "task" | "onTestFinished">) {
  const db = await stand!.databaseFor(t);
  return { db, tools: stand!.toolsFor(db.url) };
}

describe.runIf(hasMariadb)("the store on MariaDB", () => {
  test("whatever crash left of it is no store, and is completed", async (t) => {
    const { db, tools } = await made(t);
    const all = await statements();
    await withSession(tools, async (session) => {
      for (let sent = 0; sent < all.length; sent += 1) {
        for (const statement of all.slice(0, sent)) await session.script([statement]);
        expect(await tools.store.overview(session), `after ${sent}`).toEqual({ version: 0, migrations: [], openRuns: [], seen: "" });
        await tools.store.ensure(session);
        expect(await tools.store.overview(session)).toEqual({ version: 1, migrations: [], openRuns: [], seen: "0/0" });
        expect(await db.rows("select version from hotstick.version")).toEqual([{ version: 1 }]);
        await session.script(["drop database hotstick"]);
      }
    });
  });

  test("twenty processes at once complete what a crash left", async (t) => {
    const { db, tools } = await made(t);
    const all = await statements();
    await withSession(tools, async (session) => {
      for (const statement of all.slice(0, 6)) await session.script([statement]);
    });
    await times(20, () => withSession(tools, (session) => tools.store.ensure(session)));
    expect(await db.rows("select version from hotstick.version")).toEqual([{ version: 1 }]);
  });

  test("a store that was restored without its routines is completed by whoever carries a run", async (t) => {
    const { db, tools } = await made(t);
    const lose = () => db.rows("drop procedure hotstick.hold; drop procedure hotstick.expect; drop procedure hotstick.refuse");
    await withSession(tools, async (session) => {
      const hold = await opened(tools, session, simple("one"));
      await lose();
      expect(await tools.store.overview(session)).toMatchObject({ version: 1, openRuns: [{ id: hold.run }] });
      await times(5, () => withSession(tools, (other) => tools.store.record(other, hold, other.backend, "work")));
      await session.script([tools.store.statements.hold(hold), "call hotstick.refuse(null)"]);
      await lose();
      expect((await opened(tools, session, simple("two"))).run).toBeGreaterThan(hold.run);
    });
  });

  test("twenty who open runs on tables of their own all get through, one after the other", async (t) => {
    const { tools } = await made(t);
    await withSession(tools, (session) => tools.store.ensure(session));
    const runs = await times(20, (i) =>
      withSession(tools, async (session) => {
        for (;;) {
          const { seen } = await tools.store.overview(session);
          const request = ask(simple(`m${i}`, [`t${i}`, `u${i}`]), seen);
          try {
            const run = await tools.store.open(session, request);
            await tools.store.close(session, { run, token: request.token }, i % 2 === 0 ? "applied" : "reverted");
            return run;
          } catch (error) {
            expect((error as Problem).code, String((error as Error).stack)).toBe("plan-stale");
          }
        }
      }),
    );
    expect(new Set(runs).size).toBe(20);
    const { openRuns, migrations, seen } = await withSession(tools, (session) => tools.store.overview(session));
    expect({ openRuns, seen, states: migrations.map(({ state }) => state).sort() }).toEqual({
      openRuns: [],
      seen: `${Math.max(...runs)}/40`,
      states: [...Array(10).fill("applied"), ...Array(10).fill("reverted")],
    });
  });

  test("a run is opened whole or not at all, also by a process that dies at it", async (t) => {
    const { db, tools } = await made(t);
    await withSession(tools, async (session) => {
      await tools.store.ensure(session);
      await withSession(tools, async (other) => {
        // Somebody opens and stops half-way: whoever comes next waits for the server to notice.
        await other.script([
          "insert ignore into hotstick.homes (home) values (database())",
          "start transaction",
          "select turns from hotstick.homes where home = database() for update",
          "insert into hotstick.claims (home, table_key, run) values (database(), 'public.t', 77)",
        ]);
        const opening = opened(tools, session, simple("one", ["t"]));
        await pause(200);
        await db.rows(`kill connection ${other.backend.pid}`);
        expect((await opening).run).toBeGreaterThan(0);
      });
    });
    expect(await db.rows("select table_key from hotstick.claims")).toEqual([{ table_key: "public.t" }]);
  });

  test("every look sees one moment, however many runs open and close meanwhile", async (t) => {
    const { tools } = await made(t);
    const { store } = tools;
    await withSession(tools, (session) => store.ensure(session));
    const until = performance.now() + 1_500;
    const working = withSession(tools, async (session) => {
      for (let i = 0; performance.now() < until; i += 1) await store.close(session, await opened(tools, session, simple(`m${i % 7}_${i}`)), "reverted");
    });
    const looking = times(3, () =>
      withSession(tools, async (session) => {
        for (let looks = 0; ; looks += 1) {
          if (performance.now() > until) return looks;
          const { migrations, openRuns } = await store.overview(session);
          expect(openRuns.flatMap((run) => run.migrations)).toEqual(migrations.filter(({ state }) => state === "open").map(({ name }) => name));
          for (const run of openRuns) expect(run.holder).toEqual(holder);
        }
      }),
    );
    await working;
    expect(Math.min(...(await looking))).toBeGreaterThan(10);
  });

  test("a server that is killed while runs open and close keeps each of them whole", async (t) => {
    const server = await ownMariadbFor(t, { durable: true });
    const db = await mariadbDatabaseFor(t, server);
    const tools = stand!.toolsFor(db.url);
    const { store, driver } = tools;
    await withSession(tools, (session) => store.ensure(session));
    let number = 0;
    for (let round = 1; round <= 4; round += 1) {
      const ended = times(4, async () => {
        const session = await driver.connect({ purpose: "test" });
        try {
          for (;;) {
            number += 1;
            const name = `m${number}`;
            const request = ask(simple(name, [name, `${name}_b`]), (await store.overview(session)).seen);
            const run = await store.open(session, request).catch((error: unknown) => {
              if ((error as Problem).code === "plan-stale") return null;
              throw error;
            });
            if (run !== null) await store.close(session, { run, token: request.token }, "applied");
          }
        } catch (error) {
          return driver.classify(error);
        } finally {
          await session.close();
        }
      });
      await pause(150 + 70 * round);
      await server.kill();
      for (const end of await ended) expect(end).toBe("lost");
      await server.restart();
      const open = "select id from hotstick.runs where closed_at is null";
      const wrong = `
        select 'lease' as what, run from hotstick.leases where run not in (${open}) union all select 'fence', run from hotstick.fences where run not in (${open})
        union all select 'claim', run from hotstick.claims where run not in (${open}) union all select 'open', run from hotstick.migrations where (state = 'open') <> (run in (${open}))
        union all select 'missing', id from hotstick.runs r where closed_at is null and (select count(*) from hotstick.claims c where c.run = r.id) + (select count(*) from hotstick.leases l where l.run = r.id)
          + (select count(*) from hotstick.fences f join hotstick.leases l on l.run = f.run and l.token = f.token where f.run = r.id) + (select count(*) from hotstick.migrations m where m.run = r.id) <> 5
        union all select 'turns', turns from hotstick.homes where turns <> (select count(*) from hotstick.events where kind in ('opened', 'closed'))`;
      expect(await db.rows(wrong)).toEqual([]);
      await withSession(tools, async (session) => {
        const { openRuns } = await store.overview(session);
        for (const { id } of openRuns) {
          const mine = { token: crypto.randomUUID(), holder, ttlMs: 30_000, abandoned: true };
          expect(await store.take(session, (await store.lease(session, id))!, mine)).toBe(true);
          await store.close(session, { run: id, token: mine.token }, "reverted");
        }
      });
    }
    expect(number).toBeGreaterThan(20);
  });
});
