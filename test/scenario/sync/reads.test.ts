// Expressions that read more than their own columns: generated ones, and others of the table.
import { describe, expect, test } from "vitest";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";
import { lay } from "./laid.ts";
import { newColumn, transform } from "./shapes.ts";

describe.each(majors)("what expressions read on PostgreSQL %i", (major) => {
  test("a generated column is computed after our trigger, so its expression is read in its place", async (t) => {
    const db = await databaseFor(t, major);
    const virtual = major >= 18 ? ", half int generated always as (price / 2) virtual" : ", half int generated always as (price / 2) stored";
    await db.rows(`create table goods (id int, price int, twice int generated always as (price * 2) stored${virtual}, code int generated always as (id * 10) stored, primary key (code));
      insert into goods (id, price) values (1, 5), (2, 6)`);
    const laid = await lay(db, "goods", [
      transform({ old: ["price"], new: [newColumn("label", "text")], up: ["twice || '/' || half"], down: ["split_part(label, '/', 2)::int * 2"] }),
    ]);
    await db.rows("insert into goods (id, price) values (3, 7); update goods set price = 8 where id = 1; update goods set id = 20 where id = 2");
    expect(await laid.pending()).toBe(0);
    await db.rows("update goods set label = 'x/9' where id = 3");
    expect(await db.rows("select id, price, twice, label from goods order by id")).toEqual([
      { id: 1, price: 8, twice: 16, label: "16/4" },
      { id: 3, price: 18, twice: 36, label: "x/9" },
      { id: 20, price: 6, twice: 12, label: "12/3" },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("a column that up reads besides changes the new side when it changes", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      "create table goods (id int primary key, price int, rate int not null default 1, visits int); insert into goods (id, price, rate) values (1, 5, 2), (2, 6, 3)",
    );
    const laid = await lay(db, "goods", [transform({ old: ["price"], new: [newColumn("total", "int")], up: ["price * rate"], down: ["total / rate"] })]);
    await laid.batch("id = 1");
    await db.rows(
      "update goods set rate = 4; update goods set visits = 1; insert into goods (id, total, rate) values (3, 10, 5); update goods set total = 40 where id = 2; update goods set rate = 8 where id = 2",
    );
    expect(await db.rows("select price, rate, total, hotstick_side as side from goods order by id")).toEqual([
      { price: 5, rate: 4, total: 20, side: 1 },
      { price: 10, rate: 8, total: 80, side: 1 },
      { price: 2, rate: 5, total: 10, side: 2 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("several old columns become one and one becomes several, written in parts", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      "create table places (id int primary key, city text, zip text, spot text); insert into places values (1, 'Bern', '3000', '1:2'), (2, 'Basel', '4000', '3:4')",
    );
    const laid = await lay(db, "places", [
      transform({
        old: ["city", "zip"],
        new: [newColumn("address", "text")],
        up: ["zip || ' ' || city"],
        down: ["split_part(address, ' ', 2)", "split_part(address, ' ', 1)"],
        marker: "side_1",
      }),
      transform({
        old: ["spot"],
        new: [newColumn("x", "int"), newColumn("y", "int")],
        up: ["split_part(spot, ':', 1)::int", "split_part(spot, ':', 2)::int"],
        down: ["x || ':' || y"],
        marker: "side_2",
      }),
    ]);
    await db.rows(
      "update places set zip = '3001', y = 9 where id = 1; update places set address = '4001 Basle' where id = 2; update places set x = 7 where id = 2; insert into places (id, address, x, y) values (3, '8000 Zug', 5, 6); insert into places (id, city, spot) values (4, 'Chur', '0:0')",
    );
    expect(await db.rows("select city, zip, address, spot, x, y from places order by id")).toEqual([
      { city: "Bern", zip: "3001", address: "3001 Bern", spot: "1:9", x: 1, y: 9 },
      { city: "Basle", zip: "4001", address: "4001 Basle", spot: "7:4", x: 7, y: 4 },
      { city: "Zug", zip: "8000", address: "8000 Zug", spot: "5:6", x: 5, y: 6 },
      { city: "Chur", zip: null, address: null, spot: "0:0", x: 0, y: 0 },
    ]);
    await laid.batch();
    expect(await laid.bad()).toBe(0);
  });
});
