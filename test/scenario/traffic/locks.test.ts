// What an application's own locks do to a run, and the run's to the application.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { lifecycleOf } from "../../harness/lifecycle.ts";
import { type RunStand, runStands } from "../../harness/run-stands.ts";
import { cases, inWords } from "./cases.ts";

const withoutDrops = (operation: Operation): Operation => (operation.kind === "transform" ? { ...operation, drops: [] } : operation);

/** Whether a batch has met a row that is locked: it waits, or has given up. */
const met: Readonly<Record<RunStand["engine"], string>> = {
  postgres: "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%hotstick.batch%'",
  mariadb:
    "select (select count(*) from information_schema.innodb_trx where trx_state = 'LOCK WAIT') + (select count(*) from hotstick.events where kind = 'failed' and run = (select max(id) from hotstick.runs where home = database()))",
};

describe.each(runStands)("%s", (_, stand) => {
  test("a batch that meets a locked row lets go of its own, so that no application waits in a deadlock with it", async (t) => {
    const db = await stand.databaseFor(t);
    const it = inWords(cases.split, stand.engine);
    await db.rows(
      `create table t (id bigint primary key, note varchar(100), ${it.columns}); insert into t (id, note, name) select n, 'x', 'Ada 1' from ${stand.series(1000)}`,
    );
    const run = await lifecycleOf(db.url, it.operations.map(withoutDrops), { carry: { pauseMs: 50 } });
    await run.to("expand");
    const client = await db.connect();
    await client.query("begin");
    await client.query("update t set note = 'held' where id = 900");
    const going = run.to("backfill");
    going.catch(() => undefined);
    await expect.poll(() => db.one(met[stand.engine]), { interval: stand.engine === "postgres" ? 10 : 150 }).not.toBe("0");
    // Longer than deadlock_timeout: from now on it is the application that would find the deadlock, and die of it. MariaDB finds it at once.
    if (stand.engine === "postgres") await new Promise((resolve) => setTimeout(resolve, 1_300));
    const other = await db.connect();
    let slowest = 0;
    // Downwards, so that each is a row that a batch may hold while it meets the one that is locked.
    for (let id = 800; id > 740; id -= 1) {
      const since = performance.now();
      await Promise.all([client.query(`update t set note = 'after' where id = ${id}`), other.query(`update t set note = 'beside' where id = ${id - 700}`)]);
      slowest = Math.max(slowest, performance.now() - since);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(slowest).toBeLessThan(800);
    expect(Number(await db.one("select count(*) from t where first_name = 'Ada'"))).toBeLessThan(1000);
    await client.query("commit");
    await going;
    expect(await db.one("select count(*) from t where first_name = 'Ada'")).toBe("1000");
  });
});
