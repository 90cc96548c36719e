// kill -9 at every checkpoint: whoever goes on comes to the same end as a run that nobody disturbed.
import { describe, expect, test } from "vitest";
import { type Checkpoint, checkpoints } from "../../src/run/checkpoints.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun } from "../../src/run/open.ts";
import type { Tools } from "../../src/run/tools.ts";
import { startCrash } from "../harness/crash.ts";
import { everyKind, everyTool, look, seed } from "../harness/every-kind.ts";
import { majors, newest } from "../harness/majors.ts";
import { backward, forward, holder, never, open, patientTimes, runPlan, withDatabase, withSession } from "../harness/runs.ts";
import type { TestDatabase } from "../harness/servers.ts";

/** Scope `all` kills at the first, second … time until the checkpoint is not met any more, on the newest server; elsewhere twice. */
const timesOn = (major: number): number => (process.env["HOTSTICK_SCOPE"] !== "all" ? 1 : major === newest ? 12 : 2);
/** Checkpoints that the plan does not come to: on the way to retire, and on the way back. */
const unmet: Readonly<Record<string, readonly Checkpoint[]>> = {
  forward: [],
  retire: ["run:closing", "run:closed"],
  backward: ["run:opened", "checks:passed", "module:batch", "module:committed", "phase:before", "phase:after"],
};

/** Takes the run from the dead and carries it. */
async function goOn(tools: Tools, direction: "forward" | "backward"): Promise<void> {
  await withSession(tools, async (session) => {
    const { openRuns } = await tools.store.overview(session);
    for (const { id } of openRuns) {
      const held = await holdRun(tools, session, id, { holder, wait: true, signal: never, times: patientTimes });
      if (held === null) continue;
      try {
        await carry(held, direction === "forward" ? forward : backward);
      } finally {
        await held.release();
      }
    }
  });
}

/** What matters on every server is the way forward; the others differ in nothing that a server does. */
const back = process.env["HOTSTICK_SCOPE"] === "all" ? majors : [newest];

describe.concurrent.each(majors)("on PostgreSQL %i", (major) => {
  test.each(checkpoints)("killed at %s and gone on with", { timeout: 120_000 }, async (checkpoint: Checkpoint) => {
    await everyTime(major, !unmet["forward"]?.includes(checkpoint), async (db, tools, time) => {
      const outcome = await startCrash({
        url: db.url,
        plan: everyKind(),
        carry: { direction: "forward", goal: "drop" },
        at: { checkpoint, time, signal: "SIGKILL" },
        times: patientTimes,
      }).ended;
      await goOn(tools, "forward");
      expect({ checkpoint, time, ...((await look(db)) as object) }).toEqual({ checkpoint, time, ...((await undisturbed(major)) as object) });
      expect(outcome?.problem).toBeUndefined();
      return outcome === null;
    });
  });
});

describe.concurrent.each(back)("backward on PostgreSQL %i", (major) => {
  test.each(checkpoints)("killed at %s and walked back", { timeout: 120_000 }, async (checkpoint: Checkpoint) => {
    await everyTime(major, !unmet["retire"]?.includes(checkpoint), async (db, tools, time) => {
      const outcome = await startCrash({
        url: db.url,
        plan: everyKind(),
        carry: { direction: "forward", goal: "retire" },
        at: { checkpoint, time, signal: "SIGKILL" },
        times: patientTimes,
      }).ended;
      await goOn(tools, "backward");
      expect({ checkpoint, time, ...((await look(db)) as object) }).toEqual({ checkpoint, time, ...((await walkedBack(major)) as object) });
      expect(outcome?.problem).toBeUndefined();
      return outcome === null;
    });
  });

  test.each(checkpoints)("killed at %s on the way back, and walked back", { timeout: 120_000 }, async (checkpoint: Checkpoint) => {
    await everyTime(major, !unmet["backward"]?.includes(checkpoint), async (db, tools, time) => {
      const held = await open(tools, everyKind(), patientTimes);
      await carry(held, { ...forward, goal: "retire" });
      await held.release();
      const outcome = await startCrash({
        url: db.url,
        run: held.run,
        carry: { direction: "backward", goal: "start" },
        at: { checkpoint, time, signal: "SIGKILL" },
        times: patientTimes,
      }).ended;
      const [met] = await db.rows<{ met: boolean }>(
        "select exists (select from pg_attribute where attrelid = 't'::regclass and attname = 'met' and not attisdropped) as met",
      );
      if (met?.met) expect(await db.rows("select count(*)::int as n from t where met > 2")).toEqual([{ n: 0 }]);
      await goOn(tools, "backward");
      expect({ checkpoint, time, ...((await look(db)) as object) }).toEqual({ checkpoint, time, ...((await walkedBack(major)) as object) });
      expect(outcome?.problem).toBeUndefined();
      return outcome === null;
    });
  });
});

/** Repeats a case with the crash at the first, second … time that the checkpoint is met, until it is not met. */
async function everyTime(major: number, met: boolean, work: (db: TestDatabase, tools: Tools, time: number) => Promise<boolean>): Promise<void> {
  for (let time = 1; time <= timesOn(major); time += 1) {
    const crashed = await withDatabase(major, async (db) => {
      await seed(db);
      return work(db, everyTool(db.url), time);
    });
    if (time === 1) expect(crashed).toBe(met);
    if (!crashed) return;
  }
}

const ends = new Map<string, Promise<unknown>>();

/** How a database looks after work that nobody disturbed. */
function endOf(key: string, major: number, work: (tools: Tools) => Promise<unknown>): Promise<unknown> {
  const known =
    ends.get(`${key} ${major}`) ??
    withDatabase(major, async (db) => {
      await seed(db);
      await work(everyTool(db.url));
      return look(db);
    });
  ends.set(`${key} ${major}`, known);
  return known;
}

const undisturbed = (major: number): Promise<unknown> => endOf("forward", major, (tools) => runPlan(tools, everyKind()));

const walkedBack = (major: number): Promise<unknown> =>
  endOf("backward", major, async (tools) => {
    const held = await open(tools, everyKind(), patientTimes);
    await carry(held, { ...forward, goal: "retire" });
    await carry(held, backward);
    await held.release();
  });
