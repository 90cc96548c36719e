// What an application's own locks do to a run, and the run's to the application.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { lifecycleOf } from "../../harness/lifecycle.ts";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";
import { cases } from "./cases.ts";

const withoutDrops = (operation: Operation): Operation => (operation.kind === "transform" ? { ...operation, drops: [] } : operation);

describe.each(majors)("PostgreSQL %i", (major) => {
  test("a batch that meets a locked row lets go of its own, so that no application waits in a deadlock with it", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      `create table t (id bigint primary key, note text, ${cases.split.columns}); insert into t select n, 'x', 'Ada ' || n from generate_series(1, 1000) n`,
    );
    const run = await lifecycleOf(db.url, cases.split.operations.map(withoutDrops), { carry: { pauseMs: 50 } });
    await run.to("expand");
    const client = await db.connect();
    await client.query("begin; update t set note = 'held' where id = 900");
    const going = run.to("backfill");
    going.catch(() => undefined);
    await expect
      .poll(() => db.rows("select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%hotstick.batch%'").then((rows) => rows.length), {
        timeout: 20_000,
        interval: 10,
      })
      .toBe(1);
    // Longer than deadlock_timeout: from now on it is the application that would find the deadlock, and die of it.
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    const since = performance.now();
    await client.query("update t set note = 'after' where id = 5");
    expect(performance.now() - since).toBeLessThan(800);
    await client.query("commit");
    await going;
    expect(await db.rows("select count(*)::int as n from t where first_name is null")).toEqual([{ n: 0 }]);
  });
});
