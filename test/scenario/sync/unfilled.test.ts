// Rows that were there before the sync: what writers and batches make of them, in whatever order they come.
import { describe, expect, test } from "vitest";
import { majors } from "../../harness/majors.ts";
import { databaseFor, type TestDatabase } from "../../harness/servers.ts";
import { type Laid, lay } from "./laid.ts";
import { copy, newColumn, transform } from "./shapes.ts";

const people = transform({
  old: ["name"],
  new: [newColumn("first", "text"), newColumn("last", "text")],
  up: ["split_part(name, ' ', 1)", "split_part(name, ' ', 2)"],
  down: ["first || ' ' || last"],
});

async function filledTable(t: Parameters<typeof databaseFor>[0], major: number): Promise<{ db: TestDatabase; laid: Laid }> {
  const db = await databaseFor(t, major);
  await db.rows("create table people (id int primary key, name text not null, nick text, visits int not null default 0)");
  await db.rows("insert into people select i, 'Ada' || i || ' Lovelace', 'n' || i from generate_series(1, 9) i");
  return { db, laid: await lay(db, "people", [people, copy("nick", "nickname", "text")]) };
}

describe.each(majors)("unfilled rows on PostgreSQL %i", (major) => {
  test("new code on an unfilled row keeps what it did not change", async (t) => {
    const { db, laid } = await filledTable(t, major);
    await db.rows("update people set last = 'King' where id = 1");
    await db.rows("update people set first = 'Eda', last = 'King' where id = 2");
    await db.rows("update people set name = 'Bob Burns' where id = 3");
    await db.rows("update people set name = 'Bob Burns', last = 'Other' where id = 4");
    await db.rows("update people set nickname = 'x' where id = 5");
    expect(await db.rows("select id, name, first, last, hotstick_side as side, nick, nickname from people where id < 6 order by id")).toEqual([
      { id: 1, name: "Ada1 King", first: "Ada1", last: "King", side: 2, nick: "n1", nickname: "n1" },
      { id: 2, name: "Eda King", first: "Eda", last: "King", side: 2, nick: "n2", nickname: "n2" },
      { id: 3, name: "Bob Burns", first: "Bob", last: "Burns", side: 1, nick: "n3", nickname: "n3" },
      { id: 4, name: "Bob Burns", first: "Ada4", last: "Other", side: 3, nick: "n4", nickname: "n4" },
      { id: 5, name: "Ada5 Lovelace", first: "Ada5", last: "Lovelace", side: 1, nick: "x", nickname: "x" },
    ]);
    expect(await laid.pending()).toBe(4);
    expect(await laid.bad()).toBe(4);
  });

  test("a write that concerns no link leaves a row unfilled; a changed key fills it, since it may pass behind the cursor", async (t) => {
    const { db, laid } = await filledTable(t, major);
    await db.rows("update people set visits = 1, name = name");
    expect(await laid.pending()).toBe(9);
    await db.rows("update people set id = id + 100 where id < 4");
    expect(await laid.pending()).toBe(6);
    expect(await db.rows("select first, last, hotstick_side as side, nickname from people where id = 101")).toEqual([
      { first: "Ada1", last: "Lovelace", side: 1, nickname: "n1" },
    ]);
  });

  test("batches fill what is left and touch nothing that a writer has settled", async (t) => {
    const { db, laid } = await filledTable(t, major);
    await db.rows("update people set last = 'King' where id = 1; update people set nickname = 'x' where id = 2");
    expect(await laid.batch("id <= 4")).toBe(2);
    expect(await laid.pending()).toBe(5);
    expect(await laid.batch()).toBe(5);
    expect(await laid.batch()).toBe(0);
    expect(await laid.bad()).toBe(0);
    expect(await db.rows("select name, nick from people where id < 3 order by id")).toEqual([
      { name: "Ada1 King", nick: "n1" },
      { name: "Ada2 Lovelace", nick: "x" },
    ]);
  });

  test("without the batch setting a batch would write the old side back; with it, users' triggers in the batch still sync", async (t) => {
    const { db, laid } = await filledTable(t, major);
    await db.rows("set hotstick.batch = 'on'; update people set name = 'Ada   King  (Countess)' where id = 1");
    // What a user's trigger writes in the middle of a batch is a write of old code like any other.
    await db.rows(`create function follow() returns trigger language plpgsql as $$
      begin update people set name = 'Follow ' || new.id where id = new.id + 1 and name not like 'Follow%'; return null; end $$;
      create trigger follow after update on people for each row when (new.id = 3) execute function follow()`);
    await laid.batch("id in (1, 3)");
    expect(await db.rows("select id, name, first, last, hotstick_side as side from people where id in (1, 3, 4) order by id")).toEqual([
      { id: 1, name: "Ada   King  (Countess)", first: "Ada", last: "", side: 1 },
      { id: 3, name: "Ada3 Lovelace", first: "Ada3", last: "Lovelace", side: 1 },
      { id: 4, name: "Follow 3", first: "Follow", last: "3", side: 1 },
    ]);
  });

  test("verify judges by who wrote last, and finds rows that no trigger saw", async (t) => {
    const { db, laid } = await filledTable(t, major);
    await laid.batch();
    await db.rows("update people set name = 'Bob Burns', first = 'Rabbie' where id = 1");
    expect(await laid.bad()).toBe(0);
    await laid.lift();
    // down(new) = old holds, yet old wrote last: up(old) is not new.
    await db.rows("update people set name = 'A B C', first = 'A', last = 'B C' where id = 2");
    await db.rows("update people set first = 'X' where id = 3");
    await db.rows("update people set nick = 'y' where id = 4");
    await db.rows("insert into people (id, name) values (50, 'New Row')");
    expect(await laid.bad()).toBe(4);
  });
});
