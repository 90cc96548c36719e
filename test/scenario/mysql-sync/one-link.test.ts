// One transform: which side rules, for every way of writing a row.
import { describe, expect, test } from "vitest";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { type Laid, lay } from "./laid.ts";
import { copy, expression, newColumn, oldColumn, people, transform } from "./shapes.ts";

type Test = Parameters<typeof mariadbDatabaseFor>[0];

async function given(t: Test, definition = "name varchar(200) not null"): Promise<{ db: MariadbDatabase; laid: Laid }> {
  const db = await mariadbDatabaseFor(t);
  await db.rows(`create table people (id int primary key, ${definition}, visits int not null default 0)`);
  return { db, laid: await lay(db, "people", [people]) };
}

const rows = (db: MariadbDatabase) => db.rows("select name, first, last, hotstick_side as side from people order by id");

describe.runIf(hasMariadb)("one transform on MariaDB", () => {
  test("an insert of either side makes the other", async (t) => {
    const { db, laid } = await given(t);
    await db.rows("insert into people (id, name) values (1, 'Ada Lovelace'), (2, 'Bob Burns')");
    await db.rows("insert into people (id, first, last) values (3, 'Cy', 'Twombly')");
    await db.rows("insert into people (id, first) values (4, 'Dee')");
    expect(await rows(db)).toEqual([
      { name: "Ada Lovelace", first: "Ada", last: "Lovelace", side: 1 },
      { name: "Bob Burns", first: "Bob", last: "Burns", side: 1 },
      { name: "Cy Twombly", first: "Cy", last: "Twombly", side: 2 },
      { name: "Dee", first: "Dee", last: null, side: 2 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("an update of either side changes the other; another column or the same value changes nothing", async (t) => {
    const { db, laid } = await given(t);
    await db.rows("insert into people (id, name) values (1, 'Ada Lovelace'), (2, 'Bob Burns')");
    await db.rows("update people set last = 'King' where id = 1");
    await db.rows("update people set name = 'Bo Diddley' where id = 2");
    const expected = [
      { name: "Ada King", first: "Ada", last: "King", side: 2 },
      { name: "Bo Diddley", first: "Bo", last: "Diddley", side: 1 },
    ];
    expect(await rows(db)).toEqual(expected);
    await db.rows("update people set name = name, first = first, last = last, visits = visits + 1");
    await db.rows("update people set name = name, last = last, id = id");
    await db.rows("update people set id = id + 10");
    expect(await rows(db)).toEqual(expected);
    expect(await laid.bad()).toBe(0);
  });

  test("a change of letter case or of spaces at the end is a change", async (t) => {
    const { db, laid } = await given(t);
    await db.rows("insert into people (id, name) values (1, 'ada king'), (2, 'bo did')");
    await db.rows("update people set name = 'ADA KING' where id = 1");
    await db.rows("update people set last = 'did ' where id = 2");
    expect(await rows(db)).toEqual([
      { name: "ADA KING", first: "ADA", last: "KING", side: 1 },
      { name: "bo did ", first: "bo", last: "did ", side: 2 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("a writer of both sides keeps what it wrote", async (t) => {
    const { db, laid } = await given(t);
    await db.rows("insert into people (id, name, first, last) values (1, 'Ada Lovelace', 'Countess', 'Ada')");
    await db.rows("insert into people (id, name) values (2, 'Bob Burns')");
    await db.rows("update people set name = 'Robert Burns', first = 'Rabbie' where id = 2");
    expect(await rows(db)).toEqual([
      { name: "Ada Lovelace", first: "Countess", last: "Ada", side: 3 },
      { name: "Robert Burns", first: "Rabbie", last: "Burns", side: 3 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("rows that were there are filled by batches, and only where nobody wrote before", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table people (id int primary key, name varchar(200) not null, visits int not null default 0)");
    await db.rows("insert into people values (1, 'Ada Lovelace', 0), (2, 'Bob Burns', 0), (3, 'Cy Twombly', 0), (4, 'Dee Dee', 0)");
    const laid = await lay(db, "people", [people]);
    await db.rows(
      "update people set last = 'King' where id = 1; update people set name = 'Bo Diddley' where id = 2; update people set visits = 1 where id = 3; update people set id = 5 where id = 4",
    );
    expect(await rows(db)).toEqual([
      { name: "Ada King", first: "Ada", last: "King", side: 2 },
      { name: "Bo Diddley", first: "Bo", last: "Diddley", side: 1 },
      { name: "Cy Twombly", first: null, last: null, side: null },
      { name: "Dee Dee", first: null, last: null, side: null },
    ]);
    expect(await laid.unfilled()).toBe(2);
    expect(await laid.batch()).toBe(2);
    expect(await laid.batch()).toBe(0);
    expect((await rows(db))[2]).toEqual({ name: "Cy Twombly", first: "Cy", last: "Twombly", side: 1 });
    expect(await laid.bad()).toBe(0);
  });

  test("a trigger of somebody else's that changes the old side before ours: a batch leaves nothing stale", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table people (id int primary key, name varchar(200) not null, visits int not null default 0)");
    await db.rows("insert into people values (1, 'Ada Lovelace', 0), (2, 'BOB BURNS', 0)");
    await db.rows("create trigger shout before update on people for each row set new.name = upper(new.name)");
    const laid = await lay(db, "people", [people]);
    expect(await laid.batch()).toBe(2);
    expect(await rows(db)).toEqual([
      { name: "ADA LOVELACE", first: "ADA", last: "LOVELACE", side: 1 },
      { name: "BOB BURNS", first: "BOB", last: "BURNS", side: 1 },
    ]);
    expect([await laid.unfilled(), await laid.bad()]).toEqual([0, 0]);
  });

  test("a value that does not fit stops the batch that computes by itself; row by row the others are filled, and it is passed by", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(
      "create table people (id int primary key, name varchar(200) not null); insert into people values (1, 'Ada'), (2, 'Wolfeschlegel'), (3, 'Cy')",
    );
    const short = transform({ old: ["name"], new: [newColumn("nick", "varchar(5)")], up: ["`name`"], down: ["`nick`"] });
    const laid = await lay(db, "people", [short], { canRaise: ["nick"] });
    await expect(db.rows(laid.batchText())).rejects.toMatchObject({ errno: 1406 });
    expect(await laid.batch()).toBe(3);
    expect(await laid.batch()).toBe(0);
    expect(await laid.unfilled()).toBe(1);
    expect(await db.rows("select nick, hotstick_side as side from people order by id")).toEqual([
      { nick: "Ada", side: 1 },
      { nick: null, side: -2 },
      { nick: "Cy", side: 1 },
    ]);
    await db.rows("update people set name = 'Wolf' where id = 2");
    expect([await laid.unfilled(), await laid.bad()]).toEqual([0, 0]);
    await db.rows("update people set name = 'Wolfeschlegel' where id = 2");
    expect(await db.rows("select nick, hotstick_side as side from people where id = 2")).toEqual([{ nick: null, side: null }]);
  });

  test("new code may leave out a NOT NULL old column; who leaves out both is refused as before", async (t) => {
    const { db } = await given(t);
    await db.rows("insert into people (id, first, last) values (2, 'Ada', 'King')");
    await expect(db.rows("insert into people (id) values (1)")).rejects.toMatchObject({ errno: 1364 });
    expect(await rows(db)).toEqual([{ name: "Ada King", first: "Ada", last: "King", side: 2 }]);
  });

  test("an old default is not a given value, and a computed one is given only when nothing new is", async (t) => {
    const { db, laid } = await given(t, "name varchar(200) not null default 'No One'");
    await db.rows("insert into people (id) values (1)");
    await db.rows("insert into people (id, first, last) values (2, 'Ada', 'King')");
    await db.rows("insert into people (id, name, first) values (3, 'No One', 'Some')");
    expect(await rows(db)).toEqual([
      { name: "No One", first: "No", last: "One", side: 1 },
      { name: "Ada King", first: "Ada", last: "King", side: 2 },
      { name: "Some", first: "Some", last: null, side: 2 },
    ]);
    await laid.lift();
    await db.rows(
      "alter table people alter name set default (concat(left(sha2(rand(), 256), 32), ' x')); alter table people drop first, drop last, drop hotstick_side; delete from people",
    );
    await lay(db, "people", [people]);
    await db.rows("insert into people (id) values (1); insert into people (id, first, last) values (2, 'Ada', 'King')");
    const [computed, fresh] = await rows(db);
    expect(computed).toMatchObject({ last: "x", side: 1 });
    expect(fresh).toEqual({ name: "Ada King", first: "Ada", last: "King", side: 2 });
  });

  test("from switch on the new shape's defaults hold for what new code leaves out, and old writers are counted", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table goods (id int primary key, price_old int not null default 5)");
    // MySQL has no sequences, and nothing else that a trigger can count with and hold up nobody.
    if (!onMysql) await db.rows("create sequence seen");
    const price = transform({
      old: [oldColumn("price_old")],
      new: [newColumn("price", "decimal(10,2)", { default: "9.50" }), newColumn("currency", "varchar(9)", { default: "lower('EUR')" })],
      up: ["`price_old`", "'usd'"],
      down: ["floor(`price`)"],
    });
    const laid = await lay(db, "goods", [price], { stage: "switched", ...(onMysql ? {} : { oldWrites: { schema: db.name, name: "seen" } }) });
    const counted = async () => !onMysql && Number((await db.rows<{ n: string }>("select next_not_cached_value as n from seen"))[0]?.n) > 1;
    const [{ id } = { id: 0 }] = await db.rows<{ id: number }>(
      "insert into goods (id) values (1); insert into goods (id, price) values (2, 7.25); update goods set currency = 'chf' where id = 2; select last_insert_id() as id",
    );
    expect(Number(id)).toBe(0);
    expect(await counted()).toBe(false);
    await db.rows("insert into goods (id, price_old) values (3, 42)");
    await db.rows("update goods set price_old = 43 where id = 3");
    expect(await counted()).toBe(!onMysql);
    expect(await db.rows("select price_old, price, currency from goods order by id")).toEqual([
      { price_old: 9, price: "9.50", currency: "eur" },
      { price_old: 7, price: "7.25", currency: "chf" },
      { price_old: 43, price: "43.00", currency: "usd" },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("the answer's insertId is 0 after an UPDATE of LAST_INSERT_ID(x), as the guide says, and the value is right", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(
      "create table goods (id int primary key auto_increment, code int unique, price_old int); insert into goods (code, price_old) values (1, 1), (2, 2)",
    );
    const client = await db.connect();
    const told = async (statement: string) => {
      const [{ insertId }] = (await client.query(statement)) as unknown as [{ readonly insertId: number }];
      const [rows] = (await client.query("select last_insert_id() as id")) as unknown as [readonly { readonly id: unknown }[]];
      return { insertId, id: Number(rows[0]?.id) };
    };
    const upsert = "on duplicate key update id = last_insert_id(id)";
    expect(await told("update goods set price_old = last_insert_id(price_old + 6) where id = 1")).toEqual({ insertId: 7, id: 7 });
    await lay(db, "goods", [transform({ old: [oldColumn("price_old")], new: [newColumn("price", "int")], up: ["`price_old`"], down: ["`price`"] })]);
    expect(await told("update goods set price_old = last_insert_id(price_old + 1) where id = 1")).toEqual({ insertId: 0, id: 8 });
    expect(await told(`insert into goods (code) values (2) ${upsert}`)).toEqual({ insertId: 0, id: 2 });
    expect(await told(`insert into goods (code) values (2) ${upsert}, price_old = price_old + 1`)).toEqual({ insertId: 2, id: 2 });
    const added = await told(`insert into goods (code) values (3) ${upsert}`);
    expect(added.insertId).toBe(added.id);
    expect(added.id).toBeGreaterThan(2);
  });

  test("a copy needs no marker: the sides never differ, whoever writes", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(
      "create table logs (id int primary key, created datetime default current_timestamp, visits int); insert into logs values (9, '2019-01-01', 0)",
    );
    const laid = await lay(db, "logs", [copy("created", "created_at", "datetime")]);
    await db.rows(
      "insert into logs (id) values (1); insert into logs (id, created) values (2, '2020-01-01'); insert into logs (id, created_at) values (3, '2021-01-01')",
    );
    await db.rows("insert into logs (id, created, created_at) values (4, '2020-01-01', '2022-01-01')");
    await db.rows(
      "update logs set created = '2023-01-01' where id = 1; update logs set created_at = '2024-01-01' where id = 2; update logs set created_at = '2025-01-01', created = '2026-01-01' where id = 3",
    );
    expect(await laid.batch()).toBe(1);
    expect(await db.rows("select id, if(created = created_at, 'yes', 'no') as same, year(created) as year from logs order by id")).toEqual([
      { id: 1, same: "yes", year: 2023 },
      { id: 2, same: "yes", year: 2024 },
      { id: 3, same: "yes", year: 2026 },
      { id: 4, same: "yes", year: 2020 },
      { id: 9, same: "yes", year: 2019 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("links that share nothing leave each other alone", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table goods (id int primary key, price int, noted varchar(50), kind varchar(50)); insert into goods values (7, 9, 'old', null)");
    const price = transform({ old: ["price"], new: [newColumn("amount", "decimal(10,2)")], up: ["`price`"], down: ["floor(`amount`)"] });
    const laid = await lay(db, "goods", [
      price,
      copy("noted", "notes", "varchar(50)"),
      { kind: "supply", column: "kind", adds: null, fill: expression("'plain'"), notNull: true, enforce: "retire" },
    ]);
    await db.rows(
      "insert into goods (id, amount, kind) values (1, 2.75, 'fine'); update goods set noted = 'x' where id = 1; update goods set kind = null where id = 1; update goods set id = 2 where id = 1",
    );
    expect(await laid.batch()).toBe(1);
    expect(await db.rows("select id, price, amount, hotstick_side as side, notes, kind from goods order by id")).toEqual([
      { id: 2, price: 2, amount: "2.75", side: 2, notes: "x", kind: "plain" },
      { id: 7, price: 9, amount: "9.00", side: 1, notes: "old", kind: "plain" },
    ]);
    expect(await laid.bad()).toBe(0);
    expect(await laid.unfilled()).toBe(0);
  });

  test("a column that new code leaves out gets its value, and so does one that old code leaves NULL", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table goods (id int primary key, code varchar(50) not null, kind varchar(50)); insert into goods values (1, 'a', null)");
    const laid = await lay(
      db,
      "goods",
      [
        { kind: "leave", old: oldColumn("code"), supply: expression("concat('none-', `id`)") },
        { kind: "supply", column: "kind", adds: null, fill: expression("upper(`code`)"), notNull: true, enforce: "retire" },
      ],
      { standIns: { code: "'hotstick: not given'" } },
    );
    expect(await laid.bad()).toBe(1);
    await db.rows("insert into goods (id, kind) values (2, 'b'); insert into goods (id, kind) select 4, 'd'; insert into goods (id, code) values (3, 'c')");
    expect(await laid.batch()).toBe(1);
    expect(await db.rows("select code, kind from goods order by id")).toEqual([
      { code: "a", kind: "A" },
      { code: "none-2", kind: "b" },
      { code: "c", kind: "C" },
      { code: "none-4", kind: "d" },
    ]);
    expect(await laid.bad()).toBe(0);
  });
});
