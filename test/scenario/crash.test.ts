// kill -9 at every checkpoint: whoever goes on comes to the same end as a run that nobody disturbed.
import { describe, expect, test } from "vitest";
import { type Checkpoint, checkpoints } from "../../src/run/checkpoints.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun } from "../../src/run/open.ts";
import type { Tools } from "../../src/run/tools.ts";
import { startCrash } from "../harness/crash.ts";
import { everyKind, everyTool, look, seed, seedBig } from "../harness/every-kind.ts";
import { newest } from "../harness/majors.ts";
import { inDatabase, newestStands, probeWhere, type RunDatabase, type RunStand, runStands } from "../harness/run-stands.ts";
import { backward, draft, forward, holder, never, open, outside, patientTimes, planOf, runPlan, withSession } from "../harness/runs.ts";

const isWhole = process.env["HOTSTICK_SCOPE"] === "all";

/** Scope `all` kills at the first, second … time until the checkpoint is not met any more, on the newest server; elsewhere twice. */
const timesOn = ({ major }: RunStand): number => (!isWhole ? 1 : major === null || major === newest ? 12 : 2);
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

/** Each with what is there afterwards. */
const longStatements = [
  ["a copy", "alter table big add column late int, algorithm=copy, lock=shared", "columns where table_schema = database() and column_name = 'late'"],
  [
    "a rebuild in place",
    "alter table big add column late int, algorithm=inplace, lock=none, force",
    "columns where table_schema = database() and column_name = 'late'",
  ],
  ["an index", "alter table big add index late (a, id), algorithm=inplace, lock=none", "statistics where table_schema = database() and index_name = 'late'"],
] as const;

/** What matters on every server is the way forward; the others differ in nothing that a server does. */
const back = isWhole ? runStands : newestStands;

describe.concurrent.each(runStands)("on %s", (_, stand) => {
  test.each(checkpoints)("killed at %s and gone on with", { timeout: 120_000 }, async (checkpoint: Checkpoint) => {
    await everyTime(stand, !unmet["forward"]?.includes(checkpoint), async (db, tools, time) => {
      const outcome = await startCrash({
        url: db.url,
        plan: everyKind(db),
        carry: { direction: "forward", goal: "drop" },
        at: { checkpoint, time, signal: "SIGKILL" },
        times: patientTimes,
      }).ended;
      await goOn(tools, "forward");
      expect({ checkpoint, time, ...(await look(db)) }).toEqual({ checkpoint, time, ...(await undisturbed(stand)) });
      expect(outcome?.problem).toBeUndefined();
      return outcome === null;
    });
  });
});

/** Back, each server in the quick scope: the newest PostgreSQL everywhere, and MariaDB where it works differently. */
const backAt = ({ engine }: RunStand): readonly Checkpoint[] =>
  isWhole || engine === "postgres" ? checkpoints : checkpoints.filter((each) => each.startsWith("statement:") || each.endsWith(":sent"));

describe.concurrent.each(back)("backward on %s", (_, stand) => {
  test.each(backAt(stand))("killed at %s and walked back", { timeout: 120_000 }, async (checkpoint: Checkpoint) => {
    await everyTime(stand, !unmet["retire"]?.includes(checkpoint), async (db, tools, time) => {
      const outcome = await startCrash({
        url: db.url,
        plan: everyKind(db),
        carry: { direction: "forward", goal: "retire" },
        at: { checkpoint, time, signal: "SIGKILL" },
        times: patientTimes,
      }).ended;
      await goOn(tools, "backward");
      expect({ checkpoint, time, ...(await look(db)) }).toEqual({ checkpoint, time, ...(await walkedBack(stand)) });
      expect(outcome?.problem).toBeUndefined();
      return outcome === null;
    });
  });

  test.each(backAt(stand))("killed at %s on the way back, and walked back", { timeout: 120_000 }, async (checkpoint: Checkpoint) => {
    await everyTime(stand, !unmet["backward"]?.includes(checkpoint), async (db, tools, time) => {
      const held = await open(tools, everyKind(db), patientTimes);
      await carry(held, { ...forward, goal: "retire" });
      await held.release();
      const outcome = await startCrash({
        url: db.url,
        run: held.run,
        carry: { direction: "backward", goal: "start" },
        at: { checkpoint, time, signal: "SIGKILL" },
        times: patientTimes,
      }).ended;
      const met = await db.one(
        `select count(*) from information_schema.columns where table_name = 't' and column_name = 'met' and table_schema in ('public', '${db.name}')`,
      );
      if (met === "1") expect(await db.one("select count(*) from t where met > 2")).toBe("0");
      await goOn(tools, "backward");
      expect({ checkpoint, time, ...(await look(db)) }).toEqual({ checkpoint, time, ...(await walkedBack(stand)) });
      expect(outcome?.problem).toBeUndefined();
      return outcome === null;
    });
  });
});

/** Whether the server was still at work when its client was dead; what comes of it is the same where it was not. */
async function killedInMidWork(stand: RunStand, ddl: string, state: string, rows: number): Promise<boolean> {
  return inDatabase(stand, async (db) => {
    await seedBig(db, rows);
    const isAtWork = async () => (await db.one(stand.working("alter table big"))) === "1";
    const isDone = async () => (await db.one(probeWhere(state))) === "done";
    const plan = planOf([draft("expand", outside([ddl]), { probe: probeWhere(state), locks: [db.strong("big")] })]);
    const crash = startCrash({
      url: db.url,
      plan,
      carry: { direction: "forward", goal: "drop" },
      at: { checkpoint: "statement:sent", time: 1, signal: "SIGSTOP" },
      times: patientTimes,
    });
    await Promise.race([crash.stopped, crash.ended.then((outcome) => expect.fail(JSON.stringify(outcome)))]);
    await expect.poll(async () => (await isAtWork()) || (await isDone()), { interval: 5 }).toBe(true);
    crash.child.kill("SIGKILL");
    await crash.ended;
    const wasAtWork = await isAtWork();
    const tools = everyTool(db.url);
    const [run] = await withSession(tools, async (session) => (await tools.store.overview(session)).openRuns);
    await goOn(tools, "forward");
    const events = await withSession(tools, (session) => tools.store.events(session, run?.id ?? 0));
    expect(events.filter((event) => event.kind === "intent")).toHaveLength(1);
    expect(events.find((event) => event.kind === "done")).toMatchObject({ found: true });
    expect(await isDone()).toBe(true);
    return wasAtWork;
  });
}

// Only this server goes on with a statement whose client is dead; PostgreSQL looks for its client every so often.
describe.each(runStands.filter(([, { engine }]) => engine === "mariadb"))("on %s", (_, stand) => {
  test.each(longStatements)("killed while the server is at work on %s: it is waited for, and found", { timeout: 240_000 }, async (_, ddl, state) => {
    // On a busy machine the server may be done before anybody has looked.
    let rows = 400_000;
    while (!(await killedInMidWork(stand, ddl, state, rows))) {
      rows *= 3;
      expect(rows, "rows, and the server was done before its client was dead").toBeLessThan(12_000_000);
    }
  });
});

/** Repeats a case with the crash at the first, second … time that the checkpoint is met, until it is not met. */
async function everyTime(stand: RunStand, met: boolean, work: (db: RunDatabase, tools: Tools, time: number) => Promise<boolean>): Promise<void> {
  for (let time = 1; time <= timesOn(stand); time += 1) {
    const crashed = await inDatabase(stand, async (db) => {
      await seed(db);
      return work(db, everyTool(db.url), time);
    });
    if (time === 1) expect(crashed).toBe(met);
    if (!crashed) return;
  }
}

const ends = new Map<string, Promise<object>>();

/** How a database looks after work that nobody disturbed. */
function endOf(key: string, stand: RunStand, work: (db: RunDatabase, tools: Tools) => Promise<unknown>): Promise<object> {
  const known =
    ends.get(`${key} ${stand.name}`) ??
    inDatabase(stand, async (db) => {
      await seed(db);
      await work(db, everyTool(db.url));
      return look(db);
    });
  ends.set(`${key} ${stand.name}`, known);
  return known;
}

const undisturbed = (stand: RunStand): Promise<object> => endOf("forward", stand, (db, tools) => runPlan(tools, everyKind(db)));

const walkedBack = (stand: RunStand): Promise<object> =>
  endOf("backward", stand, async (db, tools) => {
    const held = await open(tools, everyKind(db), patientTimes);
    await carry(held, { ...forward, goal: "retire" });
    await carry(held, backward);
    await held.release();
  });
