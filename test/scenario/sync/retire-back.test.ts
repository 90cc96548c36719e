// Retire is walked back: the new side is the truth, the old one stale or exact, and markers are of an earlier generation.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { majors } from "../../harness/majors.ts";
import { databaseFor, type TestDatabase } from "../../harness/servers.ts";
import { type Laid, lay } from "./laid.ts";
import { copy, newColumn, transform } from "./shapes.ts";

const store = readFileSync(join(import.meta.dirname, "../../../src/store/postgres/sql/0001.sql"), "utf8");
const precedes = /create function hotstick\.precedes[\s\S]*?\$\$;/.exec(store)?.[0] ?? "";

/** Down loses the double spaces of old names. */
const people = transform({
  old: ["name"],
  new: [newColumn("first", "text"), newColumn("last", "text")],
  up: ["split_part(name, ' ', 1)", "regexp_replace(name, '^.* ', '')"],
  down: ["first || ' ' || last"],
});
const links = [people, copy("mail", "email", "text")];

async function retired(t: Parameters<typeof databaseFor>[0], major: number): Promise<{ db: TestDatabase; laid: Laid; settled: string }> {
  const db = await databaseFor(t, major);
  await db.rows(
    "create table people (id int, kind text default 'a', name text default 'Nobody Known', mail text, visits int, primary key (id, kind)) partition by list (kind)",
  );
  await db.rows("create table people_a partition of people for values in ('a'); create table people_b partition of people for values in ('b')");
  const before = await lay(db, "people", links, { stage: "switched", serial: "before" });
  await db.rows(`insert into people (id, name, mail) select i, 'Ada   ' || i, 'm' || i from generate_series(1, 8) i;
    update people set last = 'King' where id = 2; update people set name = 'Both   Old', last = 'New' where id = 3`);
  await before.lift();
  await db.rows(`alter table people alter name drop default; ${precedes}`);
  const settled = (await db.rows<{ xmin: string }>("select pg_snapshot_xmin(pg_current_snapshot())::text as xmin"))[0]?.xmin ?? "";
  // Only new code is left, and it knows the new side alone.
  await db.rows(
    "update people set first = 'Eve' where id = 4; update people set email = 'new' where id = 5; update people set visits = 1 where id = 6; insert into people (id, first, last) values (20, 'Zoe', 'New')",
  );
  const laid = await lay(db, "people", links, { stage: "switched", serial: "after", fill: "backward", generation: 1, settled, bare: true });
  return { db, laid, settled };
}

const all = "select id, name, first, last, hotstick_side as side, mail, email from people";

describe.each(majors)("retire walked back on PostgreSQL %i", (major) => {
  test("batches keep what new code did not touch, exactly, and make the rest from the new side", async (t) => {
    const { db, laid } = await retired(t, major);
    expect(await laid.pending()).toBe(9);
    expect(await laid.batch()).toBe(9);
    expect(await db.rows(`${all} order by id`)).toEqual([
      { id: 1, name: "Ada   1", first: "Ada", last: "1", side: 5, mail: "m1", email: "m1" },
      { id: 2, name: "Ada King", first: "Ada", last: "King", side: 6, mail: "m2", email: "m2" },
      { id: 3, name: "Both   Old", first: "Ada", last: "New", side: 7, mail: "m3", email: "m3" },
      { id: 4, name: "Eve 4", first: "Eve", last: "4", side: 6, mail: "m4", email: "m4" },
      { id: 5, name: "Ada   5", first: "Ada", last: "5", side: 5, mail: "new", email: "new" },
      { id: 6, name: "Ada   6", first: "Ada", last: "6", side: 5, mail: "m6", email: "m6" },
      { id: 7, name: "Ada   7", first: "Ada", last: "7", side: 5, mail: "m7", email: "m7" },
      { id: 8, name: "Ada   8", first: "Ada", last: "8", side: 5, mail: "m8", email: "m8" },
      { id: 20, name: "Zoe New", first: "Zoe", last: "New", side: 6, mail: null, email: null },
    ]);
    expect(await laid.bad()).toBe(0);
    expect(await laid.pending()).toBe(0);
  });

  test("writers meanwhile find the row as if it were refilled", async (t) => {
    const { db, laid } = await retired(t, major);
    await db.rows(
      "update people set last = 'X' where id = 4; update people set id = 50 where id = 5; update people set first = 'Y' where id = 20; update people set name = 'Old Code' where id = 6",
    );
    await db.rows(
      "insert into people (id, first, last) values (30, 'New', 'Row'); insert into people (id, name) values (31, 'Old Row'); update people set kind = 'b' where id in (7, 20)",
    );
    expect(await db.rows(`${all} where id in (4, 6, 7, 20, 30, 31, 50) order by id`)).toEqual([
      { id: 4, name: "Eve X", first: "Eve", last: "X", side: 6, mail: "m4", email: "m4" },
      { id: 6, name: "Old Code", first: "Old", last: "Code", side: 5, mail: "m6", email: "m6" },
      { id: 7, name: "Ada   7", first: "Ada", last: "7", side: 5, mail: "m7", email: "m7" },
      { id: 20, name: "Y New", first: "Y", last: "New", side: 6, mail: null, email: null },
      { id: 30, name: "New Row", first: "New", last: "Row", side: 6, mail: null, email: null },
      { id: 31, name: "Old Row", first: "Old", last: "Row", side: 5, mail: null, email: null },
      { id: 50, name: "Ada   5", first: "Ada", last: "5", side: 5, mail: "new", email: "new" },
    ]);
    await laid.batch();
    expect(await laid.bad()).toBe(0);
    expect(await laid.pending()).toBe(0);
  });
});
