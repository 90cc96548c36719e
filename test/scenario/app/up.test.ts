// `up`: fresh databases, nothing to do, files that changed, refusals.
import { describe, expect, test } from "vitest";
import { up } from "../../../src/app/up.ts";
import { type AppStand, appStands, firstAppStands } from "../../harness/app-stands.ts";
import { caught, projectFor, script } from "./project.ts";

const invoices = script([
  {
    kind: "create-table",
    table: "invoices",
    columns: [
      { name: "id", type: "bigint", identity: "always" },
      { name: "total", type: "numeric", notNull: true },
    ],
    primaryKey: ["id"],
  },
]);
const moments = { postgres: "timestamptz", mariadb: "datetime(6)" };

/** SQL of which no server need be asked. */
const noMigration = { postgres: "alter tabel x", mariadb: "use elsewhere" };
/** Where each statement commits by itself, each is taken back by itself. */
const eachTakenBack = { postgres: "", mariadb: "delete from users;\n" };

const filesFor = (stand: AppStand) => ({
  "1_users.sql": `create table users (id bigint primary key, name ${stand.text()});\ninsert into users values (1, 'Ada');\n-- hotstick: undo\n${eachTakenBack[stand.engine]}drop table users;\n`,
  "2_invoices.ts": invoices,
  "3_paid.ts": script([
    { kind: "add-column", table: "invoices", column: { name: "paid", type: "boolean", notNull: true, default: "false" } },
    { kind: "add-index", table: "invoices", name: "invoices_paid", keys: [{ column: "paid" }] },
  ]),
  "4_view.sql": "create view unpaid as select * from invoices where not paid;",
  "5_seen.ts": script([{ kind: "add-column", table: "users", column: { name: "seen", type: moments[stand.engine] } }]),
  "README.md": "# not one",
});

describe.each(appStands)("on %s", (_, stand) => {
  const files = filesFor(stand);

  test("a fresh database gets everything, and then there is nothing to do", async (t) => {
    const db = await stand.databaseFor(t);
    const project = projectFor(t, db.url, files);
    const context = await project.context();
    expect(await up(context, { check: true })).toMatchObject({ pending: ["1_users", "2_invoices", "3_paid", "4_view", "5_seen"] });
    expect(await db.rows(stand.home)).toEqual([]);
    const result = await up(context, { check: false });
    expect(result).toMatchObject({ applied: ["1_users", "2_invoices", "3_paid", "4_view", "5_seen"], pending: [], paused: null });
    expect(await db.rows("select name, seen from users")).toEqual([{ name: "Ada", seen: null }]);
    expect(await db.runs()).toMatchObject([{ migrations: ["1_users", "2_invoices", "3_paid", "4_view"] }, { migrations: ["5_seen"] }]);
    expect(await up(context, { check: false })).toMatchObject({ applied: [], pending: [], run: null });
  });
});

describe.each(firstAppStands)("on %s", (_, stand) => {
  const files = filesFor(stand);

  test("up to a migration and no further", async (t) => {
    const db = await stand.databaseFor(t);
    const context = await projectFor(t, db.url, files).context();
    expect(await up(context, { check: false, to: "2_invoices" })).toMatchObject({
      applied: ["1_users", "2_invoices"],
      pending: ["3_paid", "4_view", "5_seen"],
    });
    expect(await up(context, { check: false, to: "1_users" })).toMatchObject({ applied: [] });
    expect((await caught(up(context, { check: false, to: "9_nothing" }))).code).toBe("no-such-migration");
  });

  test("what was applied must stay as it was", async (t) => {
    const db = await stand.databaseFor(t);
    const project = projectFor(t, db.url, files);
    const context = await project.context();
    await up(context, { check: false });
    project.write("2_invoices.ts", `// said otherwise\n${invoices}`);
    expect(await up(context, { check: false })).toMatchObject({ applied: [] });
    project.write("2_invoices.ts", invoices.replace("numeric", "bigint"));
    expect(await caught(up(context, { check: false }))).toMatchObject({ code: "migration-edited", exit: 4 });
    project.write("2_invoices.ts", invoices);
    project.remove("3_paid.ts");
    expect(await caught(up(context, { check: false }))).toMatchObject({ code: "migration-missing", exit: 4 });
  });

  test("a pod of an older version, whose folder ends before, has nothing to do and says so", async (t) => {
    const db = await stand.databaseFor(t);
    await up(await projectFor(t, db.url, files).context(), { check: false });
    const [first = "", second = ""] = Object.keys(files);
    const older = projectFor(t, db.url, { [first]: files[first as keyof typeof files], [second]: files[second as keyof typeof files] });
    expect(await up(await older.context(), { check: false })).toMatchObject({ applied: [], pending: [], run: null });
    expect(older.events).toMatchObject([{ event: "note", message: expect.stringContaining("newer than this folder") }]);
    // With something of its own it would build on a schema that it does not know.
    older.write("1b_other.sql", "create table other (id int);");
    expect(await caught(up(await older.context(), { check: false }))).toMatchObject({ code: "migration-missing", exit: 4 });
  });

  test("a finding that refuses is said before anything is touched", async (t) => {
    const db = await stand.databaseFor(t);
    const context = await projectFor(t, db.url, { ...files, "6_wrong.sql": noMigration[stand.engine] }).context();
    const problem = await caught(up(context, { check: false }));
    expect(await db.rows(stand.home)).toEqual([]);
    expect(problem).toMatchObject({
      code: "refused",
      exit: 3,
      details: { findings: expect.arrayContaining([expect.objectContaining({ rule: "bad-sql", severity: "refuse" })]) },
    });
  });

  test("tables with rows are changed in phases, one run each", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(`create table users (id int primary key, name ${stand.text()}); insert into users select g, concat('n', g) from ${stand.series(100)}`);
    const context = await projectFor(t, db.url, {
      "1_rename.ts": script([{ kind: "rename-column", table: "users", from: "name", to: "full_name" }]),
      "2_index.sql": `${stand.index("users_full_name on users (full_name)")};`,
    }).context();
    expect((await up(context, { check: false })).applied).toEqual(["1_rename", "2_index"]);
    expect(await db.runs()).toMatchObject([{ mode: "phased" }, { mode: "phased" }]);
    expect(await db.rows("select full_name from users where id = 7")).toEqual([{ full_name: "n7" }]);
  });
});
