// The store on real servers: made by many at once, one run per table, and a lease that fences.
import fc from "fast-check";
import pg from "pg";
import { describe, expect, test } from "vitest";
import type { Session } from "../../src/drivers/driver.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Problem } from "../../src/problem.ts";
import type { Tools } from "../../src/run/tools.ts";
import { sql } from "../../src/sql/sql.ts";
import type { Hold, OpenRequest } from "../../src/store/store.ts";
import { majors } from "../harness/majors.ts";
import { draft, holder, inTransaction, planOf, toolsFor, withSession } from "../harness/runs.ts";
import { databaseFor } from "../harness/servers.ts";
import { stands } from "../harness/stands.ts";

const caught = async (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => expect.fail("no Problem"),
    (error) => error as Problem,
  );
const simple = (name: string, tables: readonly string[]): Plan => planOf([draft("expand", inTransaction(["select 1"]))], { name, tables });

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
      const ask = (plan: Plan, now = seen): OpenRequest => ({ plan, by: "ada@here", holder, token: crypto.randomUUID(), ttlMs: 30_000, seen: now });
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
      await store.reopen(session, run, again);
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
      const { hold } = await opened(session, tools, plan);
      expect((await tools.store.run(session, hold.run))?.plan).toEqual(plan);
      const event = await tools.store.note(session, hold, { kind: "stopped", step: odd, problem: { code: "x", message: odd, hint: null, details: [odd] } });
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
        const { hold } = await opened(session, tools, simple("m", []), 200);
        await session.script(["begin", store.statements.hold(hold)]);
        expect(await store.beat(other, hold, 200)).toEqual({ held: true, pauseRequestedBy: null });
        await new Promise((resolve) => setTimeout(resolve, 250));
        expect(await store.beat(other, hold, 200)).toMatchObject({ held: false });
        const taking = store.take(other, hold, { token: "next", holder, ttlMs: 30_000, abandoned: false });
        await new Promise((resolve) => setTimeout(resolve, 100));
        await session.script([store.statements.note(hold.run, { kind: "paused", reason: "last words" }), "commit"]);
        expect(await taking).toBe(true);
        const writings: readonly (() => Promise<unknown>)[] = [
          () => store.note(session, hold, { kind: "paused", reason: "zombie" }),
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
      const { hold } = await opened(session, tools, simple("m", []));
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
      await tools.store.note(session, { run: hold.run, token: "x" }, { kind: "set-out", by: "", direction: "forward", goal: "drop" });
      expect(await tools.store.beat(session, { run: hold.run, token: "x" }, 1_000)).toEqual({ held: true, pauseRequestedBy: null });
    });
  });
});

describe.each(majors)("on PostgreSQL %i alone", (major) => {
  test("a role that may not create schemas is told, and may be given one", async (t) => {
    const db = await databaseFor(t, major);
    const role = `r_${db.name}`;
    await db.rows(`create role "${role}" login`);
    t.onTestFinished(() => void 0);
    const tools = toolsFor(db.url.replace(/\/\/[^@]*@/, `//${role}@`));
    const problem = await caught(withSession(tools, (session) => tools.store.ensure(session)));
    expect(problem).toMatchObject({ code: "store-denied", hint: expect.stringContaining("authorization") });
    await db.rows(`create schema hotstick authorization "${role}"`);
    await withSession(tools, (session) => tools.store.ensure(session));
    await db.rows(`reassign owned by "${role}" to current_user; drop owned by "${role}"; drop role "${role}"`);
  });

  test("the application's role may use functions in the store, and see nothing of it", async (t) => {
    const db = await databaseFor(t, major);
    const tools = toolsFor(db.url);
    await withSession(tools, (session) => tools.store.ensure(session));
    const role = `app_${db.name}`;
    await db.rows(`create role "${role}" login`);
    const client = new pg.Client({ connectionString: db.url.replace(/\/\/[^@]*@/, `//${role}@`) });
    await client.connect();
    try {
      expect((await client.query("select hotstick.precedes('5'::xid, '10'::xid8) as p")).rows).toEqual([{ p: true }]);
      await expect(client.query("select * from hotstick.leases")).rejects.toThrow(/permission denied/);
    } finally {
      await client.end();
      await db.rows(`drop role "${role}"`);
    }
  });

  test("precedes is never true for a transaction at or after the bound", async (t) => {
    const db = await databaseFor(t, major);
    const tools = toolsFor(db.url);
    await withSession(tools, async (session) => {
      await tools.store.ensure(session);
      // The real function reads the server's own clock of transactions; its arithmetic is tried with one that can be set.
      await db.rows(
        `do $$ begin execute replace(replace(pg_get_functiondef('hotstick.precedes(xid, xid8)'::regprocedure), 'hotstick.precedes(row_xmin xid, bound xid8)', 'public.precedes_at(row_xmin xid, bound xid8, next bigint)'), 'pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint', '$3'); end $$`,
      );
      const ask = async (written: bigint, bound: bigint, next: bigint): Promise<boolean> =>
        (
          await session.query<{ p: boolean }>(
            sql`select public.precedes_at(${String(written % 2n ** 32n)}::xid, ${String(bound)}::xid8, ${String(next)}::bigint) as p`,
          )
        )[0]!.p;
      const xid = fc.bigInt({ min: 3n, max: 2n ** 40n });
      await fc.assert(
        fc.asyncProperty(xid, xid, xid, async (a, b, c) => {
          const [bound, written, next] = [a, b, c].sort((x, y) => (x < y ? -1 : 1)) as [bigint, bigint, bigint];
          // xids 0 to 2 of each epoch are never given out.
          if (written % 2n ** 32n > 2n) expect(await ask(written, bound, next)).toBe(false);
          if (written - bound < 2n ** 31n - 20_000_000n && bound % 2n ** 32n > 2n) expect(await ask(bound, written, written)).toBe(bound < written);
        }),
        { numRuns: 200 },
      );
      expect(await ask(2n, 10n, 20n)).toBe(true);
      expect(await ask(0n, 10n, 20n)).toBe(false);
      expect(await ask(5n, 2n ** 32n + 100n, 2n ** 32n + 200n)).toBe(true);
    });
  });
});

async function opened(session: Session, tools: Tools, plan: Plan, ttlMs = 30_000): Promise<{ readonly hold: Hold }> {
  await tools.store.ensure(session);
  const token = crypto.randomUUID();
  const run = await tools.store.open(session, { plan, by: "ada@here", holder, token, ttlMs, seen: (await tools.store.overview(session)).seen });
  return { hold: { run, token } };
}
