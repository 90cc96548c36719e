// One transform: which side rules, for every way of writing a row.
import { describe, expect, test } from "vitest";
import { majors } from "../../harness/majors.ts";
import { databaseFor, type TestDatabase } from "../../harness/servers.ts";
import { type Laid, lay } from "./laid.ts";
import { copy, expression, newColumn, oldColumn, transform } from "./shapes.ts";

type Test = Parameters<typeof databaseFor>[0];

const people = transform({
  old: ["name"],
  new: [newColumn("first", "text"), newColumn("last", "text")],
  up: ["split_part(name, ' ', 1)", "split_part(name, ' ', 2)"],
  down: ["first || coalesce(' ' || last, '')"],
});

async function given(t: Test, major: number, definition = "name text not null"): Promise<{ db: TestDatabase; laid: Laid }> {
  const db = await databaseFor(t, major);
  await db.rows(`create table people (id int primary key, ${definition}, visits int not null default 0)`);
  return { db, laid: await lay(db, "people", [people]) };
}

const rows = (db: TestDatabase) => db.rows("select name, first, last, hotstick_side as side from people order by id");

describe.each(majors)("one transform on PostgreSQL %i", (major) => {
  test("an insert of either side makes the other", async (t) => {
    const { db, laid } = await given(t, major);
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
    const { db, laid } = await given(t, major);
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

  test("a writer of both sides keeps what it wrote, unless its session says which side rules", async (t) => {
    const { db, laid } = await given(t, major);
    await db.rows("insert into people (id, name, first, last) values (1, 'Ada Lovelace', 'Countess', 'Ada')");
    await db.rows("insert into people (id, name) values (2, 'Bob Burns')");
    await db.rows("update people set name = 'Robert Burns', first = 'Rabbie' where id = 2");
    await db.rows("set hotstick.side = 'old'; insert into people (id, name, first) values (3, 'Cy Twombly', 'Other')");
    await db.rows("set hotstick.side = 'new'; insert into people (id, name, first, last) values (4, 'Dee Dee', 'Dora', 'Diaz')");
    await db.rows("insert into people (id, name) values (5, 'Eve Ensler'), (6, 'Flo Fox')");
    await db.rows("set hotstick.side = 'old'; update people set name = 'Ev Wright', last = 'Wrong' where id = 5");
    await db.rows("set hotstick.side = 'new'; update people set name = 'Wrong', last = 'Right' where id = 6");
    expect(await rows(db)).toEqual([
      { name: "Ada Lovelace", first: "Countess", last: "Ada", side: 3 },
      { name: "Robert Burns", first: "Rabbie", last: "Burns", side: 3 },
      { name: "Cy Twombly", first: "Cy", last: "Twombly", side: 1 },
      { name: "Dora Diaz", first: "Dora", last: "Diaz", side: 2 },
      { name: "Ev Wright", first: "Ev", last: "Wright", side: 1 },
      { name: "Flo Right", first: "Flo", last: "Right", side: 2 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("new code may leave out a NOT NULL old column; a down that gives NULL refuses its write", async (t) => {
    const { db } = await given(t, major);
    await expect(db.rows("insert into people (id, last) values (1, 'King')")).rejects.toMatchObject({ code: "23502" });
    await db.rows("insert into people (id, first, last) values (2, 'Ada', 'King')");
    await expect(db.rows("update people set first = null where id = 2")).rejects.toMatchObject({ code: "23502" });
    expect(await rows(db)).toEqual([{ name: "Ada King", first: "Ada", last: "King", side: 2 }]);
  });

  test("an old default is not a given value, and a computed one is given only when nothing new is", async (t) => {
    const { db, laid } = await given(t, major, "name text not null default 'No One'");
    await db.rows("insert into people (id) values (1)");
    await db.rows("insert into people (id, first, last) values (2, 'Ada', 'King')");
    await db.rows("insert into people (id, name, first) values (3, 'No One', 'Some')");
    expect(await rows(db)).toEqual([
      { name: "No One", first: "No", last: "One", side: 1 },
      { name: "Ada King", first: "Ada", last: "King", side: 2 },
      { name: "Some", first: "Some", last: null, side: 2 },
    ]);
    await laid.lift();
    await db.rows("alter table people alter name set default md5(random()::text) || ' x'; alter table people drop first, drop last, drop hotstick_side");
    await lay(db, "people", [people], { serial: "second" });
    await db.rows("delete from people; insert into people (id) values (1); insert into people (id, first, last) values (2, 'Ada', 'King')");
    const [computed, fresh] = await rows(db);
    expect(computed).toMatchObject({ last: "x", side: 1 });
    expect(fresh).toEqual({ name: "Ada King", first: "Ada", last: "King", side: 2 });
  });

  test("from switch on the new shape's defaults hold for what new code leaves out, and old writers are counted", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      "create table goods (id int primary key, price_old int not null default 5); create schema hotstick; create sequence hotstick.seen; grant usage on sequence hotstick.seen to public",
    );
    const price = transform({
      old: [oldColumn("price_old")],
      new: [newColumn("price", "numeric", { default: "9.50" }), newColumn("currency", "text", { default: "lower('EUR')" })],
      up: ["price_old", "'usd'"],
      down: ["floor(price)::int"],
    });
    const laid = await lay(db, "goods", [price], { stage: "switched", serial: "switched", oldWrites: { schema: "hotstick", name: "seen" } });
    const counted = async () => (await db.rows<{ n: string }>("select case when is_called then last_value else 0 end as n from hotstick.seen"))[0]?.n;
    await db.rows("insert into goods (id) values (1); insert into goods (id, price) values (2, 7.25)");
    await db.rows("update goods set currency = 'chf' where id = 2");
    expect(await counted()).toBe("0");
    await db.rows("insert into goods (id, price_old) values (3, 42)");
    await db.rows("update goods set price_old = 43 where id = 3");
    expect(await counted()).toBe("2");
    expect(await db.rows("select price_old, price, currency from goods order by id")).toEqual([
      { price_old: 9, price: "9.50", currency: "eur" },
      { price_old: 7, price: "7.25", currency: "chf" },
      { price_old: 43, price: "43", currency: "usd" },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("a copy needs no marker: the sides never differ, whoever writes", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table logs (id int primary key, created timestamptz default now(), visits int)");
    const laid = await lay(db, "logs", [copy("created", "created_at", "timestamptz")]);
    await db.rows(
      "insert into logs (id) values (1); insert into logs (id, created) values (2, '2020-01-01Z'); insert into logs (id, created_at) values (3, '2021-01-01Z')",
    );
    await db.rows("insert into logs (id, created, created_at) values (4, '2020-01-01Z', '2022-01-01Z')");
    await db.rows(
      "update logs set created = '2023-01-01Z' where id = 1; update logs set created_at = '2024-01-01Z' where id = 2; update logs set created_at = '2025-01-01Z', created = '2026-01-01Z' where id = 3",
    );
    expect(await db.rows("select id, created = created_at as same, extract(year from created at time zone 'UTC')::int as year from logs order by id")).toEqual([
      { id: 1, same: true, year: 2023 },
      { id: 2, same: true, year: 2024 },
      { id: 3, same: true, year: 2026 },
      { id: 4, same: true, year: 2022 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("links that share nothing leave each other alone", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, price int, noted text, kind text)");
    const price = transform({ old: ["price"], new: [newColumn("amount", "numeric")], up: ["price"], down: ["floor(amount)::int"] });
    const laid = await lay(db, "goods", [
      price,
      copy("noted", "notes", "text"),
      { kind: "supply", column: "kind", adds: null, fill: expression("'plain'"), notNull: true, enforce: "retire" },
    ]);
    await db.rows(
      "insert into goods (id, amount, kind) values (1, 2.75, 'fine'); update goods set noted = 'x'; update goods set kind = null; update goods set id = 2",
    );
    expect(await db.rows("select price, amount::text, hotstick_side as side, notes, kind from goods")).toEqual([
      { price: 2, amount: "2.75", side: 2, notes: "x", kind: "plain" },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("a column that new code leaves out gets its value, and so does one that old code leaves NULL", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, code text not null, kind text); insert into goods values (1, 'a', null)");
    const laid = await lay(db, "goods", [
      { kind: "leave", old: oldColumn("code"), supply: expression("'none-' || id") },
      { kind: "supply", column: "kind", adds: null, fill: expression("upper(code)"), notNull: true, enforce: "retire" },
    ]);
    expect(await laid.bad()).toBe(1);
    await db.rows("insert into goods (id, kind) values (2, 'b'); insert into goods (id, code) values (3, 'c')");
    expect(await laid.batch()).toBe(1);
    expect(await db.rows("select code, kind from goods order by id")).toEqual([
      { code: "a", kind: "A" },
      { code: "none-2", kind: "b" },
      { code: "c", kind: "C" },
    ]);
    expect(await laid.bad()).toBe(0);
  });
});
