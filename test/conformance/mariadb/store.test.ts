// What only this engine's store has to stand: statements that commit one by one, one home for all databases of a server, size limits.
import { readFile } from "node:fs/promises";
import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import type { Session } from "../../../src/drivers/driver.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import type { Problem } from "../../../src/problem.ts";
import type { Tools } from "../../../src/run/tools.ts";
import type { Hold, OpenRequest } from "../../../src/store/store.ts";
import { hasMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { draft, holder, inTransaction, planOf, withSession } from "../../harness/runs.ts";
import { mariadbStand as stand } from "../../harness/stands.ts";

type Test = Pick<TestContext, "task" | "onTestFinished">;

const caught = async (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => expect.fail("no Problem"),
    (error) => error as Problem,
  );
const simple = (name: string, tables: readonly string[] = [], title = "one"): Plan =>
  planOf([draft("expand", inTransaction(["select 1"]), { title })], { name, tables });
const times = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, (_, i) => work(i)));

const statements = async (): Promise<readonly string[]> =>
  (await readFile(new URL("../../../src/store/mysql/sql/0001.sql", import.meta.url), "utf8")).split(/\n\s*\n/).map((each) => each.replace(/;\s*$/, ""));

async function made(t: Test) {
  const db = await stand!.databaseFor(t);
  return { db, tools: stand!.toolsFor(db.url) };
}

const ask = (plan: Plan, seen: string, own: Partial<OpenRequest> = {}): OpenRequest => ({
  plan,
  by: "ada@here",
  holder,
  token: crypto.randomUUID(),
  ttlMs: 30_000,
  seen,
  ...own,
});

async function opened({ store }: Tools, session: Session, plan: Plan, own: Partial<OpenRequest> = {}): Promise<Hold> {
  await store.ensure(session);
  const request = ask(plan, (await store.overview(session)).seen, own);
  return { run: await store.open(session, request), token: request.token };
}

/** Counts the messages that a session sends. */
function counting(session: Session): { readonly session: Session; sent: number } {
  const counter = { sent: 0, session };
  counter.session = new Proxy(session, {
    get(target, name) {
      if (name === "query" || name === "script") counter.sent += 1;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return counter;
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

  test("the first look is one message, whether there is a store or not", async (t) => {
    const { tools } = await made(t);
    await withSession(tools, async (session) => {
      const looks = async (): Promise<number> => {
        const counter = counting(session);
        await tools.store.overview(counter.session);
        return counter.sent;
      };
      expect(await looks()).toBe(1);
      await session.script([(await statements())[0]!]);
      expect(await looks()).toBe(1);
      await opened(tools, session, simple("one"));
      expect(await looks()).toBe(1);
    });
  });

  test("an account without the right is told which to ask for, and it can be given before the database exists", async (t) => {
    const { db, tools } = await made(t);
    const account = `r_${db.name.slice(-12)}`;
    await db.rows(`create user ${account}@'%'; grant all privileges on ${db.name}.* to ${account}@'%'`);
    t.onTestFinished(async () => void (await db.rows(`drop user ${account}@'%'`)));
    const own = stand!.toolsFor(db.url.replace(/\/\/[^@]*@/, `//${account}@`));
    await withSession(own, async (session) => {
      const denied = { code: "store-denied", hint: expect.stringContaining("grant all privileges on hotstick.*") };
      expect(await caught(own.store.ensure(session))).toMatchObject(denied);
      expect(await caught(own.store.overview(session))).toMatchObject(denied);
      await db.rows(`grant all privileges on hotstick.* to ${account}@'%'`);
    });
    await withSession(own, async (session) => {
      const hold = await opened(own, session, simple("one"));
      await own.store.note(session, hold, { kind: "paused", reason: "no right of an administrator is needed" });
      await own.store.close(session, hold, "applied");
    });
    expect(await db.rows("select @@log_bin as binary_log")).toEqual([{ binary_log: "1" }]);
    expect(await withSession(tools, (session) => tools.store.overview(session))).toMatchObject({ migrations: [{ name: "one", state: "applied" }] });
  });

  test("two applications of one server know nothing of each other", async (t) => {
    const { tools } = await made(t);
    const neighbour = await mariadbDatabaseFor(t);
    const others = stand!.toolsFor(neighbour.url);
    const { store } = tools;
    await withSession(tools, (mine) =>
      withSession(others, async (theirs) => {
        const [a, b] = [await opened(tools, mine, simple("same", ["t"])), await opened(others, theirs, simple("same", ["t"]))];
        expect(b.run).not.toBe(a.run);
        expect((await store.runs(mine, 10)).map((run) => run.id)).toEqual([a.run]);
        expect(await store.run(mine, b.run)).toBeNull();
        expect(await store.lease(mine, b.run)).toBeNull();
        await store.requestPause(mine, b.run, "ada");
        expect(await store.beat(theirs, b, 30_000)).toEqual({ held: true, pauseRequestedBy: null });
        const before = (await store.overview(theirs)).seen;
        await store.close(mine, a, "applied");
        expect(await store.overview(theirs)).toMatchObject({ seen: before, migrations: [{ name: "same", state: "open" }] });
        expect(await store.overview(mine)).toMatchObject({ openRuns: [], migrations: [{ name: "same", state: "applied" }] });
        await store.close(theirs, b, "reverted");
      }),
    );
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
        await new Promise((resolve) => setTimeout(resolve, 200));
        await db.rows(`kill connection ${other.backend.pid}`);
        expect((await opening).run).toBeGreaterThan(0);
      });
    });
    expect(await db.rows("select table_key from hotstick.claims")).toEqual([{ table_key: "public.t" }]);
  });

  test("a run can be walked back unless somebody has its tables or migrations, or it is open", async (t) => {
    const { tools } = await made(t);
    const { store } = tools;
    await withSession(tools, async (session) => {
      const again = async () => ask(simple(""), (await store.overview(session)).seen);
      const first = await opened(tools, session, simple("one", ["a"]));
      expect(await caught(store.reopen(session, first.run, await again()))).toMatchObject({
        code: "migration-claimed",
        message: expect.stringContaining("open already"),
        details: { run: first.run, holder },
      });
      await store.close(session, first, "applied");
      const second = await opened(tools, session, simple("two", ["a"]));
      expect(await caught(store.reopen(session, first.run, await again()))).toMatchObject({ code: "table-claimed", exit: 5, details: { run: second.run } });
      await store.close(session, second, "applied");
      expect(await caught(store.reopen(session, first.run, { ...(await again()), seen: "1/1" }))).toMatchObject({ code: "plan-stale", exit: 5 });
      const request = await again();
      await store.reformat(session, "one", "new bytes");
      await store.reopen(session, first.run, request);
      await store.close(session, { run: first.run, token: request.token }, "reverted");
      const third = await opened(tools, session, simple("one", ["a"]));
      await store.close(session, third, "applied");
      expect(await caught(store.reopen(session, first.run, await again()))).toMatchObject({
        code: "migration-claimed",
        details: { run: third.run, state: "applied" },
      });
    });
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
      await new Promise((resolve) => setTimeout(resolve, 150 + 70 * round));
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

  test("an attempt is journalled as done once", async (t) => {
    const { tools } = await made(t);
    const { store, driver } = tools;
    await withSession(tools, async (session) => {
      const hold = await opened(tools, session, simple("one"));
      const done = { kind: "done", step: "expand-1", attempt: 1, phase: "expand", ms: 1, group: null, mark: null, bound: null, found: false } as const;
      expect(await store.happened(session, hold.run, "expand-1", 1)).toBeNull();
      const event = await store.note(session, hold, done);
      expect(await store.happened(session, hold.run, "expand-1", 1)).toEqual(event);
      expect(driver.classify(await store.note(session, hold, done).catch((error: unknown) => error))).toBe("refused");
      await store.note(session, hold, { kind: "started", step: "expand-1", attempt: 1, phase: "expand" });
      await store.note(session, hold, { ...done, attempt: 2 });
      expect((await store.events(session, hold.run)).map(({ kind }) => kind)).toEqual(["opened", "done", "started", "done"]);
    });
  });

  test("a plan of many megabytes is kept as it is; one that the server would not take is refused with the setting", async (t) => {
    const server = await ownMariadbFor(t, { settings: { max_allowed_packet: String(8 * 2 ** 20) } });
    const tools = stand!.toolsFor((await mariadbDatabaseFor(t, server)).url);
    const { store } = tools;
    await withSession(tools, async (session) => {
      const large = simple("large", [], `'\\ü${"x".repeat(3_000_000)}`);
      const hold = await opened(tools, session, large);
      expect((await store.run(session, hold.run))?.plan).toEqual(large);
      await store.close(session, hold, "applied");
      const { seen } = await store.overview(session);
      const refused = await caught(store.open(session, ask(simple("larger", [], "x".repeat(9_000_000)), seen)));
      expect(refused).toMatchObject({
        code: "message-too-large",
        message: expect.stringContaining("max_allowed_packet"),
        hint: expect.stringContaining("16777216"),
      });
      expect(session.closed).toBe(false);
      expect((await store.overview(session)).openRuns).toEqual([]);
    });
  });
});
