// Links that read what others make: a write of any version reaches all of them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Link } from "../../../src/step/shape.ts";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";
import { lay } from "./laid.ts";
import { copy, newColumn, transform } from "./shapes.ts";

/** v1 cents → v2 price and currency → v3 label and, beside it, a renamed currency. */
const versions: readonly Link[] = [
  transform({
    old: ["cents"],
    new: [newColumn("price", "numeric(20,2)"), newColumn("currency", "text")],
    up: ["cents / 100.0", "'EUR'"],
    down: ["floor(price * 100)::bigint"],
    marker: "side_1",
  }),
  transform({
    old: ["price"],
    new: [newColumn("label", "text")],
    up: ["price::text || ' net'"],
    down: ["split_part(label, ' ', 1)::numeric"],
    marker: "side_2",
  }),
  copy("currency", "unit", "text"),
];
const columns = "cents, price::text, currency, label, unit";
const row = (cents: string, price: string, currency: string, label: string, unit = currency) => ({ cents, price, currency, label, unit });

const writes: readonly (readonly [assignment: string, after: ReturnType<typeof row>])[] = [
  ["cents = 750", row("750", "7.50", "EUR", "7.50 net")],
  ["price = 8.25", row("825", "8.25", "EUR", "8.25 net")],
  ["currency = 'CHF'", row("300", "3.00", "CHF", "3.00 net")],
  ["label = '9.99 net'", row("999", "9.99", "EUR", "9.99 net")],
  ["unit = 'USD'", row("300", "3.00", "USD", "3.00 net")],
  ["cents = 1, label = '2.00 net'", row("1", "0.01", "EUR", "2.00 net")],
  ["price = 5, label = '6.00 net'", row("500", "5.00", "EUR", "6.00 net")],
  ["currency = 'CHF', label = '9.99 net'", row("999", "9.99", "CHF", "9.99 net")],
  ["cents = 2, unit = 'USD'", row("2", "0.02", "USD", "0.02 net")],
];

describe.each(majors)("a chain on PostgreSQL %i", (major) => {
  test("an update of any version reaches every other, on filled rows and on unfilled ones", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, cents bigint, other int); insert into goods select i, 300 from generate_series(1, 100) i");
    const laid = await lay(db, "goods", versions);
    await laid.batch("id <= 50");
    const found: unknown[] = [];
    for (const [i, [assignment]] of writes.entries()) {
      await db.rows(`update goods set ${assignment} where id in (${i + 1}, ${i + 51})`);
      found.push(...(await db.rows(`select ${columns} from goods where id in (${i + 1}, ${i + 51}) order by id`)));
    }
    expect(found).toEqual(writes.flatMap(([, after]) => [after, after]));
    await db.rows("update goods set other = 1, cents = cents where id = 50; update goods set id = 200 where id = 100");
    expect(await db.rows(`select ${columns}, side_1, side_2 from goods where id in (50, 200) order by id`)).toEqual([
      { ...row("300", "3.00", "EUR", "3.00 net"), side_1: 1, side_2: 1 },
      { ...row("300", "3.00", "EUR", "3.00 net"), side_1: 1, side_2: 1 },
    ]);
    await laid.batch();
    expect(await laid.pending()).toBe(0);
    expect(await laid.bad()).toBe(0);
  });

  test("what comes back through one column goes on through the chain beside it", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table t (id int primary key, a text)");
    const up = (from: string, to: string, marker: string): Link =>
      transform({ old: [from], new: [newColumn(to, "text")], up: [`${from} || '+'`], down: [`left(${to}, -1)`], marker });
    const laid = await lay(db, "t", [up("a", "b", "side_1"), up("b", "c", "side_2"), copy("a", "d", "text")]);
    await db.rows(
      "insert into t (id, d) values (1, 'x'); insert into t (id, a) values (2, 'x'); insert into t (id, c) values (3, 'x++'); insert into t (id, b) values (4, 'x+')",
    );
    expect(await db.rows("select distinct a, b, c, d from t")).toEqual([{ a: "x", b: "x+", c: "x++", d: "x" }]);
    expect(await laid.bad()).toBe(0);
    expect(await laid.pending()).toBe(0);
  });

  test("an insert of any version reaches every other", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, cents bigint default 7)");
    const laid = await lay(db, "goods", versions);
    await db.rows(`insert into goods (id) values (1); insert into goods (id, cents) values (2, 150); insert into goods (id, price, currency) values (3, 2.5, 'CHF');
      insert into goods (id, label, unit) values (4, '3.50 net', 'USD'); insert into goods (id, label) values (5, '4.00 net'); insert into goods (id, cents, label) values (6, 100, '2.00 net')`);
    expect(await db.rows(`select ${columns}, side_1, side_2 from goods order by id`)).toEqual([
      { ...row("7", "0.07", "EUR", "0.07 net"), side_1: 1, side_2: 1 },
      { ...row("150", "1.50", "EUR", "1.50 net"), side_1: 1, side_2: 1 },
      { ...row("250", "2.50", "CHF", "2.50 net"), side_1: 2, side_2: 1 },
      { ...row("350", "3.50", "USD", "3.50 net"), side_1: 2, side_2: 2 },
      { cents: "400", price: "4.00", currency: null, label: "4.00 net", unit: null, side_1: 2, side_2: 2 },
      { ...row("100", "1.00", "EUR", "2.00 net"), side_1: 1, side_2: 3 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("two links from one old column: what one writes back, the other passes on", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table people (id int primary key, name text); insert into people values (1, 'ada'), (2, 'bob')");
    const laid = await lay(db, "people", [
      copy("name", "title", "text"),
      transform({ old: ["name"], new: [newColumn("shout", "text")], up: ["upper(name)"], down: ["lower(shout)"], marker: "side" }),
    ]);
    await db.rows(
      "update people set title = 'cy' where id = 1; update people set shout = 'DEE' where id = 2; insert into people (id, title) values (3, 'eve'); insert into people (id, shout) values (4, 'FLO'); insert into people (id, name) values (5, 'gus')",
    );
    const same = (name: string) => ({ name, title: name, shout: name.toUpperCase() });
    expect(await db.rows("select name, title, shout from people order by id")).toEqual(["cy", "dee", "eve", "flo", "gus"].map(same));
    expect(await laid.bad()).toBe(0);
  });

  test("after any statements every column written keeps its value, and no row breaks the rule", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, cents bigint, other int); insert into goods select i, i from generate_series(1, 4) i");
    const laid = await lay(db, "goods", versions);
    // Rows not yet filled are those that a statement below makes: what they will be is known.
    await laid.batch();
    const client = await db.connect();
    const amount = fc.integer({ min: 0, max: 99_999 });
    const value = {
      cents: amount.map(String),
      price: amount.map((n) => (n / 100).toFixed(2)),
      currency: fc.constantFrom("EUR", "CHF", "USD"),
      label: amount.map((n) => `${(n / 100).toFixed(2)} net`),
      other: amount.map(String),
    };
    const statement = fc
      .record({ id: fc.integer({ min: 1, max: 4 }), set: fc.record(value, { requiredKeys: [] }) })
      .filter(({ set }) => Object.keys(set).length > 0);
    await fc.assert(
      fc.asyncProperty(statement, fc.boolean(), fc.boolean(), async ({ id, set }, old, batch) => {
        if (old)
          await client.query(
            `set hotstick.batch = 'on'; delete from goods where id = ${id}; insert into goods (id, cents) values (${id}, 5); set hotstick.batch = ''`,
          );
        const names = Object.keys(set);
        // A row not yet filled is to a writer what it will be when it is.
        const read = `select cents::text, price::text, currency, label, other::text, unit, side_1 from goods where id = ${id}`;
        const before = old ? { ...row("5", "0.05", "EUR", "0.05 net"), other: null } : (await client.query(read)).rows[0];
        await client.query(`update goods set ${names.map((name, i) => `${name} = $${i + 1}`).join(", ")} where id = ${id}`, Object.values(set));
        if (batch) await laid.batch();
        const { rows } = await client.query(read);
        // A column set to what it held is not written.
        expect(rows[0]).toMatchObject(Object.fromEntries(Object.entries(set).filter(([name, value]) => before[name] !== value)));
        if (rows[0].side_1 !== null) expect(rows[0].unit).toBe(rows[0].currency);
        if (batch) expect(await laid.bad()).toBe(0);
      }),
      { numRuns: 80 },
    );
  });
});
