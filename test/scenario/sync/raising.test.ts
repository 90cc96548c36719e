// Expressions that raise: an old writer never fails by them, a new one is told.
import { describe, expect, test } from "vitest";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";
import { lay } from "./laid.ts";
import { copy, expression, newColumn, transform } from "./shapes.ts";

const number = transform({
  old: ["code"],
  new: [newColumn("number", "integer"), newColumn("kind", "text")],
  up: [["split_part(code, '-', 2)::integer", { total: false }], "split_part(code, '-', 1)"],
  down: ["kind || '-' || number"],
});
const all = "select code, number, kind, hotstick_side as side from parts order by id";

describe.each(majors)("expressions that raise on PostgreSQL %i", (major) => {
  test("an old writer's value that up cannot translate is kept, its row stays unfilled and is named", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table parts (id int primary key, code text); insert into parts values (1, 'a-1'), (2, 'b-x'), (3, 'c-3')");
    const laid = await lay(db, "parts", [number]);
    await db.rows("insert into parts (id, code) values (4, 'd-4'), (5, 'bad')");
    await db.rows("update parts set code = 'worse' where id = 4; update parts set code = 'b-y' where id = 2; update parts set id = 20 where id = 2");
    expect(await laid.pending()).toBe(2);
    expect(await laid.batch()).toBe(2);
    // What is left cannot be filled: batches end, and verify finds it.
    expect(await laid.batch()).toBe(0);
    expect(await laid.bad()).toBe(3);
    expect(await db.rows(all)).toEqual([
      { code: "a-1", number: 1, kind: "a", side: 1 },
      { code: "c-3", number: 3, kind: "c", side: 1 },
      { code: "worse", number: null, kind: null, side: null },
      { code: "bad", number: null, kind: null, side: null },
      { code: "b-y", number: null, kind: null, side: null },
    ]);
    await db.rows(
      "update parts set code = 'd-5' where id = 4; update parts set number = 6, kind = 'e' where id = 5; update parts set number = 7, kind = 'b' where id = 20",
    );
    expect((await db.rows(all)).slice(2)).toEqual([
      { code: "d-5", number: 5, kind: "d", side: 1 },
      { code: "e-6", number: 6, kind: "e", side: 2 },
      { code: "b-7", number: 7, kind: "b", side: 2 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("a value that the new column's type cannot hold is no error either", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create domain small as integer check (value < 100); create table parts (id int primary key, code text, amount int, size int, hint text)");
    const laid = await lay(
      db,
      "parts",
      [
        transform({ old: ["code"], new: [newColumn("short", "character varying(3)")], up: ["code"], down: ["short"], marker: "side_1" }),
        transform({ old: ["amount"], new: [newColumn("price", "numeric(3,1)")], up: ["amount / 4.0"], down: ["(price * 4)::int"], marker: "side_2" }),
        transform({ old: ["size"], new: [newColumn("area", "public.small")], up: ["size"], down: ["area"], marker: "side_3" }),
        { kind: "supply", column: "hint", adds: null, fill: expression("amount / 0", { total: false }), notNull: false, enforce: "retire" },
      ],
      { canRaise: ["short", "price", "area"] },
    );
    await db.rows(
      "insert into parts (id, code, amount, size) values (1, 'abcd', 1000, 200), (2, 'abc', 10, 99); update parts set code = 'xyz_', amount = 9999, size = 100 where id = 2; update parts set code = 'abc' where id = 1",
    );
    expect(await db.rows("select short, price::text, area, side_1, side_2, side_3, hint from parts order by id")).toEqual([
      { short: "abc", price: null, area: null, side_1: 1, side_2: null, side_3: null, hint: null },
      { short: null, price: null, area: null, side_1: null, side_2: null, side_3: null, hint: null },
    ]);
    expect(await laid.pending()).toBe(0);
    expect(await laid.batch()).toBe(0);
    expect(await laid.bad()).toBe(2);
  });

  test("a down that raises refuses the new writer's statement and changes nothing", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table parts (id int primary key, amount int)");
    await lay(db, "parts", [transform({ old: ["amount"], new: [newColumn("label", "text")], up: ["amount::text"], down: [["label::int", { total: false }]] })]);
    await db.rows("insert into parts (id, amount) values (1, 5)");
    await expect(db.rows("update parts set label = 'many'")).rejects.toMatchObject({ code: "22P02" });
    await expect(db.rows("insert into parts (id, label) values (2, 'many')")).rejects.toMatchObject({ code: "22P02" });
    expect(await db.rows("select amount, label from parts")).toEqual([{ amount: 5, label: "5" }]);
  });

  test("where the first link of a chain cannot translate, the later ones wait with it", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table parts (id int primary key, code text); insert into parts values (1, 'a-x')");
    const laid = await lay(db, "parts", [
      number,
      transform({ old: ["number"], new: [newColumn("double", "integer")], up: ["coalesce(number, -1) * 2"], down: ["double / 2"], marker: "side_2" }),
      copy("kind", "sort", "text"),
    ]);
    await db.rows("insert into parts (id, code) values (2, 'b-2'), (3, 'c-x')");
    const left = "select id, number, double, sort, hotstick_side, side_2 from parts order by id";
    const empty = (id: number) => ({ id, number: null, double: null, sort: null, hotstick_side: null, side_2: null });
    await laid.batch();
    expect(await db.rows(left)).toEqual([empty(1), { id: 2, number: 2, double: 4, sort: "b", hotstick_side: 1, side_2: 1 }, empty(3)]);
    await db.rows(
      "update parts set code = 'b-y' where id = 2; update parts set code = 'c-3' where id = 3; update parts set double = 10, sort = 'z' where id = 1",
    );
    expect(await db.rows(left)).toEqual([
      { id: 1, number: 5, double: 10, sort: "z", hotstick_side: 2, side_2: 2 },
      empty(2),
      { id: 3, number: 3, double: 6, sort: "c", hotstick_side: 1, side_2: 1 },
    ]);
    await db.rows("update parts set code = 'b-9' where id = 2");
    expect(await laid.bad()).toBe(0);
  });
});
