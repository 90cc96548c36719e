// Links that build on each other on one table: a write to any shape reaches all others.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sentinel } from "../../../src/dialects/mysql/types.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { type Laid, lay } from "./laid.ts";
import { copy, expression, newColumn, transform } from "./shapes.ts";

type Test = Parameters<typeof mariadbDatabaseFor>[0];

/** a → b = 10a → c = 'v' + b; and d is a copy of a. */
const links = [
  transform({ old: ["a"], new: [newColumn("b", "int")], up: ["`a` * 10"], down: ["`b` div 10"], marker: "hotstick_side_b" }),
  transform({
    old: ["b"],
    new: [newColumn("c", "varchar(20)")],
    up: ["concat('v', `b`)"],
    down: ["cast(substring(`c`, 2) as signed)"],
    marker: "hotstick_side_c",
  }),
  copy("a", "d", "int"),
];

async function table(t: Test, rows = ""): Promise<{ db: MariadbDatabase; laid: Laid }> {
  const db = await mariadbDatabaseFor(t);
  await db.rows(`create table t (id int primary key, a int, other int default 0)${rows === "" ? "" : `; insert into t (id, a) values ${rows}`}`);
  return { db, laid: await lay(db, "t", links) };
}

const rows = async (db: MariadbDatabase) =>
  (await db.rows<Record<string, unknown>>("select a, b, c, d, hotstick_side_b as sb, hotstick_side_c as sc from t order by id")).map((row) =>
    Object.values(row).join(" "),
  );

describe.runIf(hasMariadb)("chains on MariaDB", () => {
  test("an insert through any shape reaches all others", async (t) => {
    const { db, laid } = await table(t);
    await db.rows(
      "insert into t (id, a) values (1, 1); insert into t (id, b) values (2, 25); insert into t (id, c) values (3, 'v37'); insert into t (id, d) values (4, 4); insert into t (id) values (5)",
    );
    expect(await rows(db)).toEqual(["1 10 v10 1 1 1", "2 25 v25 2 2 1", "3 37 v37 3 2 2", "4 40 v40 4 1 1", "    1 1"]);
    expect(await laid.bad()).toBe(0);
  });

  test("an update through any shape reaches all others, on rows not yet filled too; batches do the rest", async (t) => {
    const { db, laid } = await table(t, "(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)");
    await db.rows(
      "update t set a = 7 where id = 1; update t set b = 25 where id = 2; update t set c = 'v37' where id = 3; update t set d = 9 where id = 4; update t set other = 1",
    );
    expect(await rows(db)).toEqual(["7 70 v70 7 1 1", "2 25 v25 2 2 1", "3 37 v37 3 2 2", "9 90 v90 9 1 1", "5     "]);
    expect(await laid.unfilled()).toBe(1);
    expect(await laid.batch()).toBe(1);
    expect((await rows(db))[4]).toBe("5 50 v50 5 1 1");
    await db.rows("update t set a = 8 where id = 3; update t set c = 'v11' where id = 1; update t set b = 66 where id = 5");
    expect(await rows(db)).toEqual(["1 11 v11 1 2 2", "2 25 v25 2 2 1", "8 80 v80 8 1 1", "9 90 v90 9 1 1", "6 66 v66 6 2 1"]);
    expect(await laid.bad()).toBe(0);
    expect(await laid.batch()).toBe(0);
  });

  test("a write in the middle and at the start keeps both, and what comes after follows the middle", async (t) => {
    const { db, laid } = await table(t, "(1, 1)");
    await laid.batch();
    await db.rows("update t set a = 3, b = 99 where id = 1; insert into t (id, a, b) values (2, 3, 99)");
    expect(await rows(db)).toEqual(["3 99 v99 3 3 1", "3 99 v99 3 3 1"]);
    expect(await laid.bad()).toBe(0);
  });

  test("a link that cannot be filled stops those that read it; a later write fills all", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, a varchar(20)); insert into t values (1, 'x'), (2, '4')");
    const raising = [
      transform({
        old: ["a"],
        new: [newColumn("b", "int")],
        up: [["cast(`a` as signed)", { total: false }]],
        down: ["cast(`b` as char)"],
        marker: "hotstick_side_b",
      }),
      transform({
        old: ["b"],
        new: [newColumn("c", "varchar(20)")],
        up: ["concat('v', `b`)"],
        down: ["cast(substring(`c`, 2) as signed)"],
        marker: "hotstick_side_c",
      }),
    ];
    const laid = await lay(db, "t", raising);
    expect(await laid.batch()).toBe(2);
    const now = async () =>
      (await db.rows<Record<string, unknown>>("select a, b, c, hotstick_side_b as sb, hotstick_side_c as sc from t order by id")).map((row) =>
        Object.values(row).join(" "),
      );
    expect(await now()).toEqual(["x   -2 -2", "4 4 v4 1 1"]);
    expect(await laid.unfilled()).toBe(1);
    expect(await laid.batch()).toBe(0);
    await db.rows("update t set a = 'y' where id = 2; update t set a = '5' where id = 1; insert into t (id, a) values (3, 'z')");
    expect(await now()).toEqual(["5 5 v5 1 1", "y    ", "z    "]);
    await db.rows("update t set c = 'v6' where id = 2; update t set b = 7 where id = 3");
    expect(await now()).toEqual(["5 5 v5 1 1", "6 6 v6 2 2", "7 7 v7 2 1"]);
    expect(await laid.bad()).toBe(0);
  });

  test("a column that is filled feeds the next link", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, kind varchar(20)); insert into t values (1, null), (2, 'odd')");
    const laid = await lay(db, "t", [
      { kind: "supply", column: "kind", adds: null, fill: expression("'plain'"), notNull: true, enforce: "retire" },
      transform({ old: ["kind"], new: [newColumn("code", "varchar(20)")], up: ["upper(`kind`)"], down: ["lower(`code`)"] }),
    ]);
    await laid.batch();
    await db.rows("insert into t (id) values (3); insert into t (id, code) values (4, 'NEW'); update t set kind = null where id = 2");
    expect(
      (await db.rows<Record<string, unknown>>("select kind, code, hotstick_side as side from t order by id")).map((row) => Object.values(row).join(" ")),
    ).toEqual(["plain PLAIN 1", "plain PLAIN 1", "plain PLAIN 1", "new NEW 2"]);
    expect(await laid.unfilled()).toBe(0);
    expect(await laid.bad()).toBe(0);
  });

  test("two columns become one that is NOT NULL from the start; what new code leaves out of it is refused, what old code leaves out is not", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(
      "create table t (id int primary key, first varchar(50) not null, last varchar(50)); insert into t values (1, 'Ada', 'King'), (2, 'Bo', null)",
    );
    const merge = transform({
      old: ["first", "last"],
      new: [newColumn("name", "varchar(120)", { notNull: true }), newColumn("initial", "varchar(120)", { notNull: true, default: "'?'" })],
      up: ["concat_ws(' ', `first`, `last`)", "left(`first`, 1)"],
      down: ["substring_index(`name`, ' ', 1)", "if(locate(' ', `name`) > 0, substring(`name`, locate(' ', `name`) + 1), null)"],
    });
    const absent = sentinel("varchar(120)", true) ?? "";
    const laid = await lay(db, "t", [merge], { sentinels: { name: absent, initial: absent }, standIns: { first: absent } });
    await db.rows("update t set last = 'Did' where id = 2");
    await laid.batch();
    await db.rows(
      "insert into t (id, first) values (3, 'Cy'); insert into t (id, name) select 4, 'Dee Dia'; update t set name = 'Ada Queen' where id = 1; update t set initial = 'x' where id = 3",
    );
    expect(
      (await db.rows<Record<string, unknown>>("select first, last, name, initial, hotstick_side as side from t order by id")).map((row) =>
        Object.values(row).join(","),
      ),
    ).toEqual(["Ada,Queen,Ada Queen,A,2", "Bo,Did,Bo Did,B,1", "Cy,,Cy,x,2", "Dee,Dia,Dee Dia,?,2"]);
    await expect(db.rows("insert into t (id, initial) values (5, 'x')")).rejects.toMatchObject({ errno: 1048 });
    await expect(db.rows("insert into t (id, last) values (5, 'x')")).rejects.toMatchObject({ errno: 1048 });
    expect(await laid.bad()).toBe(0);
    expect(await laid.unfilled()).toBe(0);
  });

  test("a row that moves between partitions is updated, not inserted; one that is exchanged in is not filled, and found", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(
      "create table t (id int not null, a int, primary key (id)) partition by range (id) (partition p0 values less than (100), partition p1 values less than (200)); insert into t values (1, 1), (2, 2)",
    );
    const laid = await lay(db, "t", [transform({ old: ["a"], new: [newColumn("b", "int")], up: ["`a` * 10"], down: ["`b` div 10"] })]);
    await db.rows("update t set id = 101, b = 25 where id = 1; update t set id = 102 where id = 2");
    // MySQL exchanges no partition with columns that came in an instant.
    if (onMysql) await db.rows("alter table t force");
    await db.rows("create table other like t; alter table other remove partitioning; insert into other (id, a) values (5, 5)");
    await db.rows("alter table t exchange partition p0 with table other");
    expect(
      (await db.rows<Record<string, unknown>>("select id, a, b, hotstick_side as side from t order by id")).map((row) => Object.values(row).join(",")),
    ).toEqual(["5,5,,", "101,2,25,2", "102,2,,"]);
    expect(await laid.batch()).toBe(2);
    expect(await laid.unfilled()).toBe(0);
    expect(await laid.bad()).toBe(0);
  });

  test("retire walked back: stale rows get old := down(new), exact ones keep what they had, and a write to either side settles its row", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, price int)");
    const amount = transform({ old: ["price"], new: [newColumn("amount", "decimal(10,2)")], up: ["`price`"], down: ["floor(`amount`)"] });
    const first = await lay(db, "t", [amount], { stage: "switched" });
    await db.rows("insert into t (id, price) values (1, 1), (2, 2), (3, 3), (4, 4); update t set amount = 2.5 where id = 2");
    await first.lift();
    // New code goes on alone.
    await db.rows("update t set amount = 30.5 where id = 3; insert into t (id, amount) values (5, 5.5)");
    const columns = first.input.columns;
    const again = await lay(db, "t", [amount], { stage: "switched", fill: "backward", generation: 1, bare: true, planned: columns });
    expect(await again.unfilled()).toBe(5);
    await db.rows("update t set amount = 40.5 where id = 4");
    const now = async () =>
      (await db.rows<Record<string, unknown>>("select price, amount, hotstick_side as side from t order by id")).map((row) => Object.values(row).join(" "));
    expect(await again.batch("id <> 1")).toBe(3);
    await db.rows("update t set price = 11 where id = 1");
    expect(await now()).toEqual(["11 11.00 11", "2 2.50 12", "30 30.50 12", "40 40.50 12", "5 5.50 12"]);
    expect(await again.unfilled()).toBe(0);
    expect(await again.bad()).toBe(0);
  });

  test("at random: the last writer's value stands, all shapes agree, nothing is left behind", { timeout: 120_000 }, async (t) => {
    const { db, laid } = await table(t);
    const client = await db.connect();
    const column = fc.constantFrom("a", "b", "c", "d", "other");
    const act = fc.record({
      how: fc.constantFrom("insert", "update", "upsert", "replace", "batch"),
      id: fc.integer({ min: 1, max: 4 }),
      column,
      n: fc.integer({ min: 0, max: 12 }),
      lifted: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }), fc.array(act, { minLength: 1, maxLength: 20 }), async (seeds, acts) => {
        await laid.lift();
        await client.query(
          `delete from t; ${seeds.map((a, i) => `insert into t (id, a) values (${i + 1}, ${a})`).join(";") || "do 0"}; ${laid.statements.create.map((one) => laid.fill(one)).join(";\n")}`,
        );
        for (const { how, id, column: name, n } of acts) {
          const value = name === "c" ? `'v${n}'` : String(n);
          const [before] = (await client.query(`select id from t where id = ${id}`))[0] as unknown as readonly unknown[];
          if (how === "batch") await client.query(laid.batchText(`id <= ${id}`));
          else if (how === "update") await client.query(`update t set ${name} = ${value} where id = ${id}`);
          else if (how === "upsert")
            await client.query(`insert into t (id, ${name}) values (${id}, ${value}) on duplicate key update ${name} = values(${name})`);
          else if (how === "replace" || before === undefined) await client.query(`replace into t (id, ${name}) values (${id}, ${value})`);
          else continue;
          if (how !== "batch" && (how !== "update" || before !== undefined)) {
            const [row] = (await client.query(`select ${name} as value from t where id = ${id}`))[0] as unknown as readonly { value: unknown }[];
            expect(String(row?.value)).toBe(value.replaceAll("'", ""));
          }
          expect((await laid.bad()) - (await laid.unfilled())).toBe(0);
        }
        await laid.batch();
        expect([await laid.unfilled(), await laid.bad()]).toEqual([0, 0]);
      }),
      { numRuns: 40 },
    );
  });
});
