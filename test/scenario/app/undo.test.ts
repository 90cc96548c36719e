// An undo between its checks and its first step: others work meanwhile, or it is killed.
import { describe, expect, test } from "vitest";
import { history } from "../../../src/app/history.ts";
import { resume } from "../../../src/app/resume.ts";
import { status } from "../../../src/app/status.ts";
import { undo } from "../../../src/app/undo.ts";
import { up } from "../../../src/app/up.ts";
import { reopenRun } from "../../../src/run/open.ts";
import { firstAppStands } from "../../harness/app-stands.ts";
import { schemaOf } from "../../harness/lifecycle.ts";
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
