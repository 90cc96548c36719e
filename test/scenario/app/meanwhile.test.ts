// What somebody else does with a run while a command waits for it, and what that command says then.
import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/advance.ts";
import { complete } from "../../../src/app/complete.ts";
import type { AppContext, RunResult } from "../../../src/app/contract.ts";
import { resume } from "../../../src/app/resume.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { status } from "../../../src/app/status.ts";
import { up } from "../../../src/app/up.ts";
import type { Held } from "../../../src/run/held.ts";
import { type CarryRequest, carry } from "../../../src/run/loop.ts";
import { holdRun } from "../../../src/run/open.ts";
import { type AppDatabase, type AppStand, firstAppStands } from "../../harness/app-stands.ts";
import { backward, forward, holder, never, patientTimes, toolsFor, withSession } from "../../harness/runs.ts";
import { caught, type Project, projectFor, script } from "./project.ts";

const files = { "1_rename.mjs": script([{ kind: "rename-column", table: "users", from: "name", to: "full_name" }]) };
const seed = (db: AppDatabase, stand: AppStand): Promise<unknown> =>
  db.rows(`create table users (id ${stand.identity} primary key, name ${stand.text()} not null); insert into users (name) values ('ada'), ('bo')`);

async function held(db: AppDatabase, run: number): Promise<Held> {
  const tools = toolsFor(db.url);
  const taken = await withSession(tools, (session) => holdRun(tools, session, run, { holder, wait: true, signal: never, times: patientTimes }));
  if (taken === null) throw new Error(`run ${run} is closed`);
  return taken;
}

type Command = (context: AppContext) => Promise<RunResult>;

/** Calls the commands while somebody else has the run, and gives it back once all of them wait; how each ends. */
async function behind(project: Project, db: AppDatabase, run: number, work: (held: Held) => Promise<unknown>, commands: readonly Command[]) {
  const other = await held(db, run);
  const ends: Promise<unknown>[] = [];
  try {
    const waits = commands.map(async (command) => {
      let wait = (): void => undefined;
      const waiting = new Promise<void>((resolve) => {
        wait = resolve;
      });
      const context = await project.context({
        report: (event) => {
          project.events.push(event);
          if (event.event === "waiting") wait();
        },
      });
      const end = command(context);
      ends.push(end);
      await Promise.race([waiting, end]);
    });
    await Promise.all(waits);
    await work(other);
  } finally {
    await other.release();
  }
  return Promise.allSettled(ends) as Promise<readonly PromiseSettledResult<RunResult>[]>;
}

/** The end of the only command behind such work. */
async function behindOne(project: Project, db: AppDatabase, run: number, request: Partial<CarryRequest>, command: Command): Promise<RunResult> {
  const [end] = await behind(project, db, run, (other) => carry(other, { ...forward, ...request }), [command]);
  if (end?.status !== "fulfilled") throw end?.reason;
  return end.value;
}

const told = ({ events }: Project): string => events.map((event) => (event.event === "note" ? event.message : "")).join("\n");

/** As if whoever started it had been killed before it was ready. */
const leaveUnready = (db: AppDatabase, run: number): Promise<unknown> =>
  db.rows(`delete from hotstick.events where kind = 'phase-done' and run = ${run} and id = (select m from (select max(id) as m from hotstick.events e
    where kind = 'phase-done' and run = ${run}) last)`);

// Who waits gives up after three seconds, which a busy machine may need for the work of the other one.
describe.each(firstAppStands)("on %s", { retry: 2 }, (_, stand) => {
  test("two commands to advance at once take the run through one phase", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, stand);
    const project = projectFor(t, db.url, files);
    await start(await project.context(), {});
    const go: Command = (context) => advance(context, { acceptOldUsers: true });
    const ends = await behind(project, db, 1, async () => undefined, [go, go]);
    const codes = ends.map((end) => (end.status === "fulfilled" ? end.value.run?.position : (end.reason as { code?: string }).code)).sort();
    // On a busy machine the first may take longer than the second waits.
    expect([
      ["switch", "switch"],
      ["lease-busy", "switch"],
    ]).toContainEqual(codes);
    expect((await status(await project.context(), {})).runs).toMatchObject([{ state: "resting", position: "switch" }]);
  });

  test("advance says so where somebody else has gone there, or further", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, stand);
    const project = projectFor(t, db.url, files);
    await start(await project.context(), {});
    const go: Command = (context) => advance(context, { acceptOldUsers: true });
    for (const to of ["switch", "retire"] as const) {
      await rollback(await project.context(), { to: "backfill" });
      project.events.length = 0;
      expect((await behindOne(project, db, 1, { goal: to }, go)).run).toMatchObject({ state: "resting", position: to });
      expect(told(project)).toContain(`stands after ${to} already`);
    }
    expect((await behindOne(project, db, 1, {}, go)).run).toMatchObject({ state: "complete" });
  });

  test("who goes forward does not succeed on a run that somebody else rolled back meanwhile", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, stand);
    const project = projectFor(t, db.url, files);
    const context = await project.context();
    const commands: Readonly<Record<string, Command>> = {
      advance: (own) => advance(own, {}),
      complete: (own) => complete(own, { acceptOldUsers: true }),
      resume: (own) => resume(own, {}),
      start: (own) => start(own, { migrations: ["1_rename"] }),
    };
    for (const [name, command] of Object.entries(commands)) {
      const run = Number((await start(context, {})).run?.id);
      if (name === "resume" || name === "start") await leaveUnready(db, run);
      expect(await caught(behindOne(project, db, run, backward, command)), name).toMatchObject({
        code: "nothing-running",
        exit: 1,
        message: expect.stringContaining(`Run ${run} (1_rename) is over: it was rolled back`),
        hint: expect.stringContaining("hotstick start 1_rename"),
      });
    }
    for (const command of [advance, complete]) expect((await caught(command(context, { run: "1_rename" }))).code).toBe("nothing-running");
  });

  test("a way back that ends between two phases is not gone forward again by who waited, but by who comes later", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, stand);
    const project = projectFor(t, db.url, files);
    const context = await project.context();
    await start(context, {});
    await advance(context, {});
    const go: Command = (own) => complete(own, { acceptOldUsers: true });
    expect(await caught(behindOne(project, db, 1, { ...backward, goal: "expand" }, go))).toMatchObject({
      code: "going-back",
      exit: 5,
      message: expect.stringContaining("it stands after expand"),
      hint: expect.stringContaining("or go forward nevertheless: hotstick complete"),
    });
    expect((await status(context, {})).runs).toMatchObject([{ state: "resting", position: "expand", direction: "back" }]);
    expect((await go(context)).run).toMatchObject({ state: "complete" });
  });

  test("a rollback behind another one finds it done; behind a complete it does not", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, stand);
    const project = projectFor(t, db.url, files);
    const context = await project.context();
    await start(context, {});
    expect((await behindOne(project, db, 1, backward, (own) => rollback(own, {}))).run).toMatchObject({ state: "rolled-back" });
    expect(project.events.at(-1)).toMatchObject({ event: "ended", run: "1", state: "rolled-back" });
    await start(context, {});
    const partly: Command = (own) => rollback(own, { to: "expand" });
    expect((await caught(behindOne(project, db, 2, backward, partly))).message).toBe("Run 2 (1_rename) is over: it was rolled back.");
    await start(context, {});
    expect(await caught(behindOne(project, db, 3, forward, (own) => rollback(own, {})))).toMatchObject({
      code: "nothing-running",
      message: "Run 3 (1_rename) is over: it was completed.",
      hint: expect.stringContaining("hotstick undo 1_rename"),
    });
  });

  test("start does not succeed on a run that is on its way back, whether somebody carries it or has left it", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, stand);
    const project = projectFor(t, db.url, files);
    const context = await project.context();
    const stranger = await projectFor(t, db.url).context();
    await start(context, {});
    const other = await held(db, 1);
    await other.journal.note({ kind: "set-out", by: "ada@home", direction: "backward", goal: "start" });
    for (const options of [{}, { migrations: ["1_rename"] }])
      expect(await caught(start(context, options))).toMatchObject({
        code: "going-back",
        exit: 5,
        message: expect.stringContaining(`is being taken back by ${holder.name}`),
        hint: expect.stringContaining("hotstick status --watch"),
      });
    await other.release();
    for (const options of [{}, { migrations: ["1_rename"] }])
      expect(await caught(start(context, options))).toMatchObject({
        code: "going-back",
        message: expect.stringContaining("left on its way back to its start"),
        hint: expect.stringContaining("hotstick resume 1"),
      });
    // Who does not have its migration has nothing to do with it.
    expect(await start(stranger, {})).toMatchObject({ run: null });
    expect((await up(context, { check: true })).pending).toEqual(["1_rename"]);
    expect((await resume(context, {})).run).toMatchObject({ state: "rolled-back" });
    expect((await start(context, {})).run).toMatchObject({ id: "2", ready: true });
  });

  test("start makes ready by name what was taken back to before it was", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, stand);
    const context = await projectFor(t, db.url, files).context();
    await start(context, {});
    await rollback(context, { to: "expand" });
    expect((await start(context, { migrations: ["1_rename"] })).run).toMatchObject({ id: "1", ready: true, direction: "forward" });
  });
});
