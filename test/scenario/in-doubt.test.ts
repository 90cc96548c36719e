// A COMMIT whose answer is lost: not known is neither done nor not done.
import pg from "pg";
import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../../src/run/checkpoints.ts";
import type { News } from "../../src/run/tools.ts";
import { majors } from "../harness/majors.ts";
import { type FaultyNetwork, startProxy } from "../harness/proxy.ts";
import { alongId, draft, indexProbe, inTransaction, outside, planOf, runPlan, toolsFor, withDatabase, withSession } from "../harness/runs.ts";

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

describe.each(majors)("on PostgreSQL %i", (major) => {
  test.each([0, 1_500])("a step whose commit is cut off happens once (the server learns of it after %i ms)", async (serverLearnsAfterMs) => {
    for (const work of ["select 1", "select pg_sleep(0.3)"]) {
      await withDatabase(major, async (db) => {
        const proxy = await startProxy(db.server.port);
        await db.rows("create table t (n int)");
        const { cuts, checkpoint } = cutting(proxy, "transaction:sent", 3, serverLearnsAfterMs);
        const plan = planOf([1, 2, 3, 4, 5].map((n) => draft("expand", inTransaction([work, `insert into t values (${n})`]))));
        const { state } = await runPlan(toolsFor(proxy.url(db.url), { checkpoint }), plan);
        expect(state.outcome).toBe("applied");
        expect(cuts()).toBe(3);
        expect(await db.rows("select array_agg(n order by n) as n from t")).toEqual([{ n: [1, 2, 3, 4, 5] }]);
        await new Promise((resolve) => setTimeout(resolve, serverLearnsAfterMs));
        await proxy.close();
      });
    }
  });

  test.each(["batch:sent", "module:batch"] as const)("a batch that is cut off at %s happens once", (at) =>
    withDatabase(major, async (db) => {
      const proxy = await startProxy(db.server.port);
      await db.rows(
        "create table t (id bigint primary key, met int not null default 0); create table counted (n int); insert into t select n from generate_series(1, 500) n",
      );
      const { cuts, checkpoint } = cutting(proxy, at, 4, 200);
      const plan = planOf([
        draft("backfill", alongId("t", { apply: "update t set met = met + 1 where {{after}} and {{upto}}", targetMs: 1, firstRows: 50 })),
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
      expect(await db.rows("select met, count(*)::int as n from t group by met")).toEqual([{ met: 1, n: 500 }]);
      expect(await db.rows("select array_agg(n order by n) as n from counted")).toEqual([{ n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }]);
      await proxy.close();
    }),
  );

  test("an index build whose client lost its connection is waited for, not begun again", () =>
    withDatabase(major, async (db) => {
      const network = await startProxy(db.server.port);
      await db.rows("create table t (id bigint primary key, a int); insert into t select n, n from generate_series(1, 100) n");
      const old = new pg.Client({ connectionString: db.url });
      await old.connect();
      await old.query("begin; update t set a = a where id = 1");
      let cut = false;
      const news: News[] = [];
      const tools = toolsFor(network.url(db.url), {
        report: (each) => void news.push(each),
        checkpoint: async (name) => {
          if (name !== "statement:sent" || cut) return;
          cut = true;
          await new Promise((resolve) => setTimeout(resolve, 300));
          network.cut(4_000);
          setTimeout(() => void old.query("commit"), 1_500);
        },
      });
      const { run, state } = await runPlan(
        tools,
        planOf([
          draft("expand", outside(["create index concurrently t_a on t (a)"], ["drop index concurrently t_a"]), {
            probe: indexProbe("t_a"),
            timeouts: { lock: 0 },
          }),
        ]),
      );
      expect(state.outcome).toBe("applied");
      expect(news.some((each) => each.kind === "waiting" && each.for === "backend" && each.what.startsWith("the server to finish"))).toBe(true);
      const events = await withSession(tools, (session) => tools.store.events(session, run));
      expect(events.filter((event) => event.kind === "intent")).toHaveLength(1);
      expect(events.find((event) => event.kind === "done")).toMatchObject({ found: true });
      expect(await db.rows("select indisvalid from pg_index where indexrelid = to_regclass('t_a')")).toEqual([{ indisvalid: true }]);
      await old.end();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await network.close();
    }));

  test("a statement that ends its server's process each time is not sent for ever", () =>
    withDatabase(major, async (db) => {
      const problem = await runPlan(toolsFor(db.url), planOf([draft("expand", inTransaction(["select pg_terminate_backend(pg_backend_pid())"]))])).catch(
        (error: unknown) => error,
      );
      expect(problem).toMatchObject({ code: "step-failed", message: expect.stringContaining("terminat") });
    }));

  test("a server that crashes at the commit is asked when it is back", { timeout: 60_000 }, async () => {
    const { startServer } = await import("../../src/sandbox/postgres/server.ts");
    const server = await startServer({ major });
    try {
      const tools = toolsFor(server.url(), {
        checkpoint: async (name) => {
          if (name !== "transaction:sent" || crashes >= 2) return;
          crashes += 1;
          await server.kill();
          await server.restart();
        },
      });
      let crashes = 0;
      const plan = planOf([1, 2, 3, 4].map((n) => draft("expand", inTransaction(["create table if not exists t (n int)", `insert into t values (${n})`]))));
      expect((await runPlan(tools, plan)).state.outcome).toBe("applied");
      const session = await tools.driver.connect({ purpose: "test" });
      expect(await session.script(["select array_agg(n order by n)::text as n from t"])).toEqual([[{ n: "{1,2,3,4}" }]]);
      await session.close();
    } finally {
      await server.stop("immediate");
    }
  });
});
