// Operations of every other kind, choices of run and migration, rights, and what is shown of it.
import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/advance.ts";
import { complete } from "../../../src/app/complete.ts";
import { doctor } from "../../../src/app/doctor.ts";
import { history } from "../../../src/app/history.ts";
import { plan } from "../../../src/app/plan.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { status } from "../../../src/app/status.ts";
import { up } from "../../../src/app/up.ts";
import { type AppDatabase, type AppStand, appStands, firstAppStands } from "../../harness/app-stands.ts";
import { databaseFor } from "../../harness/servers.ts";
import { caught, projectFor, script } from "./project.ts";

const seedWith =
  (stand: AppStand) =>
  (db: AppDatabase): Promise<unknown> =>
    db.rows(
      `create table items (id int primary key, name ${stand.text()}, price int); insert into items select g, concat('i', g), g from ${stand.series(300)}; create table others (id int primary key); insert into others values (1)`,
    );

/** What the engines say differently. */
const words = {
  postgres: {
    comment: (text: string | null) => `comment on table items is ${text === null ? "null" : `'${text}'`}`,
    left: "select relname as name from pg_class where relname in ('items_name', 'tags') union all select obj_description('items'::regclass) where obj_description('items'::regclass) is not null",
    mails: (texts: readonly string[]) =>
      `create table mails (id int primary key, body text); insert into mails select row_number() over (), t from unnest(array['${texts.join("', '")}']) t;`,
    limit: "create index concurrently mails_limit on mails (body) where body <> '{{limit}}';",
    limited: "select pg_get_indexdef('mails_limit'::regclass) as text",
    retitle: "alter table items rename column name to title;",
  },
  mariadb: {
    comment: (text: string | null) => `alter table items comment = '${text ?? ""}'`,
    left: "select index_name as name from information_schema.statistics where table_schema = database() and index_name = 'items_name' union all select table_name from information_schema.tables where table_schema = database() and table_name = 'tags' union all select table_comment from information_schema.tables where table_schema = database() and table_name = 'items' and table_comment <> ''",
    mails: (texts: readonly string[]) =>
      `create table mails (id int primary key, body varchar(100)); insert into mails values ${texts.map((text, i) => `(${i + 1}, '${text}')`).join(", ")};`,
    limit: "create index mails_limit on mails (body) comment '{{limit}}';",
    limited: "select index_comment as text from information_schema.statistics where table_schema = database() and index_name = 'mails_limit'",
    retitle: "alter table items rename column name to title;",
  },
};

const module = `
export async function up({ batch, cursor }) {
  for (let from = cursor ?? 0; from < 300; from += 100) {
    await batch(async (session) => {
      await session.script(["update items set name = upper(name) where id > " + from + " and id <= " + (from + 100)]);
      return from + 100;
    });
  }
}
export async function down({ batch }) {
  await batch(async (session) => { await session.script(["update items set name = lower(name)"]); return 0; });
}
`;

describe.each(appStands)("on %s", (_, stand) => {
  const seed = seedWith(stand);
  const own = words[stand.engine];

  test("columns, indexes, tables, SQL in phases and functions, together as one run, there and back", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const project = projectFor(t, db.url, {
      "1_all.ts": script([
        { kind: "add-column", table: "items", column: { name: "seen", type: "int", notNull: true, default: "0" } },
        { kind: "add-index", table: "items", name: "items_name", keys: [{ column: "name" }] },
        {
          kind: "create-table",
          table: "tags",
          columns: [
            { name: "id", type: "int" },
            { name: "item", type: "int" },
          ],
          primaryKey: ["id"],
          foreignKeys: [{ columns: ["item"], table: "items", references: ["id"] }],
        },
        { kind: "run", file: "steps/upper.ts", undoExport: "down" },
        { kind: "sql", phase: "switch", statements: [own.comment("switched")], undo: [own.comment(null)] },
      ]),
      "steps/upper.ts": module,
    });
    const context = await project.context();
    expect((await start(context, {})).run).toMatchObject({
      position: "backfill",
      rail: [
        { phase: "expand", state: "done" },
        { phase: "backfill", state: "done", steps: 1 },
        { phase: "switch", state: "pending" },
        { state: "empty" },
        { state: "empty" },
      ],
    });
    expect(await db.rows("select name, seen from items where id in (1, 300) order by id")).toEqual([
      { name: "I1", seen: 0 },
      { name: "I300", seen: 0 },
    ]);
    expect((await advance(context, {})).run).toMatchObject({ position: "switch" });
    project.write("steps/upper.ts", `${module}// other\n`);
    expect(await caught(rollback(context, {}))).toMatchObject({ code: "module-changed", exit: 4 });
    expect((await status(context, {})).runs).toMatchObject([{ position: "switch", state: "resting" }]);
    project.write("steps/upper.ts", module);
    expect((await rollback(context, {})).run).toMatchObject({ state: "rolled-back" });
    expect(await db.rows("select name from items where id = 1")).toEqual([{ name: "i1" }]);
    expect(await db.rows(own.left)).toEqual([]);

    await start(context, {});
    expect((await complete(context, {})).run).toMatchObject({ state: "complete" });
    expect(await up(context, { check: false })).toMatchObject({ applied: [] });
    const { entries } = await history(context, { limit: 10 });
    expect(entries.map(({ migration, state }) => `${migration} ${state}`)).toEqual(["1_all complete", "1_all rolled-back"]);
  });

  test("the doctor finds everything good but what a test server lacks", async (t) => {
    const db = await stand.databaseFor(t);
    const context = await projectFor(t, db.url).context();
    const { ok, checks, server } = await doctor(context, {});
    expect(server?.product).toContain(stand.name);
    expect(checks.filter(({ state }) => state === "bad")).toEqual([]);
    expect(checks.filter(({ message }) => message.startsWith("could not be asked"))).toEqual([]);
    expect(ok).toBe(true);
  });
});

describe.each(firstAppStands)("on %s", (_, stand) => {
  const seed = seedWith(stand);
  const own = words[stand.engine];

  test("several runs are open at once, and must be told apart", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const context = await projectFor(t, db.url, {
      "1_a.ts": script([{ kind: "rename-column", table: "items", from: "name", to: "title" }]),
      "2_b.ts": script([{ kind: "add-column", table: "others", column: { name: "n", type: "int" } }], { parents: [] }),
      "3_c.ts": script([{ kind: "add-column", table: "items", column: { name: "n", type: "int" } }]),
    }).context();
    expect(await caught(start(context, { migrations: ["3_c"] }))).toMatchObject({ code: "parents-pending" });
    expect(await caught(start(context, { migrations: ["4_d"] }))).toMatchObject({ code: "no-such-migration" });
    await start(context, { migrations: ["1_a"] });
    await start(context, { migrations: ["2_b"] });
    expect(await caught(advance(context, {}))).toMatchObject({ code: "several-running" });
    expect((await status(context, {})).runs).toMatchObject([{ migrations: ["1_a"], next: { command: "hotstick advance 1" } }, { migrations: ["2_b"] }]);
    expect((await complete(context, { run: "2_b" })).run).toMatchObject({ state: "complete" });
    expect(await caught(start(context, { migrations: ["3_c"] }))).toMatchObject({ code: "table-claimed", exit: 5 });
    expect(await caught(up(context, { check: false }))).toMatchObject({ code: "table-claimed", exit: 5 });
    expect((await rollback(context, { run: "1" })).run).toMatchObject({ state: "rolled-back" });
    expect((await caught(rollback(context, { run: "2_b" }))).code).toBe("nothing-running");
  });

  test("text in double braces arrives as it is, in a transaction and outside, or is refused", async (t) => {
    const db = await stand.databaseFor(t);
    const texts = ["run", "generation", "limit", "name"].map((name) => `Dear {{${name}}}`);
    const project = projectFor(t, db.url, {
      "1_mails.sql": own.mails(texts),
      "2_index.sql": own.limit,
    });
    await up(await project.context(), { check: false });
    expect((await db.rows("select body from mails order by id")).map(({ body }) => body)).toEqual(texts);
    expect(await db.rows(own.limited)).toMatchObject([{ text: expect.stringContaining("{{limit}}") }]);
    project.write("3_rename.ts", script([{ kind: "rename-column", table: "mails", from: "body", to: "text" }]));
    expect((await plan(await project.context(), { check: false })).plan?.findings).toMatchObject([
      { rule: "reserved-text", severity: "refuse", message: expect.stringContaining("{{limit}}") },
    ]);
  });

  test("what SQL leaves behind is not guessed at", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const context = await projectFor(t, db.url, {
      "1_sql.sql": own.retitle,
      "2_index.ts": script([{ kind: "add-index", table: "items", name: "items_title", keys: [{ column: "title" }] }]),
    }).context();
    expect(await caught(start(context, {}))).toMatchObject({ code: "planned-apart", hint: expect.stringContaining("hotstick start 1_sql") });
    expect((await plan(context, { check: false })).plan?.findings).toEqual(expect.arrayContaining([expect.objectContaining({ rule: "planned-later" })]));
    expect((await up(context, { check: false })).applied).toEqual(["1_sql", "2_index"]);
  });

  test("a plan that is refused shows why, and nothing can start it", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(db);
    const context = await projectFor(t, db.url, { "1_no.ts": script([{ kind: "drop-column", table: "items", column: "nothing" }]) }).context();
    const refusedPlan = await plan(context, { check: false });
    expect(refusedPlan.plan).toMatchObject({ steps: [], findings: [expect.objectContaining({ severity: "refuse" })] });
    expect(await caught(start(context, {}))).toMatchObject({ code: "refused", exit: 3 });
  });
});

// The other engine's rights are of another kind, and have tests of their own.
test("missing rights are named before anything is touched", async (t) => {
  const db = await databaseFor(t);
  await db.rows("create table items (id int primary key)");
  await db.rows(`create role limited_${db.name} login password 'x'; grant all on all tables in schema public to limited_${db.name}`);
  const url = new URL(db.url);
  url.username = `limited_${db.name}`;
  url.password = "x";
  const context = await projectFor(t, url.href, { "1_n.ts": script([{ kind: "add-column", table: "items", column: { name: "n", type: "int" } }]) }).context();
  expect(await caught(start(context, {}))).toMatchObject({
    code: "missing-privilege",
    message: expect.stringContaining("public.items belongs to another role"),
  });
  const { ok, checks } = await doctor(context, {});
  expect(ok).toBe(false);
  expect(checks.find(({ title }) => title === "schema hotstick")).toMatchObject({ state: "bad" });
  expect(checks.find(({ title }) => title === "ownership of tables")).toMatchObject({ state: "warn" });
  await db.rows(`drop owned by limited_${db.name}; drop role limited_${db.name}`);
});
