// Undo, ways back that are closed, pause and resume, drift, old users.
import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/advance.ts";
import { complete } from "../../../src/app/complete.ts";
import { history } from "../../../src/app/history.ts";
import { pause } from "../../../src/app/pause.ts";
import { resume } from "../../../src/app/resume.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { status } from "../../../src/app/status.ts";
import { undo } from "../../../src/app/undo.ts";
import { up } from "../../../src/app/up.ts";
import { verify } from "../../../src/app/verify.ts";
import { type AppDatabase, type AppStand, firstAppStands } from "../../harness/app-stands.ts";
import { schemaDifference, schemaOf } from "../../harness/lifecycle.ts";
import { caught, projectFor, script } from "./project.ts";

const seedWith =
  (stand: AppStand) =>
  (db: AppDatabase, rows = 500): Promise<unknown> =>
    db.rows(
      `create table users (id ${stand.identity} primary key, name ${stand.text()} not null); insert into users (name) select concat('n', g) from ${stand.series(rows)}; ${stand.analyze("users")}`,
    );
const rename = script([{ kind: "rename-column", table: "users", from: "name", to: "full_name" }]);
const now = { acceptOldUsers: true };

/** What changes nothing that a run minds. */
const unseen = { postgres: "grant select on users to pg_monitor", mariadb: "analyze table users" };

/** Old code that reads: what shows it, and a function that does. */
const readers = {
  postgres: {
    prepare: "create extension pg_stat_statements",
    statement: "where u.name = $1",
    greet: "create function greet(u bigint) returns text language sql as $$ select 'hello ' || name from users where id = u $$",
    greeting: (home: string) => `function ${home}.greet(bigint) names ${home}.users.name`,
  },
  mariadb: {
    prepare: "select 1",
    statement: "WHERE `u` . `name` = ?",
    greet: "create function greet(u bigint) returns text reads sql data return (select concat('hello ', name) from users where id = u)",
    greeting: (home: string) => `function ${home}.greet names ${home}.users.name`,
  },
};

describe.each(firstAppStands)("on %s", (_, stand) => {
  const seed = seedWith(stand);

  test("a completed run is undone from its archive, to where old code may be deployed, and then to its start", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const before = await schemaOf(db.url);
    const context = await projectFor(t, db.url, { "1_rename.ts": rename }).context();
    await up(context, { check: false });
    await db.rows("update users set full_name = 'changed' where id = 7");
    const undone = await undo(context, { migration: "1_rename" });
    expect(undone.run).toMatchObject({ position: "switch", direction: "back", state: "resting", next: { command: "hotstick rollback" } });
    expect(undone.restored.length).toBeGreaterThan(0);
    expect(await db.rows("select name from users where id in (3, 7) order by id")).toEqual([{ name: "n3" }, { name: "changed" }]);
    expect((await rollback(context, {})).run).toMatchObject({ state: "undone", position: "start" });
    expect(schemaDifference(before, await schemaOf(db.url))).toEqual([]);
    const { entries, events } = await history(context, { migration: "1_rename", limit: 1000 });
    expect(entries).toMatchObject([{ migration: "1_rename", state: "undone", position: "start" }]);
    expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(["opened", "set-out", "closed"]));
    expect((await history(context, { migration: "1_rename", limit: 2 })).events).toEqual(events.slice(-2));
    expect((await caught(undo(context, { migration: "1_rename" }))).code).toBe("not-completed");
  });

  test("what a later migration or a person has changed stands against undo", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const project = projectFor(t, db.url, {
      "1_rename.ts": rename,
      "2_seen.ts": script([{ kind: "add-column", table: "users", column: { name: "seen", type: "date" } }]),
    });
    const context = await project.context();
    await up(context, { check: false });
    expect(await caught(undo(context, { migration: "1_rename" }))).toMatchObject({ code: "touched-later", message: expect.stringContaining("2_seen") });
    await db.rows("alter table users add by_hand int");
    expect(await caught(undo(context, { migration: "2_seen", to: "start" }))).toMatchObject({
      code: "table-changed",
      exit: 4,
      message: expect.stringContaining("by_hand"),
    });
    const drifted = await verify(context, {});
    expect(drifted).toMatchObject({ run: null, ok: false, checks: [{ bad: [{ key: expect.stringContaining("by_hand"), problem: "is new" }] }] });
    expect((await undo(context, { migration: "2_seen", to: "start", acceptDrift: true })).run).toMatchObject({ state: "undone" });
  });

  test("SQL that a later migration builds on is not undone under it", async (t) => {
    const db = await stand.databaseFor(t);
    const context = await projectFor(t, db.url, {
      "1_users.sql": "create table users (id int primary key);\n-- hotstick: undo\ndrop table users;",
      "2_seen.ts": script([{ kind: "add-column", table: "users", column: { name: "seen", type: "date" } }]),
    }).context();
    await up(context, { check: false });
    expect(await caught(undo(context, { migration: "1_users", to: "start" }))).toMatchObject({
      code: "touched-later",
      hint: expect.stringContaining("hotstick undo 2_seen"),
    });
    await undo(context, { migration: "2_seen", to: "start" });
    expect((await undo(context, { migration: "1_users", to: "start" })).run).toMatchObject({ state: "undone" });
    expect(Object.keys((await schemaOf(db.url)).tables)).toEqual([]);
  });

  test("SQL without an undo has no way back, which is said before anything is touched", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const context = await projectFor(t, db.url, { "1_index.sql": "create index users_name on users (name);" }).context();
    await start(context, {});
    expect(await caught(rollback(context, {}))).toMatchObject({ code: "no-way-back", message: expect.stringContaining("without an undo") });
    expect((await complete(context, {})).run).toMatchObject({ state: "complete" });
    expect((await caught(undo(context, { migration: "1_index" }))).code).toBe("no-way-back");
  });

  test("a change by somebody else during a run is named, and refused unless it is accepted", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const context = await projectFor(t, db.url, { "1_rename.ts": rename }).context();
    await start(context, {});
    await db.rows(`${unseen[stand.engine]}; alter table users add extra int`);
    expect(await caught(advance(context, {}))).toMatchObject({
      code: "table-changed",
      exit: 4,
      message: expect.stringContaining("extra"),
      hint: expect.stringContaining("--accept-drift"),
    });
    expect((await status(context, {})).runs).toMatchObject([{ position: "backfill", state: "resting" }]);
    expect((await advance(context, { acceptDrift: true })).run).toMatchObject({ position: "switch" });
    await complete(context, now);
  });

  test("a paused run is gone on with", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db, 60_000);
    const project = projectFor(t, db.url, { "1_rename.ts": rename });
    const stop = new AbortController();
    const context = await project.context({
      pause: stop.signal,
      report: (event) => {
        if (event.event === "progress") stop.abort("interrupt");
      },
    });
    const paused = await start(context, {});
    expect(paused).toMatchObject({ paused: { reason: "interrupt", resume: "hotstick resume" }, run: { state: "paused", position: "expand" } });
    const again = await project.context();
    expect((await pause(again, {})).run).toMatchObject({ state: "paused" });
    expect((await status(again, {})).next?.command).toBe("hotstick resume");
    expect((await verify(again, {})).ok).toBe(false);
    const resumed = await resume(again, {});
    expect(resumed.run).toMatchObject({ state: "resting", position: "backfill" });
    expect(await verify(again, {})).toMatchObject({ ok: true, run: { ready: true } });
    expect((await resume(again, {})).run).toMatchObject({ position: "backfill" });
  });

  test("old code that still writes holds up retire", async (t) => {
    const db = await stand.databaseFor(t, true);
    await seed(db);
    const context = await projectFor(t, db.url, { "1_rename.ts": rename }, { HOTSTICK_OLD_APPLICATIONS: "old-web" }).context();
    await start(context, {});
    await advance(context, {});
    const old = await db.connect();
    if (stand.engine === "postgres") await old.query("set application_name = 'old-web'");
    let writing = true;
    const writer = (async () => {
      while (writing) {
        await old.query("update users set name = concat(name, '.') where id = 1");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const problem = await caught(advance(context, {}));
    expect(problem).toMatchObject({ code: "old-users", exit: 3, hint: expect.stringContaining("--old-code-is-gone") });
    expect(problem.message).toContain(`old columns of ${stand.namespace(db)}.users were written`);
    if (stand.engine === "postgres") expect(problem.message).toContain("old-web");
    expect((await status(context, {})).runs[0]?.oldUsers).toEqual(expect.arrayContaining([expect.objectContaining({ source: "writers", seen: true })]));
    writing = false;
    await writer;
    if (stand.engine === "postgres") await old.query("set application_name = 'new-web'");
    expect((await advance(context, {})).run).toMatchObject({ position: "retire" });
  });

  test("old code that only reads is seen by its statements, and a function by its text", async (t) => {
    const db = await stand.databaseFor(t, true);
    await seed(db);
    const reads = readers[stand.engine];
    await db.rows(reads.prepare);
    const asked: string[] = [];
    const project = projectFor(t, db.url, { "1_rename.ts": rename });
    const context = await project.context({ confirm: async ({ title }) => asked.push(title) > 0 });
    await start(context, {});
    await advance(context, {});
    const old = await db.connect();
    let reading = true;
    const reader = (async () => {
      while (reading) {
        await old.query("select u.id from users u where u.name = 'n5'");
        await old.query("select 'name' as users, full_name from users where id = 1");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const problem = await caught(advance(context, {}));
    expect(problem.code).toBe("old-users");
    expect(problem.message).toContain(reads.statement);
    expect(problem.message).not.toContain("full_name");
    reading = false;
    await reader;
    await db.rows(reads.greet);
    expect((await caught(advance(context, {}))).message).toContain(reads.greeting(stand.namespace(db)));
    await db.rows("drop function greet");
    expect((await advance(context, {})).run).toMatchObject({ position: "retire" });
    expect(asked).toEqual([]);
    await complete(context, {});
    expect(asked).toEqual([expect.stringContaining("Drop what is left")]);
  });
});
