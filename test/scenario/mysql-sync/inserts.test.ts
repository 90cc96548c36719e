// Which side an INSERT gave: every form of it, through both sides, and the whole truth table.
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { sentinel } from "../../../src/dialects/mysql/types.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { type Laid, lay } from "./laid.ts";
import { newColumn, people, transform } from "./shapes.ts";

type Test = Parameters<typeof mariadbDatabaseFor>[0];

const standIn = sentinel("varchar(200)", true) ?? "";

/** The old column is NOT NULL without a default of its own. */
async function given(t: Test, standIns: Record<string, string> = { name: standIn }): Promise<{ db: MariadbDatabase; laid: Laid }> {
  const db = await mariadbDatabaseFor(t);
  await db.rows("create table people (id int primary key, name varchar(200) not null, visits int not null default 0)");
  return { db, laid: await lay(db, "people", [people], { standIns }) };
}

const rows = (db: MariadbDatabase) => db.rows("select id, name, first, last, hotstick_side as side from people order by id");
const ada = (id: number, side: number) => ({ id, name: "Ada King", first: "Ada", last: "King", side });

/** What was to be inserted, as each server says it: MySQL warns of VALUES(). */
const said = onMysql ? " as given" : "";
const value = (column: string): string => (onMysql ? `given.${column}` : `values(${column})`);

const forms: readonly (readonly [form: string, old: string, fresh: string])[] = [
  ["VALUES", "insert into people (id, name) values (1, 'Ada King')", "insert into people (id, first, last) values (1, 'Ada', 'King')"],
  ["SET", "insert into people set id = 1, name = 'Ada King'", "insert into people set id = 1, first = 'Ada', last = 'King'"],
  ["SELECT", "insert into people (id, name) select 1, 'Ada King'", "insert into people (id, first, last) select 1, 'Ada', 'King'"],
  [
    "DEFAULT",
    "insert into people (id, name, visits) values (1, 'Ada King', default)",
    "insert into people (id, name, first, last) values (1, default, 'Ada', 'King')",
  ],
  ["REPLACE", "replace into people (id, name) values (1, 'Ada King')", "replace into people (id, first, last) values (1, 'Ada', 'King')"],
  ["IGNORE", "insert ignore into people (id, name) values (1, 'Ada King')", "insert ignore into people (id, first, last) values (1, 'Ada', 'King')"],
  [
    "ON DUPLICATE KEY, no duplicate",
    `insert into people (id, name) values (1, 'Ada King')${said} on duplicate key update name = ${value("name")}`,
    `insert into people (id, first, last) values (1, 'Ada', 'King')${said} on duplicate key update first = ${value("first")}, last = ${value("last")}`,
  ],
];

describe.runIf(hasMariadb)("forms of INSERT on MariaDB", () => {
  for (const [form, old, fresh] of forms) {
    test(`${form} through both sides, without a warning`, async (t) => {
      const { db, laid } = await given(t);
      for (const [text, side] of [
        [old, 1],
        [fresh, 2],
      ] as const) {
        await db.rows("delete from people");
        expect(await db.rows(`${text}; show warnings`)).toEqual([]);
        expect(await rows(db)).toEqual([ada(1, side)]);
        // The same as a prepared statement, over a row that is there.
        const client = await db.connect();
        await db.rows("delete from people");
        await client.execute(text);
        expect(await rows(db)).toEqual([ada(1, side)]);
      }
      expect(await laid.bad()).toBe(0);
    });
  }

  test("several rows of one statement are each their own; SELECT from the table itself takes what is shown", async (t) => {
    const { db, laid } = await given(t);
    await db.rows("insert into people (id, name, first) values (1, default, 'Ada'), (2, 'Bo Did', null), (3, default, 'Cy')");
    await db.rows("insert into people select id + 10, name, visits from people");
    await db.rows("insert into people (id, first, last) select id + 20, first, last from people where id < 10");
    expect(await rows(db)).toEqual([
      { id: 1, name: "Ada", first: "Ada", last: null, side: 2 },
      { id: 2, name: "Bo Did", first: "Bo", last: "Did", side: 1 },
      { id: 3, name: "Cy", first: "Cy", last: null, side: 2 },
      { id: 11, name: "Ada", first: "Ada", last: null, side: 1 },
      { id: 12, name: "Bo Did", first: "Bo", last: "Did", side: 1 },
      { id: 13, name: "Cy", first: "Cy", last: null, side: 1 },
      { id: 21, name: "Ada", first: "Ada", last: null, side: 2 },
      { id: 22, name: "Bo Did", first: "Bo", last: "Did", side: 2 },
      { id: 23, name: "Cy", first: "Cy", last: null, side: 2 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("LOAD DATA through both sides", async (t) => {
    const { db, laid } = await given(t);
    await db.rows("set global local_infile = 1");
    const client = await db.connect();
    const load = async (columns: string, text: string) =>
      await client.query({
        sql: `load data local infile 'x' into table people fields terminated by ',' (${columns})`,
        infileStreamFactory: () => Readable.from([Buffer.from(text)], { objectMode: false }),
      } as never);
    await load("id, name", "1,Ada King\n2,Bo Did\n");
    await load("id, first, last", "3,Cy,Two\n");
    expect(await rows(db)).toEqual([
      ada(1, 1),
      { id: 2, name: "Bo Did", first: "Bo", last: "Did", side: 1 },
      { id: 3, name: "Cy Two", first: "Cy", last: "Two", side: 2 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("an upsert that meets its row updates it by the side that it names, and says 0, 1 or 2 as before", async (t) => {
    const { db, laid } = await given(t);
    const bare = "create table bare (id int primary key, name varchar(200) not null, visits int not null default 0)";
    await db.rows(bare);
    const client = await db.connect();
    const affected = async (text: string): Promise<number> => {
      const [result] = await client.query(text);
      return (result as { affectedRows: number }).affectedRows;
    };
    const upsert = (table: string, name: string) => `insert into ${table} (id, name) values (1, '${name}') on duplicate key update name = values(name)`;
    for (const name of ["Ada King", "Ada King", "ADA KING", "Ada King "])
      expect([name, await affected(upsert("people", name))]).toEqual([name, await affected(upsert("bare", name))]);
    const fresh = "insert into people (id, first, last) values (1, 'Bo', 'Did') on duplicate key update first = values(first), last = values(last)";
    expect(await affected(fresh)).toBe(2);
    expect(await affected(fresh)).toBe(0);
    expect(await rows(db)).toEqual([{ id: 1, name: "Bo Did", first: "Bo", last: "Did", side: 2 }]);
    // Another column's upsert leaves both sides as they are.
    expect(await affected("insert into people (id, name) values (1, 'Other One') on duplicate key update visits = visits + 1")).toBe(2);
    expect(await rows(db)).toEqual([{ id: 1, name: "Bo Did", first: "Bo", last: "Did", side: 2 }]);
    expect(await affected("replace into people (id, name) values (1, 'Cy Two')")).toBe(2);
    expect(await rows(db)).toEqual([{ id: 1, name: "Cy Two", first: "Cy", last: "Two", side: 1 }]);
    expect(await laid.bad()).toBe(0);
  });

  test("without a stand-in INSERT … SELECT and DEFAULT of new code fail, though a trigger gives the value", async (t) => {
    const { db } = await given(t, {});
    if (onMysql) {
      // There the trigger is asked first.
      await db.rows("insert into people (id, first) select 1, 'Ada'");
      await expect(db.rows("insert into people (id, name, first) values (2, default, 'Bo')")).rejects.toMatchObject({ errno: 1364 });
      return;
    }
    await expect(db.rows("insert into people (id, first) select 1, 'Ada'")).rejects.toMatchObject({ errno: 1364 });
    await expect(db.rows("insert into people (id, name, first) values (1, default, 'Ada')")).rejects.toMatchObject({ errno: 1364 });
  });

  test("who gives neither side is refused as before, and IGNORE as before stores an empty value", async (t) => {
    const { db } = await given(t);
    await expect(db.rows("insert into people (id) values (1)")).rejects.toMatchObject({ errno: 1048 });
    await expect(db.rows("insert into people (id) select 1")).rejects.toMatchObject({ errno: 1048 });
    await db.rows("insert ignore into people (id) values (1)");
    // MySQL leaves a row out for which a trigger gives NULL.
    expect(await db.rows("select name from people")).toEqual(onMysql ? [] : [{ name: "" }]);
  });

  test("rows that carry a marker, as a dump has them, are left alone", async (t) => {
    const { db, laid } = await given(t);
    await db.rows(
      "insert into people (id, name, first, last, hotstick_side) values (1, 'Ada K.', 'Ada', 'King', 3), (2, 'Bo Did', 'Bo', 'Did', 1), (3, 'Cy Two', null, null, null)",
    );
    expect(await rows(db)).toEqual([
      { id: 1, name: "Ada K.", first: "Ada", last: "King", side: 3 },
      { id: 2, name: "Bo Did", first: "Bo", last: "Did", side: 1 },
      { id: 3, name: "Cy Two", first: "Cy", last: "Two", side: 1 },
    ]);
    expect(await laid.bad()).toBe(0);
  });
});

describe.runIf(hasMariadb)("the truth table on MariaDB", () => {
  const absent = sentinel("int", true) ?? "";
  /** price 5 is the old default; twice = price × 2, so that every value tells where it came from. */
  const link = (fallback?: string) =>
    transform({
      old: ["price"],
      new: [newColumn("twice", "int", { notNull: true, ...(fallback === undefined ? {} : { default: fallback }) })],
      up: ["`price` * 2"],
      down: ["`twice` div 2"],
    });
  const table = async (t: Test, definition: string, stage: "expanded" | "switched", more: { standIn?: boolean; fallback?: string } = {}) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(`create table goods (id int primary key, price ${definition})`);
    await lay(db, "goods", [link(more.fallback)], { stage, sentinels: { twice: absent }, standIns: more.standIn === true ? { price: absent } : {} });
    return async (columns: string, values: string): Promise<string> => {
      try {
        await db.rows(`delete from goods; insert into goods (id${columns}) values (1${values})`);
      } catch (error) {
        return `error ${(error as { errno: number }).errno}`;
      }
      const [row] = await db.rows<{ price: number; twice: number; side: number }>("select price, twice, hotstick_side as side from goods");
      return `${row?.price} ${row?.twice} ${row?.side}`;
    };
  };

  for (const [definition, stage, more, expected] of [
    ["int not null default 5", "expanded", {}, ["7 14 1", "4 8 2", "4 8 2", "7 8 3", "5 10 1", "5 10 1"]],
    ["int not null default 5", "switched", {}, ["7 14 1", "4 8 2", "4 8 2", "7 8 3", "5 10 1", "5 10 1"]],
    ["int not null default 5", "switched", { fallback: "22" }, ["7 14 1", "4 8 2", "4 8 2", "7 8 3", "11 22 2", "11 22 2"]],
    ["int not null", "expanded", { standIn: true }, ["7 14 1", "4 8 2", "5 8 3", "7 8 3", "error 1048", "5 10 1"]],
    ["int not null", "switched", { standIn: true }, ["7 14 1", "4 8 2", "5 8 3", "7 8 3", "error 1048", "5 10 1"]],
    ["int not null", "switched", { standIn: true, fallback: "22" }, ["7 14 1", "4 8 2", "5 8 3", "7 8 3", "11 22 2", "5 10 1"]],
    ["int null", "expanded", {}, ["7 14 1", "4 8 2", "5 8 3", "7 8 3", "error 1048", "5 10 1"]],
    ["int not null default (floor(3 + 4))", "expanded", {}, ["8 16 1", "4 8 2", "4 8 2", "4 8 2", "7 14 1", "5 10 1"]],
  ] as const) {
    test(`old side ${definition}, ${JSON.stringify(more)}, stage ${stage}`, async (t) => {
      const insert = await table(t, definition, stage, more);
      const old = /floor/.test(definition) ? 8 : 7;
      expect([
        await insert(", price", `, ${old}`),
        await insert(", twice", ", 8"),
        await insert(", price, twice", ", 5, 8"),
        await insert(", price, twice", ", 7, 8"),
        await insert("", ""),
        await insert(", price", ", 5"),
      ]).toEqual(expected);
      // The sentinel means nothing, whoever gives it.
      expect(await insert(", price, twice", `, ${old}, ${absent}`)).toBe(expected[0]);
    });
  }
});
