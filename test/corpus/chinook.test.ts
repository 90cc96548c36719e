// One shop with its data on both engines, and the same migrations: after each the rows are the same on both, and after the way back too.
import { expect, test } from "vitest";
import { undo } from "../../src/app/undo.ts";
import { up } from "../../src/app/up.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { realSchema } from "../conformance/fixtures/schemas.ts";
import { type AppDatabase, type AppStand, firstAppStands } from "../harness/app-stands.ts";
import { schemaDifference, schemaOf } from "../harness/lifecycle.ts";
import { projectFor, script } from "../scenario/app/project.ts";

const schemas = { postgres: realSchema("chinook-postgres"), mariadb: realSchema("chinook-mysql") };
const both = firstAppStands.length === 2 && schemas.postgres !== null && schemas.mariadb !== null;
if (!both) console.info("the shop lies beside the repository, for both engines; without either its tests are skipped");

/** Names and backslashes as the other engine's file has them. */
const alikeNamed = (text: string): string =>
  text.replaceAll("\\ ", "\\\\ ").replace(/`(\w+)`/g, (_, name: string) => `\`${name.replace(/([a-z0-9])(?=[A-Z])/g, "$1_").toLowerCase()}\``);

interface Change {
  readonly name: string;
  readonly operations: readonly Operation[];
  readonly accept?: readonly string[];
  /** Writes of new code, when it is complete. */
  readonly writes?: string;
}

const changes: readonly Change[] = [
  {
    name: "1_rename",
    operations: [{ kind: "rename-column", table: "track", from: "name", to: "title" }],
    writes: "update track set title = 'Ünü' where track_id = 3",
  },
  {
    name: "2_split",
    operations: [
      {
        kind: "transform",
        table: "customer",
        from: ["email"],
        to: [
          { name: "email_user", type: "varchar(60)", notNull: true, up: "substr(email, 1, position('@' in email) - 1)" },
          { name: "email_host", type: "varchar(60)", notNull: true, up: "substr(email, position('@' in email) + 1)" },
        ],
        down: { email: "concat(email_user, '@', email_host)" },
      },
    ],
    writes: "update customer set email_user = 'new' where customer_id = 7",
  },
  {
    name: "3_merge",
    operations: [
      {
        kind: "transform",
        table: "employee",
        from: ["first_name", "last_name"],
        to: [{ name: "full_name", type: "varchar(41)", notNull: true, up: "concat(first_name, ' ', last_name)" }],
        down: { first_name: "substr(full_name, 1, position(' ' in full_name) - 1)", last_name: "substr(full_name, position(' ' in full_name) + 1)" },
      },
    ],
    writes: "update employee set full_name = 'Ada King' where employee_id = 2",
  },
  {
    name: "4_retype",
    operations: [
      {
        kind: "transform",
        table: "invoice",
        from: ["total"],
        to: [{ name: "cents", type: "int", notNull: true, up: "cast(total * 100 as int)" }],
        down: { total: "cents * 0.01" },
      },
    ],
    writes: "update invoice set cents = 4242 where invoice_id = 5",
  },
  {
    name: "5_widen",
    operations: [
      { kind: "transform", table: "track", from: ["bytes"], to: [{ name: "bytes", type: "bigint", up: "bytes" }], down: { bytes: "cast(bytes as int)" } },
    ],
    accept: ["swaps-names"],
    writes: "update track set bytes = 77 where track_id = 9",
  },
  { name: "6_drop", operations: [{ kind: "drop-column", table: "customer", column: "fax" }] },
  { name: "7_drop_required", operations: [{ kind: "drop-column", table: "invoice_line", column: "quantity", down: "1" }] },
  {
    name: "8_add",
    operations: [{ kind: "add-column", table: "album", column: { name: "code", type: "int", notNull: true, default: "0" }, fill: "album_id * 2 + artist_id" }],
  },
  { name: "9a_not_null", operations: [{ kind: "set-not-null", table: "track", column: "composer", fill: "'unknown'" }] },
  {
    name: "9b_index",
    operations: [
      { kind: "add-index", table: "track", name: "track_title", keys: [{ column: "title" }] },
      { kind: "add-index", table: "customer", name: "customer_email", unique: true, keys: [{ column: "email_user" }, { column: "email_host" }] },
    ],
  },
  {
    name: "9c_table",
    operations: [
      {
        kind: "create-table",
        table: "rating",
        columns: [
          { name: "rating_id", type: "int", notNull: true },
          { name: "stars", type: "smallint", notNull: true },
        ],
        primaryKey: ["rating_id"],
      },
    ],
    writes: "insert into rating values (1, 5), (2, 3)",
  },
  {
    name: "9d_chain",
    operations: [
      { kind: "rename-column", table: "genre", from: "name", to: "title" },
      {
        kind: "transform",
        table: "genre",
        from: ["title"],
        to: [{ name: "label", type: "varchar(130)", up: "concat('genre: ', title)" }],
        down: { title: "substr(label, 8)" },
      },
    ],
    writes: "insert into genre (genre_id, label) values (99, 'genre: Fado')",
  },
  {
    name: "9e_referring",
    operations: [{ kind: "rename-column", table: "album", from: "artist_id", to: "performer" }],
    writes: "update album set performer = 1 where album_id = 12",
  },
];

/** The rest, where everything is tested. */
const carried = process.env["HOTSTICK_SCOPE"] === "all" ? changes : changes.slice(0, 4);

/** All rows in words that both engines have, by table and sorted; columns by their names, without hidden ones of our own. */
async function rowsOf(stand: AppStand, db: AppDatabase): Promise<Readonly<Record<string, readonly string[]>>> {
  const quoted = (name: string): string => (stand.engine === "postgres" ? `"${name}"` : `\`${name}\``);
  const text = (name: string): string => (stand.engine === "postgres" ? `${quoted(name)}::text` : `cast(${quoted(name)} as char)`);
  const all: Record<string, readonly string[]> = {};
  for (const { name, columns } of Object.values((await schemaOf(db.url)).tables)) {
    const names = columns.flatMap((column) => (column.name.startsWith("hotstick_") ? [] : [column.name])).sort();
    const rows = await db.rows(`select ${names.map((each) => `${text(each)} as ${quoted(each)}`).join(", ")} from ${quoted(name.name)}`);
    all[name.name] = rows.map((row) => JSON.stringify(names.map((each) => [each, row[each]]))).sort();
  }
  return all;
}

/** What the two files have differently: spaces at the end. */
const alike = "update customer set city = trim(city); update invoice set billing_city = trim(billing_city)";

/** A few of the rows that only one has. */
function differing(one: Awaited<ReturnType<typeof rowsOf>>, other: Awaited<ReturnType<typeof rowsOf>>): readonly string[] {
  const lines = (all: typeof one) => new Set(Object.entries(all).flatMap(([table, rows]) => [table, ...rows.map((row) => `${table} ${row}`)]));
  const [here, there] = [lines(one), lines(other)];
  return [...[...here].filter((line) => !there.has(line)).slice(0, 4), ...[...there].filter((line) => !here.has(line)).slice(0, 4)];
}

/** The shop, and a project with all migrations up to one. */
async function opened(t: Parameters<AppStand["databaseFor"]>[0] & Parameters<typeof projectFor>[0], stand: AppStand) {
  const db = await stand.databaseFor(t);
  const text = schemas[stand.engine] ?? "";
  await db.rows(`${stand.engine === "mariadb" ? alikeNamed(text) : text}\n${alike}`);
  const context = await projectFor(
    t,
    db.url,
    Object.fromEntries(changes.map(({ name, operations, accept = [] }) => [`${name}.ts`, script(operations, { accept })])),
  ).context();
  return { stand, db, context, schema: await schemaOf(db.url), rows: () => rowsOf(stand, db) };
}

test.runIf(both)("the same migrations end in the same rows on both engines, there and back", { timeout: 600_000 }, async (t) => {
  const shops = await Promise.all(firstAppStands.map(([, stand]) => opened(t, stand)));
  const [postgres, mariadb] = shops;
  if (postgres === undefined || mariadb === undefined) throw new Error("there are two");
  const same = async (when: string) => {
    const [one, other] = await Promise.all([postgres.rows(), mariadb.rows()]);
    expect(differing(one, other), when).toEqual([]);
    return one;
  };
  const start = await same("at the start");
  expect(start["track"]?.length).toBeGreaterThan(3_000);
  for (const { name, writes } of carried) {
    for (const { context } of shops) expect((await up(context, { check: false, to: name })).applied).toEqual([name]);
    await same(`after ${name}`);
    if (writes === undefined) continue;
    for (const { db } of shops) await db.rows(writes);
    await same(`after ${name} and what was written then`);
  }
  for (const { name } of carried.toReversed()) {
    for (const { context } of shops) expect((await undo(context, { migration: name, to: "start" })).run).toMatchObject({ state: "undone" });
    await same(`after the way back from ${name}`);
  }
  for (const { schema, db } of shops) expect(schemaDifference(schema, await schemaOf(db.url))).toEqual([]);
});
