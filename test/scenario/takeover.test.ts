// A process that falls asleep is not dead: whoever takes its run over ends its sessions first, and when it wakes it can write nothing.
import { describe, expect, type TestContext, test } from "vitest";
import type { Checkpoint } from "../../src/run/checkpoints.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun } from "../../src/run/open.ts";
import type { News, Tools } from "../../src/run/tools.ts";
import { startCrash } from "../harness/crash.ts";
import { everyKind, everyTool, look, seed, seedBig } from "../harness/every-kind.ts";
import { inDatabase, probeWhere, type RunDatabase, runStands } from "../harness/run-stands.ts";
import {
  core,
  draft,
  forward,
  holder,
  indexProbe,
  inTransaction,
  never,
  outside,
  planOf,
  quickTimes,
  runPlan,
  toolsFor,
  withSession,
} from "../harness/runs.ts";

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

/** A statement that takes its time; what it makes is called late. */
interface Lasting {
  readonly what: string;
  readonly statement: string;
  readonly probe: string;
  readonly undo: string;
  readonly repair: readonly string[];
  /** So many that it lasts for longer than the lease. */
  readonly rows: number;
  readonly locked: boolean;
  readonly timeouts: { readonly lock?: number };
  /** What an application has begun, and the statement waits for; null: it would wait before it does anything. */
  readonly old: string | null;
}

const alter = (what: string, clause: string, rows: number): Lasting => ({
  what,
  statement: `alter table big add column late int, ${clause}`,
  probe: probeWhere("columns where table_schema = database() and column_name = 'late'"),
  undo: "alter table big drop column if exists late",
  repair: [],
  rows,
  locked: true,
  timeouts: {},
  old: null,
});

const lastingOn: Readonly<Record<"postgres" | "mariadb", readonly Lasting[]>> = {
  postgres: [
    {
      what: "an index's build",
      statement: "create index concurrently late on big (a)",
      probe: indexProbe("late"),
      undo: "drop index concurrently if exists late",
      repair: ["drop index concurrently if exists late"],
      rows: 100,
      locked: false,
      // It stalls nobody while it waits.
      timeouts: { lock: 60_000 },
      old: "begin; update big set a = a where id = 1",
    },
  ],
  mariadb: [
    alter("an ALTER that copies", "algorithm=copy, lock=shared", 800_000),
    alter("an ALTER in place", "algorithm=inplace, lock=none, force", 2_500_000),
  ],
};

/** Ends what a session is at, and leaves the session. */
const interruptOn: Readonly<Record<"postgres" | "mariadb", (words: string) => string>> = {
  postgres: (words) => `select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and state = 'active' and query like '${words}%'`,
  mariadb: (words) =>
    `set @end = (select concat('kill query ', id) from information_schema.processlist where db = database() and info like '${words}%'); prepare ending from @end; execute ending`,
};

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
      // It wakes in the middle of the other's work, or behind it where nothing but its end is left: whoever finds closed what he was about
      // to close, and as he would have, tells that.
      const isClosing = checkpoint === "run:closing";
      if (!isClosing) sleeper.child.kill("SIGCONT");
      expect((await carry(held, forward)).outcome).toBe("applied");
      await held.release();
      if (isClosing) sleeper.child.kill("SIGCONT");
      expect((await sleeper.ended)?.problem?.code).toBe(isClosing ? undefined : "lease-lost");
      expect(await look(db)).toEqual(undisturbed);
      const events = await withSession(everyTool(db.url), (session) => everyTool(db.url).store.events(session, held.run));
      expect(events.find((event) => event.kind === "taken-over")).toMatchObject({
        from: expect.stringContaining("child@here"),
        ended: expect.arrayContaining([expect.anything()]),
      });
    });
  });

  const lasting = lastingOn[stand.engine].slice(0, process.env["HOTSTICK_SCOPE"] === "quick" ? 1 : undefined).map((what) => [what.what, what] as const);

  /** Taken over from a sleeper in the middle of a statement that lasts. */
  async function asleep(test: TestContext, what: Lasting, killed = false) {
    const db = await stand.databaseFor(test);
    await seedBig(db, what.rows);
    const old = await db.connect();
    if (what.old !== null) await old.query(what.old);
    const locks = what.locked ? [db.strong("big")] : [];
    const lasts = draft("expand", outside([what.statement], what.repair), {
      probe: what.probe,
      locks,
      timeouts: what.timeouts,
      undo: [core(outside([what.undo]))],
    });
    const after = draft("expand", inTransaction(["insert into big (id, a) values (-1, 1)"]));
    const sleeper = startCrash({
      url: db.url,
      plan: planOf([lasts, after]),
      carry: { direction: "forward", goal: "drop" },
      times: { ...quickTimes, ttlMs: 700, beatMs: 100 },
      at: { checkpoint: "statement:sent", time: 1, signal: "SIGSTOP" },
    });
    await sleeper.stopped;
    const working = () => db.one(stand.working(what.statement.slice(0, 12)));
    await expect.poll(working, { interval: 5 }).toBe("1");
    if (killed) sleeper.child.kill("SIGKILL");
    const held = await takeOver(toolsFor(db.url));
    expect(await working()).toBe("1");
    return { db, old, sleeper, held, working, state: () => db.one(what.probe) };
  }

  test.for(lasting)("%s is left to the server by a takeover, waited for, and not begun anew; its sleeper wakes and writes nothing", async ([, what], t) => {
    const { db, old, sleeper, held, state } = await asleep(t, what);
    const carrying = carry(held, forward);
    // It wakes while its statement is waited for, and does not end it.
    sleeper.child.kill("SIGCONT");
    expect((await sleeper.ended)?.problem?.code).toBe("lease-lost");
    if (what.old !== null) await old.query("commit");
    expect((await carrying).outcome).toBe("applied");
    await held.release();
    expect(await state()).toBe("done");
    expect(await db.one("select count(*) from big where id = -1")).toBe("1");
    const tools = toolsFor(db.url);
    const events = await withSession(tools, (session) => tools.store.events(session, held.run));
    expect(events.filter((event) => event.kind === "intent")).toHaveLength(1);
    expect(events.filter((event) => event.kind === "done").map((event) => event.step)).toEqual(["expand-1", "expand-2"]);
  });

  test.for(lasting)("%s is ended where the run goes back", async ([, what], t) => {
    const { db, old, sleeper, held, working, state } = await asleep(t, what);
    const carrying = carry(held, { ...forward, direction: "backward", goal: "start" });
    await expect.poll(working, { interval: 5 }).toBe("0");
    if (what.old !== null) await old.query("commit");
    expect((await carrying).outcome).toBe("reverted");
    await held.release();
    sleeper.child.kill("SIGCONT");
    expect((await sleeper.ended)?.problem?.code).toBe("lease-lost");
    expect(await state()).not.toBe("done");
    expect(await db.rows("select 1 as one from big where id = -1")).toEqual([]);
  });

  test("what was left to the server and is ended by somebody is not waited for any longer, though its sleeper's session idles on, but done again", async (t) => {
    const what = lastingOn[stand.engine].at(-1)!;
    const { db, old, sleeper, held, state } = await asleep(t, what);
    const carrying = carry(held, forward);
    await db.rows(interruptOn[stand.engine](what.statement.slice(0, 12)));
    if (what.old !== null) await old.query("commit");
    expect((await carrying).outcome).toBe("applied");
    await held.release();
    expect(await state()).toBe("done");
    const tools = toolsFor(db.url);
    const events = await withSession(tools, (session) => tools.store.events(session, held.run));
    expect(events.filter((event) => event.kind === "intent")).toHaveLength(2);
    sleeper.child.kill("SIGKILL");
    await sleeper.ended;
  });

  // The other engine's server notices within half a second that its client is gone, and ends the work itself.
  test.runIf(stand.engine === "mariadb")("what a killed process has sent is left to the server, and found done", async (t) => {
    const { db, sleeper, held, state } = await asleep(t, lastingOn.mariadb[0]!, true);
    expect(await sleeper.ended).toBeNull();
    expect((await carry(held, forward)).outcome).toBe("applied");
    await held.release();
    expect(await state()).toBe("done");
    const tools = toolsFor(db.url);
    const events = await withSession(tools, (session) => tools.store.events(session, held.run));
    expect(events.filter((event) => event.kind === "intent")).toHaveLength(1);
    expect(events.find((event) => event.kind === "done")).toMatchObject({ step: "expand-1", found: true });
    expect(await db.rows("select table_name from information_schema.tables where table_schema = database() and table_name like '#%'")).toEqual([]);
  });

  // It waits a second time at its end, and the clock of its session counts whole seconds.
  test.runIf(stand.engine === "mariadb" && process.env["HOTSTICK_SCOPE"] === "all")(
    "what was left to the server holds up nobody at its end for longer than the budget",
    async (t) => {
      const { db, sleeper, held, working } = await asleep(t, lastingOn.mariadb.at(-1)!);
      const carrying = carry(held, forward);
      const reader = await db.connect();
      await reader.query("begin; select 1 from big limit 1");
      const writer = await db.connect();
      let slowest = 0;
      for (let id = 10_000_000; (await working()) === "1"; id += 1) {
        const since = performance.now();
        await writer.query(`insert into big (id, a) values (${id}, 'x')`);
        slowest = Math.max(slowest, performance.now() - since);
      }
      // The budget of 200 ms, and what a busy machine adds.
      expect(slowest).toBeLessThan(700);
      await reader.query("commit");
      expect((await carrying).outcome).toBe("applied");
      await held.release();
      sleeper.child.kill("SIGKILL");
      await sleeper.ended;
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
    await expect.poll(() => news.some((each) => each.kind === "waiting" && each.for === "backend")).toBe(true);
    expect(await db.rows("select run from hotstick.leases where cast(holder as char(500)) like '%tester@here%'")).toEqual([]);
    sleeper.child.kill("SIGKILL");
    const held = await taking;
    expect((await carry(held, forward)).outcome).toBe("applied");
    await held.release();
    await sleeper.ended;
  });
});
