// Every way in which a row reaches a table.
import { describe, expect, test } from "vitest";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";
import { lay } from "./laid.ts";
import { newColumn, transform } from "./shapes.ts";

/** Down is not the inverse of up, so that a value that went there and back shows. */
const price = transform({
  old: ["price"],
  new: [newColumn("amount", "numeric")],
  up: ["price"],
  down: ["coalesce(floor(amount), 0)::int"],
  marker: "hotstick_side",
});
const both = "select id, price, amount::text, hotstick_side as side from";

describe.each(majors)("rows arrive on PostgreSQL %i", (major) => {
  test("COPY, several rows at once, ON CONFLICT DO UPDATE and DO NOTHING", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, price int not null)");
    const laid = await lay(db, "goods", [price]);
    await db.rows("insert into goods (id, price) values (1, 10), (2, 20); insert into goods (id, amount) values (3, 3.5)");
    await db.rows("insert into goods (id, price) values (1, 11), (4, 40) on conflict (id) do update set price = excluded.price");
    await db.rows("insert into goods (id, amount) values (2, 2.25), (5, 5.5) on conflict (id) do update set amount = excluded.amount");
    await db.rows("insert into goods (id, amount) values (3, 9.9) on conflict (id) do nothing");
    const client = await db.connect();
    await client.query("create table staging (id int, price int); insert into staging values (6, 60), (7, 70)");
    await client.query("insert into goods (id, price) select id, price from staging");
    const { from } = await import("pg-copy-streams");
    const stream = client.query(from("copy goods (id, amount) from stdin"));
    stream.end("8\t8.75\n9\t9.25\n");
    await new Promise((resolve, reject) => stream.on("finish", resolve).on("error", reject));
    expect(await db.rows(`${both} goods order by id`)).toEqual([
      { id: 1, price: 11, amount: "11", side: 1 },
      { id: 2, price: 2, amount: "2.25", side: 2 },
      { id: 3, price: 3, amount: "3.5", side: 2 },
      { id: 4, price: 40, amount: "40", side: 1 },
      { id: 5, price: 5, amount: "5.5", side: 2 },
      { id: 6, price: 60, amount: "60", side: 1 },
      { id: 7, price: 70, amount: "70", side: 1 },
      { id: 8, price: 8, amount: "8.75", side: 2 },
      { id: 9, price: 9, amount: "9.25", side: 2 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test.skipIf(major < 15)("MERGE", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, price int not null)");
    await lay(db, "goods", [price]);
    await db.rows("insert into goods (id, price) values (1, 10)");
    await db.rows(`merge into goods g using (values (1, 1.5), (2, 2.5)) as s(id, amount) on g.id = s.id
      when matched then update set amount = s.amount when not matched then insert (id, amount) values (s.id, s.amount)`);
    expect(await db.rows(`${both} goods order by id`)).toEqual([
      { id: 1, price: 1, amount: "1.5", side: 2 },
      { id: 2, price: 2, amount: "2.5", side: 2 },
    ]);
  });

  test("who writes the marker has written both sides: a replica, or an upsert of every column", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, price int not null)");
    const laid = await lay(db, "goods", [price]);
    await db.rows("insert into goods (id, price) values (1, 10), (2, 20)");
    const every = "price = excluded.price, amount = excluded.amount, hotstick_side = excluded.hotstick_side";
    await db.rows(
      `insert into goods (id, amount) values (1, 1.5) on conflict (id) do update set ${every}; insert into goods (id, price) values (2, 21) on conflict (id) do update set ${every}`,
    );
    await db.rows(
      "set session_replication_role = replica; update goods set price = 3, amount = 3.75, hotstick_side = 2 where id = 2; insert into goods values (3, 4, 4.25, 2)",
    );
    expect(await db.rows(`${both} goods order by id`)).toEqual([
      { id: 1, price: 1, amount: "1.5", side: 2 },
      { id: 2, price: 3, amount: "3.75", side: 2 },
      { id: 3, price: 4, amount: "4.25", side: 2 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("a foreign key's cascade writes the old side", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      "create table parents (id int primary key); create table goods (id int primary key, price int references parents on update cascade); insert into parents values (1)",
    );
    await lay(db, "goods", [price]);
    await db.rows("insert into goods (id, price) values (1, 1); update parents set id = 7");
    expect(await db.rows(`${both} goods`)).toEqual([{ id: 1, price: 7, amount: "7", side: 1 }]);
  });

  test("a row that moves to another partition keeps both sides, marker and all; filled or not", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(`create table goods (id int, region text, price int, primary key (id, region)) partition by list (region);
      create table goods_a partition of goods for values in ('a'); create table goods_b partition of goods for values in ('b');
      insert into goods values (1, 'a', 10), (2, 'a', 20), (3, 'a', 30)`);
    const laid = await lay(db, "goods", [price]);
    await laid.batch("id = 1");
    await db.rows("update goods set amount = 1.75 where id = 1; update goods set region = 'b'; update goods set region = 'a', amount = 2.5 where id = 2");
    expect(await db.rows(`${both} goods order by id`)).toEqual([
      { id: 1, price: 1, amount: "1.75", side: 2 },
      { id: 2, price: 2, amount: "2.5", side: 2 },
      { id: 3, price: 30, amount: "30", side: 1 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  test("partitions made or attached later are in sync, and what they brought is found", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      "create table goods (id int primary key, price int) partition by range (id); create table goods_1 partition of goods for values from (0) to (10)",
    );
    const laid = await lay(db, "goods", [price]);
    await db.rows(`create table goods_2 partition of goods for values from (10) to (20);
      create table goods_3 (like goods including all); insert into goods_3 (id, price) values (20, 200);
      alter table goods attach partition goods_3 for values from (20) to (30)`);
    expect(
      await db.rows(
        "select tgrelid::regclass::text as on, count(*)::int as n from pg_trigger where tgname like '~hotstick%' and tgenabled = 'A' group by 1 order by 1",
      ),
    ).toEqual(["goods", "goods_1", "goods_2", "goods_3"].map((on) => ({ on, n: 2 })));
    await db.rows("insert into goods (id, price) values (1, 10), (11, 110); insert into goods (id, amount) values (21, 2.5)");
    expect(await laid.pending()).toBe(1);
    expect(await laid.batch()).toBe(1);
    expect(await laid.bad()).toBe(0);
    expect((await db.rows(`${both} goods where id > 11 order by id`))[1]).toEqual({ id: 21, price: 2, amount: "2.5", side: 2 });
  });

  test("inheritance children have triggers of their own", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, price int); create table toys (age int) inherits (goods); insert into toys values (1, 10, 3)");
    const laid = await lay(db, "goods", [price]);
    await db.rows("insert into toys (id, price) values (2, 20); update goods set amount = 1.5 where id = 1; insert into toys (id, amount) values (3, 3.5)");
    expect(await db.rows(`${both} goods order by id`)).toEqual([
      { id: 1, price: 1, amount: "1.5", side: 2 },
      { id: 2, price: 20, amount: "20", side: 1 },
      { id: 3, price: 3, amount: "3.5", side: 2 },
    ]);
    await laid.lift();
    expect(await db.rows("select from pg_trigger where tgname like '~hotstick%'")).toEqual([]);
    expect(await db.rows("select from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname = 'hotstick'")).toEqual([]);
  });

  test("a writer that plays the replica is synced as well", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, price int)");
    await lay(db, "goods", [price]);
    await db.rows("set session_replication_role = replica; insert into goods (id, price) values (1, 10); update goods set price = 11");
    expect(await db.rows(`${both} goods`)).toEqual([{ id: 1, price: 11, amount: "11", side: 1 }]);
  });
});
