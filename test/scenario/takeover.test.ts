// A process that falls asleep is not dead: whoever takes its run over ends its sessions first, and when it wakes it can write nothing.
import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../../src/run/checkpoints.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun } from "../../src/run/open.ts";
import type { News, Tools } from "../../src/run/tools.ts";
import { startCrash } from "../harness/crash.ts";
import { everyKind, everyTool, look, seed } from "../harness/every-kind.ts";
import { majors } from "../harness/majors.ts";
import { draft, forward, holder, indexProbe, never, outside, planOf, quickTimes, runPlan, toolsFor, withDatabase, withSession } from "../harness/runs.ts";
import { databaseFor } from "../harness/servers.ts";

const takeOver = (tools: Tools) =>
  withSession(tools, async (session) => {
    const [run] = (await tools.store.overview(session)).openRuns;
    const held = await holdRun(tools, session, run!.id, { holder, wait: true, signal: never, times: quickTimes });
    return held!;
  });

const everywhere: readonly Checkpoint[] = [
  "step:before",
  "transaction:before",
  "transaction:sent",
  "statement:intended",
  "statement:sent",
  "statement:returned",
  "batch:found",
  "batch:sent",
  "batch:committed",
  "module:batch",
  "checks:passed",
  "phase:before",
  "run:closing",
];

const places = process.env["HOTSTICK_SCOPE"] === "all" ? everywhere : everywhere.filter((place) => place.endsWith(":sent") || place === "run:closing");

describe.each(majors)("on PostgreSQL %i", (major) => {
  test.concurrent.each(places)("asleep at %s beyond its lease, taken over, and woken", async (checkpoint) => {
    const undisturbed = await withDatabase(major, async (db) => {
      await seed(db);
      await runPlan(everyTool(db.url), everyKind());
      return look(db);
    });
    await withDatabase(major, async (db) => {
      await seed(db);
      const sleeper = startCrash({
        url: db.url,
        plan: everyKind(),
        carry: { direction: "forward", goal: "drop" },
        at: { checkpoint, time: 1, signal: "SIGSTOP" },
      });
      await sleeper.stopped;
      const held = await takeOver(everyTool(db.url));
      // It wakes in the middle of the other's work.
      sleeper.child.kill("SIGCONT");
      expect((await carry(held, forward)).outcome).toBe("applied");
      await held.release();
      expect((await sleeper.ended)?.problem?.code).toBe("lease-lost");
      expect(await look(db)).toEqual(undisturbed);
      const [told] = await db.rows(
        "select data ->> 'from' as from, jsonb_array_length(data -> 'ended') > 0 as ended from hotstick.events where kind = 'taken-over'",
      );
      expect(told).toMatchObject({ from: expect.stringContaining("child@here"), ended: true });
    });
  });

  test("a takeover ends an index build that nobody watches any more, and builds it again", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table t (id bigint primary key, a int); insert into t select n, n from generate_series(1, 100) n");
    const old = await db.connect();
    await old.query("begin; update t set a = a where id = 1");
    const plan = planOf([draft("expand", outside(["create index concurrently t_a on t (a)"], ["drop index concurrently t_a"]), { probe: indexProbe("t_a") })]);
    const sleeper = startCrash({
      url: db.url,
      plan,
      carry: { direction: "forward", goal: "drop" },
      at: { checkpoint: "statement:sent", time: 1, signal: "SIGSTOP" },
    });
    await sleeper.stopped;
    const builders =
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and query like 'create index concurrently%' and state = 'active'";
    await expect.poll(() => db.rows(builders)).toEqual([{ n: 1 }]);
    const tools = toolsFor(db.url);
    const held = await takeOver(tools);
    expect(await db.rows(builders)).toEqual([{ n: 0 }]);
    expect(await db.rows("select indisvalid from pg_index where indexrelid = to_regclass('t_a')")).toEqual([{ indisvalid: false }]);
    const carrying = carry(held, forward);
    await old.query("commit");
    expect((await carrying).outcome).toBe("applied");
    await held.release();
    expect(await db.rows("select indisvalid from pg_index where indexrelid = to_regclass('t_a')")).toEqual([{ indisvalid: true }]);
    sleeper.child.kill("SIGKILL");
    await sleeper.ended;
  });

  test("without the right to end the sleeper's sessions it waits until they are gone, and says so", async (t) => {
    const db = await databaseFor(t, major);
    const role = `r_${db.name}`;
    await db.rows(`create role "${role}" login; create schema hotstick authorization "${role}"; create table t (n int); alter table t owner to "${role}"`);
    const news: News[] = [];
    const tools = toolsFor(db.url.replace(/\/\/[^@]*@/, `//${role}@`), { report: (each) => void news.push(each) });
    await withSession(tools, (session) => tools.store.ensure(session));
    const plan = planOf([draft("expand", outside(["comment on table t is 'done'"]))]);
    const sleeper = startCrash({
      url: db.url,
      plan,
      carry: { direction: "forward", goal: "drop" },
      at: { checkpoint: "statement:intended", time: 1, signal: "SIGSTOP" },
    });
    await sleeper.stopped;
    const taking = takeOver(tools);
    await expect.poll(() => news.some((each) => each.kind === "waiting" && each.for === "backend"), { timeout: 10_000 }).toBe(true);
    expect(await db.rows("select token is not null as taken from hotstick.leases where holder ->> 'name' like 'tester%'")).toEqual([]);
    sleeper.child.kill("SIGKILL");
    const held = await taking;
    expect((await carry(held, forward)).outcome).toBe("applied");
    await held.release();
    await sleeper.ended;
    await db.rows(`reassign owned by "${role}" to current_user; drop owned by "${role}"; drop role "${role}"`);
  });
});
