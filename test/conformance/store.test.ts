// The store on real servers: made by many at once, one run per table, and a lease that fences.
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/plan/plan.ts";
import type { Problem } from "../../src/problem.ts";
import { draft, holder, inTransaction, planOf, withSession } from "../harness/runs.ts";
import { stands } from "../harness/stands.ts";
import { ask as asking, caught, opened, simple } from "./fixtures/stored.ts";

describe.each(stands)("on %s", (_, stand) => {
  test("ten processes at once make one store, again and again", async (t) => {
    for (let round = 0; round < 5; round += 1) {
      const db = await stand.databaseFor(t);
      const tools = stand.toolsFor(db.url);
      await Promise.all(Array.from({ length: 10 }, () => withSession(tools, (session) => tools.store.ensure(session))));
      expect(await db.rows("select version from hotstick.version")).toEqual([{ version: tools.store.version }]);
    }
  });

  test("looking at a database without a store changes nothing", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    expect(await withSession(tools, (session) => tools.store.overview(session))).toEqual({ version: 0, migrations: [], openRuns: [], seen: "" });
    expect(await db.rows(stand.home)).toEqual([]);
  });

  test("a store made by a newer program is refused, whatever it looks like", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    await withSession(tools, async (session) => {
      await tools.store.ensure(session);
      await db.rows("insert into hotstick.version (version) values (99)");
      expect(await caught(tools.store.overview(session))).toMatchObject({ code: "store-newer" });
      expect(await caught(tools.store.ensure(session))).toMatchObject({ code: "store-newer" });
      await db.rows("alter table hotstick.migrations rename column bytes_hash to other");
      expect(await caught(tools.store.overview(session))).toMatchObject({ code: "store-newer" });
    });
  });

  test("a table belongs to one open run, a migration too, and a plan made before either is stale", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    const { store } = tools;
    await withSession(tools, async (session) => {
      await store.ensure(session);
      const { seen } = await store.overview(session);
      const ask = (plan: Plan, now = seen) => asking(plan, now);
      const first = ask(simple("one", ["a", "b"]));
      const run = await store.open(session, first);
      expect(await caught(store.open(session, ask(simple("two", ["b", "c"]))))).toMatchObject({
        code: "table-claimed",
        exit: 5,
        message: expect.stringContaining(holder.name),
        details: { run },
      });
      expect(await caught(store.open(session, ask(simple("one", ["z"]))))).toMatchObject({
        code: "migration-claimed",
        exit: 5,
        details: { run, state: "open" },
      });
      expect(await caught(store.open(session, ask(simple("two", ["c"]))))).toMatchObject({ code: "plan-stale", exit: 5 });
      expect((await store.overview(session)).openRuns).toMatchObject([{ id: run, migrations: ["one"], holder }]);

      await store.close(session, { run, token: first.token }, "applied");
      expect(await store.overview(session)).toMatchObject({ openRuns: [], migrations: [{ name: "one", state: "applied" }] });
      expect(await caught(store.open(session, ask(simple("one", ["a"]), (await store.overview(session)).seen)))).toMatchObject({
        code: "migration-claimed",
        details: { state: "applied" },
      });

      const again = ask(simple("", []), (await store.overview(session)).seen);
      await store.reopen(session, run, { ...again, goal: "switch" });
      expect((await store.events(session, run)).at(-1)).toMatchObject({ kind: "opened", migrations: ["one"], goal: "switch" });
      expect((await store.overview(session)).migrations).toMatchObject([{ name: "one", state: "open" }]);
      await store.close(session, { run, token: again.token }, "reverted");
      const next = await store.open(session, ask(simple("one", ["a"]), (await store.overview(session)).seen));
      expect(next).toBeGreaterThan(run);
      expect((await store.migrations(session)).map(({ name, state, run: id }) => ({ name, state, id }))).toEqual([{ name: "one", state: "open", id: next }]);
    });
  });

  test("of ten who open the same migration at once, one does", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    await withSession(tools, (session) => tools.store.ensure(session));
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () =>
        withSession(tools, async (session) => {
          const { seen } = await tools.store.overview(session);
          return tools.store.open(session, { plan: simple("same", []), by: "", holder, token: crypto.randomUUID(), ttlMs: 30_000, seen }).then(
            () => "opened",
            (error: Problem) => error.code,
          );
        }),
      ),
    );
    expect(outcomes.filter((each) => each === "opened")).toHaveLength(1);
    for (const outcome of outcomes) expect(["opened", "migration-claimed", "plan-stale"]).toContain(outcome);
  });

  test("a plan, an event and a cursor come back as they were, whatever is in them", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    const odd = `it's "{{run}}" $1 \\ 🌳 ä \u2028 \n`;
    const plan = planOf([draft("expand", inTransaction([odd]), { title: odd })], { name: odd, tables: [odd.trim()] });
    await withSession(tools, async (session) => {
      const hold = await opened(tools, session, plan);
      expect((await tools.store.run(session, hold.run))?.plan).toEqual(plan);
      const event = await tools.store.note(session, hold, [{ kind: "stopped", step: odd, problem: { code: "x", message: odd, hint: null, details: [odd] } }]);
      expect((await tools.store.events(session, hold.run)).at(-1)).toEqual(event);
      expect(event).toMatchObject({ kind: "stopped", step: odd, problem: { message: odd, details: [odd] } });
      const cursor = { pass: 1, after: [odd, "NULL", ""], end: ["z", "{}", "{a,b}"], checked: null, total: null };
      await session.script([tools.store.statements.cursor(hold.run, odd, cursor, { seen: "7", changed: "3" })]);
      await session.script([tools.store.statements.cursor(hold.run, odd, cursor, { seen: "7", changed: "3" })]);
      expect(await tools.store.cursors(session, hold.run)).toEqual({ [odd]: { ...cursor, seen: 14, changed: 6 } });
      await session.script([tools.store.statements.cursor(hold.run, odd, { ...cursor, pass: 2 }, { seen: "1", changed: "1" })]);
      expect(await tools.store.cursor(session, hold.run, odd)).toEqual({ ...cursor, pass: 2, seen: 1, changed: 1 });
    });
  });

  test("recorded migrations count as applied, and a reformatted file is noted", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    await withSession(tools, async (session) => {
      await tools.store.ensure(session);
      const [migration] = simple("old", []).migrations;
      await tools.store.baseline(session, [migration!]);
      expect(await tools.store.migrations(session)).toMatchObject([
        { name: "old", state: "applied", run: null, appliedAt: expect.stringMatching(/^\d{4}-.*Z$/) },
      ]);
      expect(await caught(tools.store.baseline(session, [migration!]))).toMatchObject({ code: "migration-claimed" });
      await tools.store.reformat(session, "old", "abc");
      expect((await tools.store.overview(session)).migrations).toEqual([{ name: "old", bytesHash: "abc", contentHash: "old", state: "applied" }]);
    });
  });

  test("a step's transaction lets the heartbeat pass and holds off a takeover; afterwards the old token writes nothing", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    const { store } = tools;
    await withSession(tools, (session) =>
      withSession(tools, async (other) => {
        const hold = await opened(tools, session, simple("m"), { ttlMs: 30_000 });
        await session.script(["begin", store.statements.hold(hold)]);
        expect(await store.beat(other, hold, 200)).toEqual({ held: true, pauseRequestedBy: null });
        await new Promise((resolve) => setTimeout(resolve, 250));
        expect(await store.beat(other, hold, 200)).toMatchObject({ held: false });
        const taking = store.take(other, hold, { token: "next", holder, ttlMs: 30_000, abandoned: false });
        await new Promise((resolve) => setTimeout(resolve, 100));
        await session.script([store.statements.note(hold.run, { kind: "paused", reason: "last words" }), "commit"]);
        expect(await taking).toBe(true);
        const writings: readonly (() => Promise<unknown>)[] = [
          () => store.note(session, hold, [{ kind: "paused", reason: "zombie" }]),
          () => session.script([store.statements.hold(hold)]),
          () => store.record(session, hold, session.backend, "zombie"),
          () => store.close(session, hold, "applied"),
        ];
        for (const write of writings) expect(tools.driver.classify(await write().catch((error: unknown) => error))).toBe("fenced");
        expect((await store.events(session, hold.run)).map((event) => event.kind)).toEqual(["opened", "paused"]);
        expect(await store.take(other, hold, { token: "again", holder, ttlMs: 1, abandoned: true })).toBe(false);
      }),
    );
  });

  test("giving back frees the lease and voids its token", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    await withSession(tools, async (session) => {
      const hold = await opened(tools, session, simple("m"));
      await tools.store.record(session, hold, session.backend, "work");
      expect((await tools.store.lease(session, hold.run))?.backends).toEqual([{ ...session.backend, purpose: "work" }]);
      await tools.store.release(session, hold);
      const lease = await tools.store.lease(session, hold.run);
      expect(lease).toMatchObject({ holder: null, backends: [] });
      expect(lease?.token).not.toBe(hold.token);
      expect(await tools.store.beat(session, hold, 1_000)).toMatchObject({ held: false });
      await tools.store.requestPause(session, hold.run, "ada");
      expect(await tools.store.take(session, lease!, { token: "x", holder, ttlMs: 30_000, abandoned: false })).toBe(true);
      expect(await tools.store.beat(session, { run: hold.run, token: "x" }, 1_000)).toEqual({ held: true, pauseRequestedBy: "ada" });
      await tools.store.note(session, { run: hold.run, token: "x" }, [{ kind: "set-out", by: "", direction: "forward", goal: "drop" }]);
      expect(await tools.store.beat(session, { run: hold.run, token: "x" }, 1_000)).toEqual({ held: true, pauseRequestedBy: null });
    });
  });
});
