// A process that falls asleep is not dead: whoever takes its run over ends its sessions first, and when it wakes it can write nothing.
import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../../src/run/checkpoints.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun } from "../../src/run/open.ts";
import type { News, Tools } from "../../src/run/tools.ts";
import { startCrash } from "../harness/crash.ts";
import { everyKind, everyTool, look, seed, seedBig } from "../harness/every-kind.ts";
import { inDatabase, probeWhere, type RunDatabase, runStands } from "../harness/run-stands.ts";
import { draft, forward, holder, never, outside, planOf, quickTimes, runPlan, toolsFor, withSession } from "../harness/runs.ts";

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

/** An account that may do the work and may not end anybody's sessions; a step that it can do. */
const weak = (role: string, { name }: RunDatabase) => ({
  postgres: {
    make: [`create role "${role}" login; create schema hotstick authorization "${role}"; create table t (n int); alter table t owner to "${role}"`],
    work: "comment on table t is 'done'",
    drop: [`reassign owned by "${role}" to current_user; drop owned by "${role}"; drop role "${role}"`],
  },
  mariadb: {
    make: [
      `create table t (n int); create user ${role}@'%'; grant all privileges on ${name}.* to ${role}@'%'; grant all privileges on hotstick.* to ${role}@'%'`,
    ],
    work: "alter table t comment 'done'",
    drop: [`drop user ${role}@'%'`],
  },
});

describe.each(runStands)("on %s", (_, stand) => {
  test.concurrent.each(places)("asleep at %s beyond its lease, taken over, and woken", async (checkpoint) => {
    const undisturbed = await inDatabase(stand, async (db) => {
      await seed(db);
      await runPlan(everyTool(db.url), everyKind(db));
      return look(db);
    });
    await inDatabase(stand, async (db) => {
      await seed(db);
      const sleeper = startCrash({
        url: db.url,
        plan: everyKind(db),
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
      const events = await withSession(everyTool(db.url), (session) => everyTool(db.url).store.events(session, held.run));
      expect(events.find((event) => event.kind === "taken-over")).toMatchObject({
        from: expect.stringContaining("child@here"),
        ended: expect.arrayContaining([expect.anything()]),
      });
    });
  });

  // Elsewhere an index build neither waits for a transaction for long nor leaves anything behind.
  test.runIf(stand.engine === "postgres")("a takeover ends an index build that nobody watches any more, and builds it again", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(`create table t (id bigint primary key, a int); insert into t select n, n from ${stand.series(100)}`);
    const old = await db.connect();
    await old.query("begin; update t set a = a where id = 1");
    const { act, probe } = stand.index("t_a", "t (a)");
    const plan = planOf([draft("expand", act, { probe })]);
    const sleeper = startCrash({
      url: db.url,
      plan,
      carry: { direction: "forward", goal: "drop" },
      at: { checkpoint: "statement:sent", time: 1, signal: "SIGSTOP" },
    });
    await sleeper.stopped;
    const builders = stand.working("create index concurrently");
    await expect.poll(() => db.one(builders)).toBe("1");
    const tools = toolsFor(db.url);
    const held = await takeOver(tools);
    expect(await db.one(builders)).toBe("0");
    expect(await db.one(stand.indexState("t_a"))).toBe("broken");
    const carrying = carry(held, forward);
    await old.query("commit");
    expect((await carrying).outcome).toBe("applied");
    await held.release();
    expect(await db.one(stand.indexState("t_a"))).toBe("yes");
    sleeper.child.kill("SIGKILL");
    await sleeper.ended;
  });

  // Elsewhere such changes are no statements of their own, but part of a transaction.
  const alters = [
    ["copies", "algorithm=copy, lock=shared", 800_000],
    ["rebuilds in place", "algorithm=inplace, lock=none, force", 2_500_000],
  ] as const;
  test.for(stand.engine === "mariadb" ? alters : [])(
    "a takeover ends an ALTER that %s and that nobody watches any more, and does it again; its sleeper wakes and writes nothing",
    async ([, clause, rows], t) => {
      const db = await stand.databaseFor(t);
      // So many that it lasts for longer than the lease.
      await seedBig(db, rows);
      const probe = probeWhere("columns where table_schema = database() and column_name = 'late'");
      const locks = [db.strong("big")];
      const later = draft("expand", outside(["alter table big add column after_late int, algorithm=instant"]), {
        probe: probeWhere("columns where table_schema = database() and column_name = 'after_late'"),
        locks,
      });
      const plan = planOf([draft("expand", outside([`alter table big add column late int, ${clause}`]), { probe, locks }), later]);
      const task = { url: db.url, plan, carry: { direction: "forward", goal: "drop" }, times: { ...quickTimes, ttlMs: 700, beatMs: 100 } } as const;
      const sleeper = startCrash({ ...task, at: { checkpoint: "statement:sent", time: 1, signal: "SIGSTOP" } });
      await sleeper.stopped;
      await expect.poll(() => db.one(stand.working("alter table big")), { interval: 5 }).toBe("1");
      const tools = toolsFor(db.url);
      const held = await takeOver(tools);
      expect(await db.one(stand.working("alter table big"))).toBe("0");
      expect(await db.one(probe)).toBe("absent");
      const carrying = carry(held, forward);
      // It wakes while the other's ALTER is at work.
      await expect.poll(() => db.one(stand.working("alter table big")), { interval: 5 }).toBe("1");
      sleeper.child.kill("SIGCONT");
      expect((await carrying).outcome).toBe("applied");
      await held.release();
      expect((await sleeper.ended)?.problem?.code).toBe("lease-lost");
      const events = await withSession(tools, (session) => tools.store.events(session, held.run));
      expect(events.filter((event) => event.kind === "done").map((event) => event.step)).toEqual(["expand-1", "expand-2"]);
      expect(await db.rows("select table_name from information_schema.tables where table_schema = database() and table_name like '#%'")).toEqual([]);
    },
  );

  test("without the right to end the sleeper's sessions it waits until they are gone, and says so", async (t) => {
    const db = await stand.databaseFor(t);
    const role = `r_${db.name.slice(-12)}`;
    for (const text of weak(role, db)[stand.engine].make) await db.rows(text);
    t.onTestFinished(async () => {
      for (const text of weak(role, db)[stand.engine].drop) await db.rows(text);
    });
    const news: News[] = [];
    const tools = toolsFor(db.url.replace(/\/\/[^@]*@/, `//${role}@`), { report: (each) => void news.push(each) });
    await withSession(tools, (session) => tools.store.ensure(session));
    const plan = planOf([draft("expand", outside([weak(role, db)[stand.engine].work]))]);
    const sleeper = startCrash({
      url: db.url,
      plan,
      carry: { direction: "forward", goal: "drop" },
      at: { checkpoint: "statement:intended", time: 1, signal: "SIGSTOP" },
    });
    await sleeper.stopped;
    const taking = takeOver(tools);
    await expect.poll(() => news.some((each) => each.kind === "waiting" && each.for === "backend"), { timeout: 10_000 }).toBe(true);
    expect(await db.rows("select run from hotstick.leases where cast(holder as char(500)) like '%tester@here%'")).toEqual([]);
    sleeper.child.kill("SIGKILL");
    const held = await taking;
    expect((await carry(held, forward)).outcome).toBe("applied");
    await held.release();
    await sleeper.ended;
  });
});
