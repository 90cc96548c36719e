// A process that is killed between two acts, or before it closes the run: the next command sees that, and goes on to where it was to go.
import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/advance.ts";
import { resume } from "../../../src/app/resume.ts";
import { start } from "../../../src/app/start.ts";
import { status } from "../../../src/app/status.ts";
import { up } from "../../../src/app/up.ts";
import type { Checkpoint } from "../../../src/run/checkpoints.ts";
import { type CarryRequest, carry } from "../../../src/run/loop.ts";
import { holdRun } from "../../../src/run/open.ts";
import { type AppDatabase, type AppStand, firstAppStands } from "../../harness/app-stands.ts";
import { backward, forward, holder, never, patientTimes, toolsFor, withSession } from "../../harness/runs.ts";
import { projectFor, script } from "./project.ts";

const shout = script([
  { kind: "transform", table: "users", from: ["name"], to: [{ name: "loud", type: "varchar(100)", up: "upper(name)" }], down: { name: "lower(loud)" } },
]);
const note = script([{ kind: "add-column", table: "users", column: { name: "note", type: "varchar(10)" } }], { parents: ["1_shout"] });

const seed = (db: AppDatabase, stand: AppStand): Promise<unknown> =>
  db.rows(`create table users (id ${stand.identity} primary key, name ${stand.text()} not null); insert into users (name) values ('ada'), ('bo')`);

interface Death {
  readonly run: number;
  readonly carry: CarryRequest;
  readonly at: Checkpoint;
  /** The how many-th time it comes there. */
  readonly time: number;
}

/** Carries the run until it comes there, and writes nothing from then on; false where it came to its end before. */
async function killed(db: AppDatabase, { run, carry: request, at, time }: Death): Promise<boolean> {
  let left = time;
  let die = (): void => undefined;
  const dead = new Promise<boolean>((resolve) => {
    die = () => resolve(true);
  });
  const checkpoint = (name: Checkpoint): Promise<void> | undefined => {
    if (name !== at || --left > 0) return;
    die();
    return new Promise(() => undefined);
  };
  const tools = toolsFor(db.url, { checkpoint });
  const held = await withSession(tools, (session) => holdRun(tools, session, run, { holder, wait: true, signal: never, times: patientTimes }));
  if (held === null) throw new Error(`run ${run} is closed`);
  const { signal } = new AbortController();
  const was = await Promise.race([dead, carry(held, { ...request, pause: signal, abort: signal }).then(() => false)]);
  await held.release();
  return was;
}

describe.each(firstAppStands)("on %s", (_, stand) => {
  test("after any act of a walk back to switch: it is gone on with, and old code finds what new code wrote", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, stand);
    const context = await projectFor(t, db.url, { "1_shout.mjs": shout }).context();
    await start(context, {});
    await advance(context, {});
    for (let time = 1; ; time += 1) {
      await advance(context, { acceptOldUsers: true });
      await db.rows(`update users set loud = 'ZOE ${time}' where id = 1; insert into users (loud) values ('EVE ${time}')`);
      if (!(await killed(db, { run: 1, carry: { ...backward, goal: "switch" }, at: "step:after", time }))) {
        expect(time).toBeGreaterThan(3);
        return;
      }
      expect((await status(context, {})).runs).toMatchObject([{ state: "interrupted", direction: "back", next: { command: "hotstick resume" } }]);
      expect((await up(context, { check: true })).pending).toEqual(["1_shout"]);
      await (time % 2 === 0 ? up(context, { check: false }) : resume(context, {}));
      expect((await status(context, {})).runs).toMatchObject([{ state: "resting", position: "switch", next: { command: "hotstick rollback" } }]);
      expect(await db.count(`users where name in ('zoe ${time}', 'eve ${time}')`)).toBe(2);
    }
  });

  test("after any act of a walk back to the start: it is gone on with, and over", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, stand);
    const context = await projectFor(t, db.url, { "1_shout.mjs": shout }).context();
    for (let time = 1, at: Checkpoint = "step:after"; ; time += 1) {
      const run = Number((await start(context, {})).run?.id);
      if (!(await killed(db, { run, carry: backward, at, time }))) {
        if (at === "run:closing") return;
        expect(time).toBeGreaterThan(3);
        at = "run:closing";
        time = 0;
        continue;
      }
      expect((await status(context, {})).runs).toMatchObject([{ state: "interrupted", next: { command: "hotstick resume" } }]);
      expect((await resume(context, {})).run).toMatchObject({ state: "rolled-back" });
    }
  });

  test("before it is closed: the next up closes it, and goes on with the same table", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, stand);
    const project = projectFor(t, db.url, { "1_shout.mjs": shout });
    await start(await project.context(), {});
    expect(await killed(db, { run: 1, carry: forward, at: "run:closing", time: 1 })).toBe(true);
    project.write("2_note.mjs", note);
    expect(await up(await project.context(), { check: false })).toMatchObject({ applied: ["1_shout", "2_note"], pending: [] });
  });
});
