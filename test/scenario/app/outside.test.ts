// Statements of a user's own that the server runs outside a transaction only, through the commands.
import { describe, expect, test } from "vitest";
import { resume } from "../../../src/app/resume.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { up } from "../../../src/app/up.ts";
import { firstAppStands } from "../../harness/app-stands.ts";
import { databaseFor } from "../../harness/servers.ts";
import { caught, projectFor } from "./project.ts";

describe("what makes no index", () => {
  const parted = "create table p (id int) partition by range (id); create table p1 partition of p for values from (1) to (9); insert into p values (1)";
  const detach = "alter table p detach partition p1 concurrently;\n-- hotstick: undo\nalter table p attach partition p1 for values from (1) to (9);\n";

  test.for([
    ["vacuum", "vacuum p1;\n"],
    ["an index made anew", "reindex table concurrently p1;\n"],
    ["a partition that leaves", detach],
  ] as const)("%s is carried out and done", async ([, text], t) => {
    const db = await databaseFor(t);
    await db.rows(parted);
    expect((await up(await projectFor(t, db.url, { "1_a.sql": text }).context(), { check: false })).applied).toEqual(["1_a"]);
  });

  test("a partition that left comes back", async (t) => {
    const db = await databaseFor(t);
    await db.rows(parted);
    const project = projectFor(t, db.url, { "1_a.sql": detach });
    expect((await start(await project.context(), {})).run).toMatchObject({ state: "resting" });
    expect(await db.rows("select id from p")).toEqual([]);
    expect((await rollback(await project.context(), {})).run).toMatchObject({ state: "rolled-back" });
    expect(await db.rows("select id from p")).toEqual([{ id: 1 }]);
  });
});

describe("what a statement sets for its session", () => {
  test("ends with its step: what comes after it does not depend on who goes on", async (t) => {
    const db = await databaseFor(t);
    const project = projectFor(t, db.url, {
      "1_dump.sql": "select pg_catalog.set_config('search_path', '', false);\nset row_security = on;\ncreate table public.a (id int);\n",
      "2_own.sql": "create table b (id int);\n",
    });
    expect((await up(await project.context(), { check: false })).applied).toEqual(["1_dump", "2_own"]);
    expect(await db.rows("select to_regclass('public.b')::text as name")).toEqual([{ name: "b" }]);
  });

  test("is refused where another step comes behind it, unless it needs nothing of it", async (t) => {
    const db = await databaseFor(t);
    await db.rows("create table a (id int); insert into a values (1)");
    const text = "set lock_timeout = '5s';\ncreate index concurrently a_id on a (id);\n";
    const project = projectFor(t, db.url, { "1_a.sql": text });
    expect(await caught(start(await project.context(), {}))).toMatchObject({ code: "refused", details: { findings: [{ rule: "session-state" }] } });
    project.write("1_a.sql", `-- hotstick: accept session-state\n${text}`);
    expect((await up(await project.context(), { check: false })).applied).toEqual(["1_a"]);
  });
});

describe.each(firstAppStands.filter(([, { engine }]) => engine === "mariadb"))("on %s", (_, stand) => {
  const files = {
    "1_a.sql": "drop table a, p;\n-- hotstick: undo\ncreate table if not exists a (n int);\ncreate table if not exists p (id int primary key);\n",
  };
  const lay = "create table a (n int); create table p (id int primary key); create table c (p int, foreign key (p) references p (id))";
  const tables = "select table_name as name from information_schema.tables where table_schema = database() order by 1";

  test("several dropped in one statement, of which the server refuses the second: its undo runs", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(lay);
    const project = projectFor(t, db.url, files);
    expect(await caught(start(await project.context(), {}))).toMatchObject({ hint: expect.stringContaining("what came before the refusal is done") });
    expect(await db.rows(tables)).toEqual([{ name: "c" }, { name: "p" }]);
    expect((await rollback(await project.context(), {})).run).toMatchObject({ state: "rolled-back" });
    expect(await db.rows(tables)).toEqual([{ name: "a" }, { name: "c" }, { name: "p" }]);
  });

  test("and it is said what happened where it is gone on with", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(lay);
    const project = projectFor(t, db.url, files);
    await caught(start(await project.context(), {}));
    await db.rows("drop table c");
    expect(await caught(resume(await project.context(), {}))).toMatchObject({ code: "sent-before" });
    // Nothing is left to be dropped, which is what the step wants.
    expect((await resume(await project.context(), {})).run).toMatchObject({ state: "resting" });
  });
});
