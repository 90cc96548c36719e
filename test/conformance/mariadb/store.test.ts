// What only this engine's store has to stand: one home for all databases of a server, its rights, size limits.
import { readFile } from "node:fs/promises";
import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import type { Session } from "../../../src/drivers/driver.ts";
import { hasMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { holder, withSession } from "../../harness/runs.ts";
import { mariadbStand as stand } from "../../harness/stands.ts";
import { ask, caught, opened, simple } from "../fixtures/stored.ts";

const statements = async (): Promise<readonly string[]> =>
  (await readFile(new URL("../../../src/store/mysql/sql/0001.sql", import.meta.url), "utf8")).split(/\n\s*\n/).map((each) => each.replace(/;\s*$/, ""));

async function made(t: Pick<TestContext, "task" | "onTestFinished">) {
  const db = await stand!.databaseFor(t);
  return { db, tools: stand!.toolsFor(db.url) };
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
      await own.store.note(session, hold, [{ kind: "paused", reason: "no right of an administrator is needed" }]);
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

  test("a run can be walked back unless somebody has its tables or migrations, or it is open", async (t) => {
    const { tools } = await made(t);
    const { store } = tools;
    await withSession(tools, async (session) => {
      const again = async () => ({ ...ask(simple(""), (await store.overview(session)).seen), goal: "start" as const });
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

  test("a guard's words come back", async (t) => {
    const { tools } = await made(t);
    await withSession(tools, async (session) => {
      await tools.store.ensure(session);
      await session.script(["call hotstick.refuse(null)"]);
      const error = await caught(session.script(["call hotstick.refuse((select concat('Ärger 🌳 ', repeat('x', 300)) from (select 1) found))"]));
      expect(tools.driver.classify(error)).toBe("guard");
      // The server's messages hold characters of up to three bytes.
      expect(error.message).toBe(`Ärger ? ${"x".repeat(120)}`);
    });
  });

  test("an attempt is journalled as done once", async (t) => {
    const { tools } = await made(t);
    const { store, driver } = tools;
    await withSession(tools, async (session) => {
      const hold = await opened(tools, session, simple("one"));
      const done = { kind: "done", step: "expand-1", attempt: 1, phase: "expand", ms: 1, group: null, mark: null, bound: null, found: false } as const;
      expect(await store.happened(session, hold.run, "expand-1", 1)).toBeNull();
      const event = await store.note(session, hold, [done]);
      expect(await store.happened(session, hold.run, "expand-1", 1)).toEqual(event);
      expect(driver.classify(await store.note(session, hold, [done]).catch((error: unknown) => error))).toBe("refused");
      await store.note(session, hold, [{ kind: "started", step: "expand-1", attempt: 1, phase: "expand" }]);
      await store.note(session, hold, [{ ...done, attempt: 2 }]);
      expect((await store.events(session, hold.run)).map(({ kind }) => kind)).toEqual(["opened", "done", "started", "done"]);
    });
  });

  test("a database that was dropped and made again under its name is not taken for the one that was migrated", async (t) => {
    const { db, tools } = await made(t);
    const { store } = tools;
    const look = (): Promise<unknown> => withSession(tools, (session) => store.overview(session));
    await db.rows("create table app (a int)");
    await withSession(tools, async (session) => {
      const hold = await opened(tools, session, simple("one", ["app"]));
      await store.close(session, hold, "applied");
    });
    expect(await look()).toMatchObject({ migrations: [{ name: "one", state: "applied" }] });
    await db.rows(`drop database ${db.name}; create database ${db.name}`);
    const refused = await caught(look());
    expect(refused).toMatchObject({
      code: "database-emptied",
      exit: 4,
      subject: { name: db.name },
      hint: expect.stringContaining("delete from hotstick.migrations"),
    });
    // As the hint says, and nothing else is forgotten.
    await db.rows(String(refused.hint).split(": ").at(-1) ?? "");
    expect(await look()).toMatchObject({ migrations: [], openRuns: [] });
  });

  test("a database that a migration has left without tables, or that never had any, is none that was dropped", async (t) => {
    const { db, tools } = await made(t);
    const { store } = tools;
    await withSession(tools, async (session) => {
      const none = await opened(tools, session, simple("none"));
      await store.close(session, none, "applied");
      expect((await store.overview(session)).migrations).toHaveLength(1);
      await db.rows("create table app (a int)");
      const first = await opened(tools, session, simple("first", ["app"]));
      await store.close(session, first, "applied");
      const last = await opened(tools, session, simple("last", ["app"]));
      await db.rows("drop table app");
      expect((await store.overview(session)).openRuns).toHaveLength(1);
      await store.close(session, last, "applied");
      expect((await store.overview(session)).migrations).toHaveLength(3);
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
