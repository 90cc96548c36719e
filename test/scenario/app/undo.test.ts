// An undo between its checks and its first step: others work meanwhile, or it is killed.
import { describe, expect, type TestContext, test } from "vitest";
import { history } from "../../../src/app/history.ts";
import { resume } from "../../../src/app/resume.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { status } from "../../../src/app/status.ts";
import { undo } from "../../../src/app/undo.ts";
import { up } from "../../../src/app/up.ts";
import { reopenRun } from "../../../src/run/open.ts";
import { type AppDatabase, firstAppStands } from "../../harness/app-stands.ts";
import { schemaDifference, schemaOf } from "../../harness/lifecycle.ts";
import { holder, toolsFor, withSession } from "../../harness/runs.ts";
import { caught, projectFor, script } from "./project.ts";

const table = (name: string): string => `create table ${name} (id int primary key);\n-- hotstick: undo\ndrop table ${name};\n`;
const add = (name: string): string => script([{ kind: "add-column", table: name, column: { name: "note", type: "varchar(10)" } }]);

describe.each(firstAppStands)("on %s", (_, stand) => {
  test("what others did while it asked counts", async (t) => {
    const db = await stand.databaseFor(t);
    const project = projectFor(t, db.url, { "1_users.sql": table("users"), "2_others.sql": table("others") });
    await up(await project.context(), { check: false });
    const asked: string[] = [];
    const whileAsked = async (file: string, text: string) =>
      project.context({
        confirm: async ({ title }) => {
          asked.push(title);
          project.write(file, text);
          await up(await project.context(), { check: false });
          return true;
        },
      });
    const undoing = { migration: "1_users", to: "start" } as const;
    expect(await caught(undo(await whileAsked("3_note.mjs", add("users")), undoing))).toMatchObject({ code: "touched-later" });
    expect(Object.keys((await schemaOf(db.url)).tables)).toHaveLength(2);
    await undo(await project.context(), { migration: "3_note", to: "start" });
    project.remove("3_note.mjs");
    asked.length = 0;
    // What has nothing to do with it is no hindrance, and nobody is asked twice.
    expect((await undo(await whileAsked("4_more.sql", table("more")), undoing)).run).toMatchObject({ state: "undone" });
    expect(asked).toHaveLength(1);
    expect(Object.keys((await schemaOf(db.url)).tables)).toHaveLength(1);
  });

  test.for(["resume", "up"] as const)("killed before it set out, it is gone on with by %s, no further than it was to go", async (command, t) => {
    const db = await stand.databaseFor(t);
    await db.rows("create table users (id int primary key); insert into users values (1)");
    const context = await projectFor(t, db.url, { "1_note.mjs": add("users") }).context();
    await up(context, { check: false });
    const tools = toolsFor(db.url);
    await withSession(tools, async (session) => {
      const { seen } = await tools.store.overview(session);
      await (await reopenRun(tools, session, 1, { holder, seen, goal: "switch" })).release();
    });
    expect((await status(context, {})).runs).toMatchObject([{ state: "interrupted", direction: "back", next: { command: "hotstick resume" } }]);
    expect(await caught(undo(context, { migration: "1_note" }))).toMatchObject({
      code: "not-completed",
      hint: expect.stringContaining("hotstick resume 1_note"),
    });
    await (command === "up" ? up(context, { check: false }) : resume(context, {}));
    expect((await status(context, {})).runs).toMatchObject([{ state: "resting", direction: "back", position: "switch" }]);
    expect(await caught(undo(context, { migration: "1_note" }))).toMatchObject({
      code: "not-completed",
      hint: expect.stringContaining("hotstick rollback 1_note"),
    });
  });

  describe("an archive that was dropped", () => {
    const drop = (name: string) => ({ kind: "drop-column", table: `"${name.replaceAll('"', '""')}"`, column: "fax", down: "'none'" });
    const lay = async (t: TestContext, tables: readonly string[]) => {
      const db = await stand.databaseFor(t);
      const quoted = (name: string): string => (stand.engine === "postgres" ? `"${name.replaceAll('"', '""')}"` : `\`${name.replaceAll("`", "``")}\``);
      for (const name of tables)
        await db.rows(
          `create table ${quoted(name)} (id int primary key, fax ${stand.text()}); insert into ${quoted(name)} values (1, 'a'), (2, 'b'); ${stand.analyze(quoted(name))}`,
        );
      const context = await projectFor(t, db.url, { "1_fax.mjs": script(tables.map(drop)) }).context();
      await up(context, { check: false });
      return { db, context, quoted };
    };
    const archiveOf = async (db: AppDatabase, source: string): Promise<string> =>
      String((await db.rows(`select archive from hotstick.archives where source = '${source.replaceAll("'", "''")}'`))[0]?.["archive"]);

    test("stands against undo before anything is touched, unless nothing is to be given back to its table", async (t) => {
      const { db, context } = await lay(t, ["users", "others"]);
      const [source, other] = [`${stand.namespace(db)}.users`, `${stand.namespace(db)}.others`];
      const archive = await archiveOf(db, source);
      await db.rows(`drop table ${archive}`);
      const before = await schemaOf(db.url);
      const refused = await caught(undo(context, { migration: "1_fax" }));
      expect(refused).toMatchObject({
        code: "no-way-back",
        hint: expect.stringContaining("hotstick new"),
        details: { archives: [{ source, archive, rows: 2 }] },
      });
      expect(refused.message).toContain(archive);
      expect(refused.message).not.toContain(await archiveOf(db, other));
      expect(schemaDifference(before, await schemaOf(db.url))).toEqual([]);
      expect((await status(context, {})).runs).toEqual([]);
      // Nothing but the ways on that it names is closed.
      await db.rows("drop table users");
      await undo(context, { migration: "1_fax", acceptDrift: true });
      expect(await db.rows("select id, fax from others order by id")).toEqual([
        { id: 1, fax: "a" },
        { id: 2, fax: "b" },
      ]);
    });

    test("stands against going on with an undo that has yet to read it, and against none that has read it", async (t) => {
      const { db, context } = await lay(t, ["users"]);
      const archive = await archiveOf(db, `${stand.namespace(db)}.users`);
      const pausing = new AbortController();
      const stopping = await projectFor(t, db.url).context({
        pause: pausing.signal,
        report: (event) => {
          if (event.event === "step" && event.state === "done" && event.step.direction === "back") pausing.abort("interrupt");
        },
      });
      await undo(stopping, { migration: "1_fax" });
      expect((await status(context, {})).runs).toMatchObject([{ state: "paused", direction: "back" }]);
      await db.rows(`create table hotstick.aside as select * from ${archive}; drop table ${archive}`);
      const refused = await caught(rollback(context, {}));
      expect(refused).toMatchObject({ code: "no-way-back", message: expect.stringContaining(archive), hint: expect.not.stringContaining("hotstick new") });
      await db.rows(`create table ${archive} as select * from hotstick.aside; drop table hotstick.aside`);
      await rollback(context, { to: "switch" });
      await db.rows(`drop table ${archive}`);
      expect((await rollback(context, {})).run).toMatchObject({ state: "undone" });
      expect(await db.rows("select fax from users order by id")).toEqual([{ fax: "a" }, { fax: "b" }]);
    });

    test("is told from one that is there under any name", async (t) => {
      const name = 'we_ird "O\'Brien" `x`';
      const { db, context, quoted } = await lay(t, [name]);
      expect((await undo(context, { migration: "1_fax", to: "start" })).run).toMatchObject({ state: "undone" });
      expect(await db.rows(`select fax from ${quoted(name)} order by id`)).toEqual([{ fax: "a" }, { fax: "b" }]);
    });
  });

  test("it journals where it is to stop before it does anything", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows("create table users (id int primary key)");
    const context = await projectFor(t, db.url, { "1_note.mjs": add("users") }).context();
    await up(context, { check: false });
    await undo(context, { migration: "1_note", to: "expand" });
    const { events } = await history(context, { migration: "1_note", limit: 1000 });
    expect(events.filter(({ event }) => event === "opened").map(({ message }) => message)).toEqual([
      expect.stringMatching(/^by /),
      expect.stringMatching(/^again, back to expand, by /),
    ]);
  });
});
