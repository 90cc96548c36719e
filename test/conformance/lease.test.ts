// Who may carry a run: one at a time, whoever sleeps, dies or is cut off.
import { describe, expect, test } from "vitest";
import { carry } from "../../src/run/loop.ts";
import { holdRun } from "../../src/run/open.ts";
import type { News, Tools } from "../../src/run/tools.ts";
import { startProxy } from "../harness/proxy.ts";
import { draft, forward, holder, inTransaction, never, open, planOf, quickTimes, withSession } from "../harness/runs.ts";
import { waitedStands } from "../harness/stands.ts";
import { caught } from "./fixtures/stored.ts";

const hold = (tools: Tools, run: number, wait = false) =>
  withSession(tools, (session) => holdRun(tools, session, run, { holder: { ...holder, name: "second@there" }, wait, signal: never, times: quickTimes }));
const quick = planOf([draft("expand", inTransaction(["select 1"]))], { name: "quick" });

describe.each(waitedStands)("on %s", (_, stand) => {
  test("a run that is being carried is refused to others, with the holder's name", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    const held = await open(tools, quick);
    const problem = await caught(hold(tools, held.run));
    expect(problem).toMatchObject({
      code: "lease-busy",
      exit: 5,
      message: expect.stringMatching(/carried by tester@here \(pid \d+\) since 20.*its lease ends at 20/),
    });
    await held.release();
  });

  test("whoever waits gets the run when it is given back, and nothing when it is over", async (t) => {
    const db = await stand.databaseFor(t);
    const news: News[] = [];
    const tools = stand.toolsFor(db.url, { report: (each) => void news.push(each) });
    const held = await open(tools, quick);
    const waiting = hold(tools, held.run, true);
    await expect.poll(() => news.at(-1)).toMatchObject({ kind: "waiting", for: "lease", holder });
    await held.release();
    const second = await waiting;
    const third = hold(tools, held.run, true);
    expect((await carry(second!, forward)).outcome).toBe("applied");
    await second!.release();
    expect(await third).toBeNull();
  });

  test("whoever is asked to leave before a free run is taken leaves at once, and the run as it is", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    const held = await open(tools, quick);
    const taking = (wait: boolean) =>
      withSession(tools, (session) => holdRun(tools, session, held.run, { holder, wait, signal: AbortSignal.abort("hangup"), times: quickTimes }));
    expect((await caught(taking(true))).code).toBe("lease-busy");
    await held.release();
    for (const wait of [false, true]) expect(await caught(taking(wait))).toMatchObject({ code: "paused", exit: 130, details: { reason: "hangup" } });
    expect((await withSession(tools, (session) => tools.store.lease(session, held.run)))?.holder).toBeNull();
  });

  test("a lease outlives its time as long as the heartbeat goes on, also through a long statement", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    const held = await open(tools, planOf([draft("expand", inTransaction([stand.sleep(4)]))]));
    const carrying = carry(held, forward);
    expect((await caught(hold(tools, held.run))).code).toBe("lease-busy");
    expect((await carrying).outcome).toBe("applied");
    await held.release();
  });

  test("a run whose lease is taken over stops by itself", async (t) => {
    const db = await stand.databaseFor(t);
    const tools = stand.toolsFor(db.url);
    // Checks lock no row of the lease: a transaction would hold the takeover off.
    const held = await open(tools, planOf([draft("expand", { kind: "checks", checks: [{ title: "sleeps", statement: stand.sleep(60) }] })]));
    const carrying = caught(carry(held, forward));
    await new Promise((resolve) => setTimeout(resolve, 300));
    // As a takeover would do it, but without ending the sessions.
    await db.rows(stand.steal);
    expect(await carrying).toMatchObject({ code: "lease-lost", exit: 5 });
    await held.release();
    expect(await db.rows("select token from hotstick.leases")).toEqual([{ token: "other" }]);
    expect(await db.rows("select kind from hotstick.events where kind in ('done', 'stopped', 'paused')")).toEqual([]);
  });

  test("a network that swallows everything ends a run when its lease has ended", async (t) => {
    const db = await stand.databaseFor(t);
    const proxy = await startProxy(db.server.port);
    t.onTestFinished(() => proxy.close());
    const tools = stand.toolsFor(proxy.url(db.url));
    const held = await open(tools, planOf([draft("expand", inTransaction([stand.sleep(60)]))]));
    const since = performance.now();
    const carrying = caught(carry(held, forward));
    setTimeout(() => proxy.swallow(), 300);
    expect((await carrying).code).toBe("lease-lost");
    expect(performance.now() - since).toBeLessThan(quickTimes.ttlMs + 6_000);
    await held.release();
    const direct = stand.toolsFor(db.url);
    // The server has not noticed anything: the takeover ends the session that sleeps there.
    const second = await hold(direct, held.run, true);
    expect(await db.rows(stand.sleeping)).toEqual([{ n: "0" }]);
    await second!.release();
    await proxy.close();
  });

  test("a connection that breaks is made again, and the run goes on", async (t) => {
    const db = await stand.databaseFor(t);
    const proxy = await startProxy(db.server.port);
    t.onTestFinished(() => proxy.close());
    let cuts = 0;
    const tools = stand.toolsFor(proxy.url(db.url), {
      checkpoint: (name) => {
        if (name === "transaction:before" && cuts < 3) {
          cuts += 1;
          proxy.cut();
        }
      },
    });
    const held = await open(
      tools,
      planOf([1, 2, 3, 4, 5].map(() => draft("expand", inTransaction(["create table if not exists t (n int)", "insert into t values (1)"])))),
    );
    expect((await carry(held, forward)).outcome).toBe("applied");
    await held.release();
    expect(await db.rows("select cast(count(*) as char(1)) as n from t")).toEqual([{ n: "5" }]);
  });
});
