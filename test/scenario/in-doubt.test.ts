// A COMMIT whose answer is lost: not known is neither done nor not done.
import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../../src/run/checkpoints.ts";
import type { News } from "../../src/run/tools.ts";
import type { DatabaseServer } from "../../src/sandbox/sandbox.ts";
import { newest } from "../harness/majors.ts";
import { ownMariadbFor } from "../harness/mariadb.ts";
import { type FaultyNetwork, startProxy } from "../harness/proxy.ts";
import { inDatabase, probeWhere, type RunStand, runStands } from "../harness/run-stands.ts";
import { draft, inTransaction, outside, planOf, runPlan, toolsFor, withSession } from "../harness/runs.ts";
import { ownServerFor } from "../harness/servers.ts";

/** Fails the network the first times that a message with a COMMIT has been sent. */
function cutting(
  proxy: FaultyNetwork,
  at: Checkpoint,
  times: number,
  serverLearnsAfterMs: number,
): { readonly cuts: () => number; readonly checkpoint: (name: Checkpoint) => Promise<void> } {
  let cuts = 0;
  return {
    cuts: () => cuts,
    checkpoint: async (name) => {
      if (name !== at || cuts >= times) return;
      cuts += 1;
      // The message gets to the server and is carried out, or begun; no answer comes back.
      proxy.deafen();
      await new Promise((resolve) => setTimeout(resolve, 30));
      proxy.cut(serverLearnsAfterMs);
      proxy.heal();
    },
  };
}

/** A database of a server that is a test's own. */
async function serverDatabase(server: DatabaseServer): Promise<string> {
  await server.createDatabase("doubted");
  return server.url("doubted");
}

/** Something that builds an index for a while: held up by a transaction where that is waited for, and else by its size. */
const building = {
  postgres: {
    seed: (stand: RunStand) => `create table t (id bigint primary key, a int); insert into t select n, n from ${stand.series(100)}`,
    act: (stand: RunStand) => stand.index("t_a", "t (a)").act,
    probe: (stand: RunStand) => stand.index("t_a", "t (a)").probe,
    letGo: { hold: "begin; update t set a = a where id = 1", end: "commit" },
  },
  mariadb: {
    seed: (stand: RunStand) => `create table t (id bigint primary key, a varchar(200)); insert into t select n, repeat('x', 200) from ${stand.series(500_000)}`,
    act: (_: RunStand) => outside(["alter table t add index t_a (a), algorithm=copy, lock=shared"]),
    probe: (_: RunStand) => probeWhere("statistics where table_schema = database() and index_name = 't_a'"),
    letGo: null,
  },
};

describe.each(runStands)("on %s", (_, stand) => {
  test("a run whose closing is cut off is closed, and said to be", () =>
    inDatabase(stand, async (db) => {
      await db.rows("create table t (n int)");
      const proxy = await startProxy(db.server.port);
      const { cuts, checkpoint } = cutting(proxy, "run:closing", 1, 0);
      // The message follows the checkpoint.
      const tools = toolsFor(proxy.url(db.url), { checkpoint: (name) => void checkpoint(name) });
      const { state } = await runPlan(tools, planOf([draft("drop", inTransaction(["insert into t values (1)"]))]));
      expect([state.outcome, cuts()]).toEqual(["applied", 1]);
      expect(await db.rows("select outcome from hotstick.runs")).toEqual([{ outcome: "applied" }]);
      expect(await db.rows("select n from t")).toEqual([{ n: "1" }]);
      await proxy.close();
    }));

  test.each([0, 1_500])("a step whose commit is cut off happens once (the server learns of it after %i ms)", async (serverLearnsAfterMs) => {
    for (const work of ["select 1", stand.sleep(0.3)]) {
      await inDatabase(stand, async (db) => {
        const proxy = await startProxy(db.server.port);
        await db.rows("create table t (n int)");
        const { cuts, checkpoint } = cutting(proxy, "transaction:sent", 3, serverLearnsAfterMs);
        const plan = planOf([1, 2, 3, 4, 5].map((n) => draft("expand", inTransaction([work, `insert into t values (${n})`]))));
        const { state } = await runPlan(toolsFor(proxy.url(db.url), { checkpoint }), plan);
        expect(state.outcome).toBe("applied");
        expect(cuts()).toBe(3);
        expect(await db.one(`select ${stand.list("n")} from t`)).toBe("1,2,3,4,5");
        await new Promise((resolve) => setTimeout(resolve, serverLearnsAfterMs));
        await proxy.close();
      });
    }
  });

  test.each(["batch:sent", "module:batch"] as const)("a batch that is cut off at %s happens once", (at) =>
    inDatabase(stand, async (db) => {
      const proxy = await startProxy(db.server.port);
      await db.rows(
        `create table t (id bigint primary key, met int not null default 0); create table counted (n int); insert into t (id) select n from ${stand.series(500)}`,
      );
      const { cuts, checkpoint } = cutting(proxy, at, 4, 200);
      const plan = planOf([
        draft("backfill", db.along("t", { apply: "update t set met = met + 1 where {{after}} and {{upto}}", targetMs: 1, firstRows: 50 })),
        draft("backfill", { kind: "module", file: "m.ts", export: "up", sha256: "" }),
      ]);
      const tools = toolsFor(proxy.url(db.url), {
        checkpoint,
        modules: () =>
          Promise.resolve(async (context) => {
            for (let n = ((context.cursor as number | null) ?? 0) + 1; n <= 10; n = (context.cursor as number) + 1) {
              await context.batch(async (session) => {
                await session.script([`insert into counted values (${n})`]);
                return n;
              });
            }
          }),
      });
      expect((await runPlan(tools, plan)).state.outcome).toBe("applied");
      expect(cuts()).toBe(4);
      expect(await db.rows("select met, count(*) as n from t group by met")).toEqual([{ met: "1", n: "500" }]);
      expect(await db.one(`select ${stand.list("n")} from counted`)).toBe("1,2,3,4,5,6,7,8,9,10");
      await proxy.close();
    }),
  );

  test("an end that was journalled together with the next intent, and whose answer was lost, is journalled once, and the intent for certain", () =>
    inDatabase(stand, async (db) => {
      const network = await startProxy(db.server.port);
      let deaf = false;
      const tools = toolsFor(network.url(db.url), {
        checkpoint: (name) => {
          if (name !== "statement:probed" || deaf) return;
          deaf = true;
          network.deafen();
          setTimeout(() => {
            network.cut();
            network.heal();
          }, 500);
        },
      });
      const there = "select case when exists (select 1 from information_schema.tables where table_name = 'noted_late') then 'done' else 'absent' end as state";
      const plan = planOf([
        draft("expand", outside(["create table noted_late (n int)"]), { probe: there }),
        draft("expand", outside(["create table b (n int)"])),
      ]);
      const { run, state } = await runPlan(tools, plan);
      expect(state.outcome).toBe("applied");
      const events = await withSession(tools, (session) => tools.store.events(session, run));
      const of = (kind: string, step: string) => events.filter((event) => event.kind === kind && "step" in event && event.step === step);
      expect(of("done", "expand-1")).toHaveLength(1);
      // Both messages have come there.
      expect(of("intent", "expand-2").filter((event) => "attempt" in event && event.attempt === 1)).toHaveLength(2);
      expect(of("done", "expand-2")).toHaveLength(1);
      await network.close();
    }));

  test("an index build whose client lost its connection is waited for, not begun again", () =>
    inDatabase(stand, async (db) => {
      const network = await startProxy(db.server.port);
      const { seed, act, probe, letGo } = building[stand.engine];
      await db.rows(seed(stand));
      const old = await db.connect();
      if (letGo !== null) await old.query(letGo.hold);
      let cut = false;
      const news: News[] = [];
      const tools = toolsFor(network.url(db.url), {
        report: (each) => void news.push(each),
        checkpoint: async (name) => {
          if (name !== "statement:sent" || cut) return;
          cut = true;
          await new Promise((resolve) => setTimeout(resolve, 300));
          network.cut(4_000);
          if (letGo !== null) setTimeout(() => void old.query(letGo.end), 1_500);
        },
      });
      const { run, state } = await runPlan(
        tools,
        planOf([
          draft("expand", act(stand), {
            probe: probe(stand),
            timeouts: { lock: 0 },
          }),
        ]),
      );
      expect(state.outcome).toBe("applied");
      expect(news.some((each) => each.kind === "waiting" && each.for === "backend" && each.what.startsWith("the server to finish"))).toBe(true);
      const events = await withSession(tools, (session) => tools.store.events(session, run));
      expect(events.filter((event) => event.kind === "intent")).toHaveLength(1);
      expect(events.find((event) => event.kind === "done")).toMatchObject({ found: true });
      expect(await db.one(stand.indexState("t_a"))).toBe("yes");
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await network.close();
    }));

  test("a statement that ends its server's process each time is not sent for ever", () =>
    inDatabase(stand, async (db) => {
      const problem = await runPlan(
        toolsFor(db.url),
        planOf([
          draft("expand", inTransaction([stand.engine === "postgres" ? "select pg_terminate_backend(pg_backend_pid())" : "kill connection connection_id()"])),
        ]),
      ).catch((error: unknown) => error);
      expect(problem).toMatchObject({ code: "step-failed", message: expect.stringMatching(/terminat|kill|lost|closed/i) });
    }));

  test("a server that crashes at the commit is asked when it is back", { timeout: 60_000 }, async (t) => {
    const server = stand.engine === "postgres" ? await ownServerFor(t, { major: stand.major ?? newest }) : await ownMariadbFor(t);
    const url = stand.engine === "postgres" ? server.url() : await serverDatabase(server);
    let crashes = 0;
    const tools = toolsFor(url, {
      checkpoint: async (name) => {
        if (name !== "transaction:sent" || crashes >= 2) return;
        crashes += 1;
        await server.kill();
        await server.restart();
      },
    });
    const session = await tools.driver.connect({ purpose: "test" });
    await session.script(["create table t (n int)"]);
    await session.close();
    const plan = planOf([1, 2, 3, 4].map((n) => draft("expand", inTransaction([`insert into t values (${n})`]))));
    expect((await runPlan(tools, plan)).state.outcome).toBe("applied");
    expect(crashes).toBe(2);
    const look = await tools.driver.connect({ purpose: "test" });
    expect(await look.script([`select ${stand.list("n")} as n from t`])).toEqual([[{ n: "1,2,3,4" }]]);
    await look.close();
  });
});
