// Runs that somebody left open, and what `up` does with them.
import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/advance.ts";
import { complete } from "../../../src/app/complete.ts";
import { pause } from "../../../src/app/pause.ts";
import { plan } from "../../../src/app/plan.ts";
import { resume } from "../../../src/app/resume.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { status } from "../../../src/app/status.ts";
import { up } from "../../../src/app/up.ts";
import { carry } from "../../../src/run/loop.ts";
import { holdRun, openRun } from "../../../src/run/open.ts";
import { type AppDatabase, type AppStand, firstAppStands } from "../../harness/app-stands.ts";
import { backward, holder, never, toolsFor, withSession } from "../../harness/runs.ts";
import { build } from "./built.ts";
import { caught, projectFor, script } from "./project.ts";

const seedWith =
  (stand: AppStand) =>
  (db: AppDatabase, rows: number): Promise<unknown> =>
    db.rows(
      `create table users (id ${stand.identity} primary key, name ${stand.text()} not null); insert into users (name) select concat('n', g) from ${stand.series(rows)}; ${stand.analyze("users")}`,
    );
const rename = script([{ kind: "rename-column", table: "users", from: "name", to: "full_name" }]);
const files = { "1_rename.mjs": rename };

/** Starts `hotstick` and waits for a word on stderr. */
async function until(word: string, args: readonly string[], cwd: string, url: string) {
  const child = spawn(process.execPath, [build(), ...args], { cwd, env: { ...process.env, DATABASE_URL: url }, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (data: Buffer) => {
      said += data.toString();
      if (said.includes(word)) resolve();
    });
    void exit.then((code) => reject(new Error(`ended with ${code} before it said ${word}:\n${said}`)));
  });
  return { child, exit, said: () => said };
}

describe.each(firstAppStands)("on %s", (_, stand) => {
  const seed = seedWith(stand);

  test.for([false, true])("a signal before the run is taken leaves it as it is (a second one: %s)", async (second, t) => {
    const db = await stand.databaseFor(t);
    await seed(db, 10);
    const project = projectFor(t, db.url, files);
    const started = await start(await project.context(), {});
    const before = await db.count("hotstick.events");
    const asked = await project.context(second ? { abort: AbortSignal.abort() } : { pause: AbortSignal.abort("hangup") });
    const reason = second ? "interrupt" : "hangup";
    for (const command of [resume, advance, complete, rollback])
      expect(await command(asked, {})).toMatchObject({ paused: { reason, resume: "hotstick resume" }, run: { state: "resting", position: "backfill" } });
    // As if it had been killed on its way.
    await db.rows(`delete from hotstick.events where kind = 'phase-done' and run = ${started.run?.id}`);
    expect(await up(asked, { check: false })).toMatchObject({ paused: { reason, resume: "hotstick up" }, run: { state: "interrupted" } });
    expect(await db.count("hotstick.events")).toBeLessThan(before);
  });

  test("back to where a run has not been is refused, and the next up leaves it where it rests", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, 10);
    const context = await projectFor(t, db.url, files).context();
    await start(context, {});
    for (const to of ["switch", "retire"] as const)
      expect(await caught(rollback(context, { to }))).toMatchObject({ code: "not-reached", hint: expect.stringContaining("--to backfill") });
    expect((await status(context, {})).runs).toMatchObject([{ state: "resting", direction: "forward", position: "backfill" }]);
    // As programs once did.
    const tools = toolsFor(db.url);
    const held = await withSession(tools, (session) => holdRun(tools, session, 1, { holder, wait: false, signal: never }));
    if (held === null) throw new Error("no run");
    await carry(held, { ...backward, goal: "retire" });
    await held.release();
    expect(await up(context, { check: false })).toMatchObject({ applied: [], pending: [] });
    expect((await status(context, {})).runs).toMatchObject([{ state: "resting", position: "backfill" }]);
  });

  test("a killed up is gone on with by the next one", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, 150_000);
    const project = projectFor(t, db.url, files);
    const { child, exit } = await until("fill the new shape", ["up"], project.cwd, db.url);
    child.kill("SIGKILL");
    expect(await exit).toBeNull();
    const context = await project.context();
    expect((await up(context, { check: true })).pending).toEqual(["1_rename"]);
    expect(await up(context, { check: false })).toMatchObject({ applied: ["1_rename"], pending: [], run: { state: "complete" } });
    expect(await db.count("users where full_name = concat('n', id)")).toBe(150_000);
  });

  test("SIGTERM pauses an up with exit 130, and the next one goes on", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, 150_000);
    const project = projectFor(t, db.url, files);
    const { child, exit, said } = await until("fill the new shape", ["up"], project.cwd, db.url);
    child.kill("SIGTERM");
    expect(await exit).toBe(130);
    expect(said()).toContain("Pausing safely");
    const context = await project.context();
    expect((await status(context, {})).runs).toMatchObject([{ state: "paused", next: { command: "hotstick resume" } }]);
    expect((await up(context, { check: false })).applied).toEqual(["1_rename"]);
  });

  test("a started run that rests is left alone; a pod without its file neither waits nor complains", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, 100);
    const project = projectFor(t, db.url, { ...files, "2_other.sql": "create table other (id int);" });
    const context = await project.context();
    await start(context, { migrations: ["1_rename"] });
    expect(await up(context, { check: false })).toMatchObject({ applied: ["2_other"], pending: [] });
    expect((await status(context, {})).runs).toMatchObject([{ position: "backfill", state: "resting" }]);
    const old = await projectFor(t, db.url, { "2_other.sql": "create table other (id int);" }).context();
    expect(await up(old, { check: false })).toMatchObject({ applied: [], pending: [] });
    await complete(context, { acceptOldUsers: true });
    expect(await caught(up(old, { check: false }))).toMatchObject({ code: "migration-missing", exit: 4 });
  });

  test("a run that was opened and never set out with is as good as not opened", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, 100);
    const project = projectFor(t, db.url, files);
    const context = await project.context();
    const planned = await plan(context, { check: false });
    const tools = toolsFor(db.url);
    await withSession(tools, async (session) => {
      await tools.store.ensure(session);
      if (planned.plan === null) throw new Error("no plan");
      const held = await openRun(tools, session, planned.plan, { holder, seen: (await tools.store.overview(session)).seen });
      await held.release();
    });
    expect((await status(context, {})).runs).toMatchObject([{ state: "interrupted", position: "start" }]);
    expect(await up(context, { check: false })).toMatchObject({ applied: ["1_rename"] });
  });

  test("what a person has paused is not gone on with by a pod", async (t) => {
    const db = await stand.databaseFor(t);
    // Longer than the holder takes to hear of the request.
    const slow =
      "export const up = async ({ batch }) => { for (let n = 0; n < 300; n += 1) await batch(async () => { await new Promise((resolve) => setTimeout(resolve, 100)); return n; }); };";
    const project = projectFor(t, db.url, { "1_slow.mjs": script([{ kind: "run", file: "steps/slow.mjs" }]), "steps/slow.mjs": slow });
    const { exit } = await until("steps/slow.mjs", ["up"], project.cwd, db.url);
    const context = await project.context();
    expect((await pause(context, {})).run).toMatchObject({ state: "paused" });
    expect(await exit).toBe(130);
    expect(await caught(up(context, { check: false }))).toMatchObject({ code: "run-paused", exit: 5 });
  });
});
