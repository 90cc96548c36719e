// What goes wrong in the middle: rows that cannot be translated, a disk that is full, tables that others change. The run stops where it is, says why, and goes on.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/advance.ts";
import { complete } from "../../../src/app/complete.ts";
import { pause } from "../../../src/app/pause.ts";
import { resume } from "../../../src/app/resume.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { status } from "../../../src/app/status.ts";
import { undo } from "../../../src/app/undo.ts";
import type { Problem } from "../../../src/problem.ts";
import { give, serverAccount } from "../../../src/sandbox/account.ts";
import { type AppStand, appStands, firstAppStands } from "../../harness/app-stands.ts";
import { schemaDifference, schemaOf } from "../../harness/lifecycle.ts";
import { ownServerFor } from "../../harness/servers.ts";
import { caught, projectFor, script } from "../app/project.ts";

const retyping = (type: string, up: string, down: string): string =>
  script([{ kind: "transform", table: "items", from: ["code"], to: [{ name: "number", type, notNull: true, up }], down: { code: down } }]);
const retyped = {
  postgres: retyping("int", "code::int", "number::text"),
  mariadb: retyping("int", "cast(code as int)", "cast(number as char)"),
};
const rename = script([{ kind: "rename-column", table: "items", from: "code", to: "label" }]);
const itemsFor =
  (stand: AppStand) =>
  (rows: number): string =>
    `create table items (id int primary key, code ${stand.text()} not null); insert into items select g, concat(g, '') from ${stand.series(rows)}; ${stand.analyze("items")}`;

describe.each(appStands)("%s", (_, stand) => {
  const items = itemsFor(stand);

  test("rows that up cannot translate are named; corrected, the run goes on", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(items(3000));
    await db.rows("update items set code = 'twelve' where id in (1200, 2400)");
    const context = await projectFor(t, db.url, { "1_retype.ts": retyped[stand.engine] }).context();
    const problem = await caught(start(context, {}));
    expect(problem.message).toMatch(/1200/);
    expect(problem.message).toMatch(/2400/);
    expect(problem.hint).toBeDefined();
    // The old application is not held up by it.
    await db.rows("update items set code = 'still' where id = 2400; insert into items values (5000, 'new')");
    expect(await db.rows("select code from items where id in (2400, 5000) order by id")).toEqual([{ code: "still" }, { code: "new" }]);
    await db.rows("update items set code = '12' where id in (1200, 2400, 5000)");
    expect((await resume(context, {})).run).toMatchObject({ position: "backfill" });
    expect(await db.count("items where number is null or concat(number, '') <> code")).toBe(0);
    await rollback(context, {});
  });

  test("a table that somebody drops during a run: the run says so, and can be left", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(items(100));
    const context = await projectFor(t, db.url, { "1_rename.ts": rename }).context();
    await start(context, {});
    await db.rows("drop table items");
    const problem = await caught(advance(context, {}));
    expect(problem.code).toBe("table-changed");
    expect(problem.message).toContain("items");
    await rollback(context, { acceptDrift: true });
    expect((await status(context, {})).runs).toEqual([]);
  });

  test("a column that somebody drops during a run", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(items(100));
    const context = await projectFor(t, db.url, { "1_rename.ts": rename }).context();
    await start(context, {});
    await db.rows(`alter table items drop column label${stand.engine === "postgres" ? " cascade" : ""}`);
    expect(await caught(advance(context, {}))).toMatchObject({ code: "table-changed", exit: 4 });
    const schema = await schemaOf(db.url);
    await rollback(context, { acceptDrift: true });
    expect(schemaDifference(schema, await schemaOf(db.url)).filter((line) => line.includes("hotstick") && !line.endsWith("→ nothing"))).toEqual([]);
    expect(JSON.stringify((await schemaOf(db.url)).tables)).not.toContain("hotstick");
    expect(await db.count("items where code = concat(id, '')")).toBe(100);
  });
});

/** Somebody who has a row in the works, and how he is named. */
const longEdit = {
  postgres: {
    begin: "set application_name = 'long edit'; begin; update items set code = code where id = 19000",
    says: /lock timeout.* In its way: pid \d+ \(long edit, idle in transaction/,
  },
  mariadb: { begin: "begin; select id from items where id = 19000 for update", says: /Lock wait timeout.* In its way: .*\d+ \(/ },
};

describe.each(firstAppStands)("on %s", (_, stand) => {
  const items = itemsFor(stand);

  test("with nothing running there is nothing to walk back, to go on with or to pause", async (t) => {
    const db = await stand.databaseFor(t);
    const context = await projectFor(t, db.url, { "1_rename.ts": rename }).context();
    expect(await caught(rollback(context, {}))).toMatchObject({ code: "nothing-running", hint: expect.stringContaining("hotstick") });
    for (const command of [resume, advance])
      expect(await command(context, {}).catch((problem: Problem) => ({ run: null, code: problem.code }))).toMatchObject({ run: null });
    expect(await caught(undo(context, { migration: "1_rename" }))).toMatchObject({ code: expect.stringMatching(/^(no-such-migration|not-completed)$/) });
    expect((await pause(context, {})).run).toBeNull();
  });

  test("two commands at once: one works, the other leaves with the holder's name", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(items(20_000));
    const project = projectFor(t, db.url, { "1_rename.ts": rename });
    const context = await project.context();
    // A row that stays locked keeps the backfill where it is.
    const client = await db.connect();
    const first = start(context, {});
    first.catch(() => undefined);
    await expect
      .poll(() => project.events.some((event) => event.event === "phase" && event.phase === "expand" && event.state === "done"), {
        timeout: 20_000,
        interval: 2,
      })
      .toBe(true);
    await client.query(longEdit[stand.engine].begin);
    const failures = () => project.events.flatMap((event) => (event.event === "step" && event.state === "failed" ? [event.message ?? ""] : []));
    await expect.poll(failures).toContainEqual(expect.stringMatching(longEdit[stand.engine].says));
    const [again, back] = await Promise.all([caught(resume(context, {})), caught(rollback(context, {}))]);
    for (const problem of [again, back]) expect(problem).toMatchObject({ code: "lease-busy", exit: 5, message: expect.stringContaining(String(process.pid)) });
    await client.query("commit");
    expect((await first).run).toMatchObject({ position: "backfill" });
    await complete(context, { acceptOldUsers: true });
    expect(await db.count("items where label = concat(id, '')")).toBe(20_000);
  });
});

describe.each(firstAppStands)("on %s", (_, stand) => {
  /** A run whose only statement the server refused, and which has no undo. */
  const refused = async (t: Parameters<AppStand["databaseFor"]>[0] & Parameters<typeof projectFor>[0], statement: string) => {
    const db = await stand.databaseFor(t);
    await db.rows("create table items (id int primary key, code int not null)");
    const context = await projectFor(t, db.url, { "1_wrong.sql": statement }).context();
    expect((await caught(start(context, {}))).message).toMatch(/nothing_there/);
    return context;
  };
  const left = async (context: Awaited<ReturnType<typeof refused>>) => {
    expect((await rollback(context, {})).run).toMatchObject({ state: "rolled-back", position: "start" });
    expect((await status(context, {})).runs).toEqual([]);
  };

  test("a statement that had no effect is left without an undo", async (t) =>
    left(await refused(t, "update items set code = 1 where id in (select id from nothing_there);")));

  // On PostgreSQL it is a transaction as the one above.
  if (stand.engine === "mariadb") test("one that commits by itself is left too", async (t) => left(await refused(t, "create index i on nothing_there (id);")));
});

/** A small disk, where this machine lets us have one. */
function smallDisk(t: { onTestFinished(work: () => void): void }, size: string): string | null {
  const folder = mkdtempSync(join(tmpdir(), "hotstick-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=777`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
  t.onTestFinished(() => {
    execFileSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

test("a disk that is full stops the run; with room again it goes on", { timeout: 120_000 }, async (t) => {
  const disk = smallDisk(t, "40m");
  if (disk === null) {
    console.error("A full disk is NOT TESTED: this machine lets nobody mount one.");
    t.skip();
    return;
  }
  const server = await ownServerFor(t);
  await server.createDatabase("app");
  const url = server.url("app");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.onTestFinished(() => client.end());
  const place = join(disk, "space");
  mkdirSync(place);
  await give(place, serverAccount());
  await client.query(`create tablespace small location '${place}'`);
  await client.query("create table items (id int primary key, code text not null) tablespace small");
  await client.query("insert into items select n, repeat('x', 100) || n from generate_series(1, 60000) n; analyze items");
  const ballast = join(disk, "ballast");
  const context = await projectFor(t, url, { "1_rename.ts": rename }).context();
  writeFileSync(ballast, Buffer.alloc(statfsSync(disk).bavail * statfsSync(disk).bsize - 2 ** 21));
  const problem = await caught(start(context, {}));
  expect(problem.message).toMatch(/No space left|could not extend/i);
  expect(problem.hint).toBeDefined();
  // The application still reads, and what was committed stays.
  expect((await client.query("select count(*)::int as n from items where label is not null and label <> code")).rows).toEqual([{ n: 0 }]);
  writeFileSync(ballast, "");
  expect((await resume(context, {})).run).toMatchObject({ position: "backfill" });
  expect((await client.query("select count(*)::int as n from items where label = code")).rows).toEqual([{ n: 60_000 }]);
  await rollback(context, {});
});
