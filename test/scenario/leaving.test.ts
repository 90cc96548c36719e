// Whoever wants to leave is heard, also where nobody answers.
import { describe, expect, test } from "vitest";
import type { Tools } from "../../src/run/tools.ts";
import { startProxy } from "../harness/proxy.ts";
import { inDatabase, newestStands } from "../harness/run-stands.ts";
import { draft, inTransaction, outside, planOf, runPlan, toolsFor } from "../harness/runs.ts";

const said = (running: Promise<unknown>): Promise<string> =>
  running.then(
    () => "done",
    (error: Error & { code?: string }) => error.code ?? error.message,
  );

describe.each(newestStands)("on %s", (_, stand) => {
  test("an abort between the intent and the statement: it is not sent", () =>
    inDatabase(stand, async (db) => {
      const abort = new AbortController();
      const tools = toolsFor(db.url, {
        checkpoint: (name) => {
          if (name === "statement:intended") abort.abort("interrupt");
        },
      });
      const since = performance.now();
      expect(await said(runPlan(tools, planOf([draft("expand", outside([stand.sleep(20)]))]), { abort: abort.signal }))).toBe("paused");
      expect(performance.now() - since).toBeLessThan(10_000);
    }));

  test("a replica that hears and does not answer is not waited for beyond its time, nor by whoever aborts", { timeout: 60_000 }, () =>
    inDatabase(stand, async (db) => {
      const network = await startProxy(db.server.port);
      await db.rows("create table t (n int)");
      const replica = { name: "r", driver: toolsFor(network.url(db.url)).driver };
      const plan = (name: string) =>
        planOf(
          [1, 2].map((n) => draft("expand", inTransaction([`insert into t values (${n})`]), { locks: [db.strong("t")] })),
          { name },
        );
      const silent = (own: Partial<Tools> = {}) =>
        toolsFor(db.url, { replicas: [replica], checkpoint: (name) => void (name === "step:after" && network.swallow()), ...own });
      expect(await said(runPlan(silent(), plan("waits")))).toBe("cannot-connect");
      network.heal();
      const abort = new AbortController();
      setTimeout(() => abort.abort("interrupt"), 1_500);
      const since = performance.now();
      expect(await said(runPlan(silent(), plan("leaves"), { pause: abort.signal, abort: abort.signal }))).toMatch(/paused|cannot-connect/);
      expect(performance.now() - since).toBeLessThan(8_000);
      await network.close();
    }),
  );

  test("where no connection is to be had any more, an abort ends the wait", { timeout: 60_000 }, () =>
    inDatabase(stand, async (db) => {
      const abort = new AbortController();
      let refusing = false;
      await db.rows("create table t (n int)");
      const tools = toolsFor(db.url, {
        checkpoint: async (at) => {
          if (at !== "step:after" || refusing) return;
          refusing = true;
          // The work's session ends, the heartbeat's stands; the server has no room for another.
          await db.rows(
            stand.engine === "postgres"
              ? "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%work%' and datname = current_database()"
              : "begin not atomic declare k int; select b.pid into k from hotstick.backends b where purpose = 'work' order by run desc limit 1; kill k; end",
          );
          setTimeout(() => abort.abort("interrupt"), 1_000);
        },
      });
      const full = Object.assign(
        new Error("too many connections"),
        stand.engine === "postgres" ? { code: "53300" } : { errno: 1040, code: "ER_CON_COUNT_ERROR" },
      );
      const { driver } = tools;
      const limited: Tools = {
        ...tools,
        driver: { ...driver, connect: (options) => (refusing && options.purpose.includes("work") ? Promise.reject(full) : driver.connect(options)) },
      };
      const since = performance.now();
      const plan = planOf([1, 2].map((n) => draft("expand", inTransaction([`insert into t values (${n})`]))));
      expect(await said(runPlan(limited, plan, { pause: abort.signal, abort: abort.signal }))).toBe("paused");
      expect(performance.now() - since).toBeLessThan(15_000);
    }),
  );
});
