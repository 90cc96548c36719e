// What only this engine's store has to stand: a namespace that a role may be given, functions that applications use, transaction ids.
import fc from "fast-check";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { sql } from "../../../src/sql/sql.ts";
import { majors } from "../../harness/majors.ts";
import { toolsFor, withSession } from "../../harness/runs.ts";
import { databaseFor } from "../../harness/servers.ts";
import { caught } from "../fixtures/stored.ts";

describe.each(majors)("on PostgreSQL %i", (major) => {
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
