// ALTERs in which names pass from one thing to another: they run to their end, and after a death they are found and walked back.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf, look } from "../mysql-lifecycle/lived.ts";
import { planOf } from "./planned.ts";

async function withTable(t: Parameters<typeof mariadbDatabaseFor>[0]): Promise<MariadbDatabase> {
  const db = await mariadbDatabaseFor(t);
  await db.rows("create table t (id int not null primary key, a int, b int, c int, key k (a), key j (c)) engine = InnoDB");
  await db.rows("insert into t values (1, 10, 20, 30), (2, 11, 21, 31)");
  return db;
}

const own = (statement: string, undo: string): Operation => ({ kind: "sql", phase: "expand", statements: [statement], undo: [undo] });

/** Statement, its undo, the table's name afterwards. */
const statements: readonly (readonly [string, string, string])[] = [
  ["alter table t rename column a to a_old, rename column b to a", "alter table t rename column a to b, rename column a_old to a", "t"],
  ["alter table t drop column b, rename column a to b", "alter table t rename column b to a, add column b int after a", "t"],
  ["alter table t drop index k, rename index j to k", "alter table t rename index k to j, add index k (a)", "t"],
  ["alter table t rename to u, add column z int", "alter table u rename to t, drop column z", "u"],
  [
    "alter table t drop primary key, add column z int auto_increment primary key first",
    "alter table t drop primary key, drop column z, add primary key (id)",
    "t",
  ],
  ["alter table t add constraint uu unique key kk (b)", "alter table t drop index kk", "t"],
  ["alter table t add (z int, key kz (z))", "alter table t drop index kz, drop column z", "t"],
  ["alter table t add (index kz (b))", "alter table t drop index kz", "t"],
  // The index goes with its column; MySQL refuses to rename it.
  ...(onMysql ? [] : [["alter table t drop column c, rename index j to jj", "alter table t add column c int after b, add index j (c)", "t"] as const]),
];

const dies = () => {
  let met = false;
  return {
    checkpoint(point: string): void {
      if (met || point !== "statement:returned") return;
      met = true;
      throw new Error("died");
    },
  };
};

describe.runIf(hasMariadb)("an ALTER in which names pass on", () => {
  test.for(statements)("%s runs", { timeout: 60_000 }, async ([statement, undo, name], t) => {
    const db = await withTable(t);
    const expected = await withTable(t);
    await expected.rows(statement);
    const life = await lifecycleOf(db, [own(statement, undo)]);
    await life.to("drop");
    expect((await look(db, name)).create).toBe((await look(expected, name)).create);
  });

  test.for(statements)("%s is walked back after a death", { timeout: 60_000 }, async ([statement, undo], t) => {
    const db = await withTable(t);
    const names = async () => [
      await db.rows("select table_name, column_name from information_schema.columns where table_schema = database() order by 1, 2"),
      await db.rows("select table_name, index_name, column_name from information_schema.statistics where table_schema = database() order by 1, 2, 3"),
    ];
    const before = await names();
    const life = await lifecycleOf(db, [own(statement, undo)], dies());
    await expect(life.to("expand")).rejects.toThrow("died");
    await life.back("start");
    expect(await names()).toEqual(before);
    expect(await db.rows("select a from t order by id")).toEqual([{ a: 10 }, { a: 11 }]);
  });
});

describe.runIf(hasMariadb)("names that only change places", () => {
  test.for([
    "alter table t rename column a to b, rename column b to a",
    "alter table t change a b int, change b a int",
    "alter table t rename index k to j, rename index j to k",
    "rename table t to tmp, o to t, tmp to o",
  ])("%s is refused, unless somebody will look", async (statement, t) => {
    const db = await withTable(t);
    await db.rows("create table o (id int primary key)");
    const { plan, findings } = await planOf(db, [statement]);
    expect(plan).toBeNull();
    expect(findings.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(["exchanges-names refuse"]);
    expect((await planOf(db, [statement], { accept: ["exchanges-names"] })).plan).not.toBeNull();
  });

  test("an undo that lets them is refused too", async (t) => {
    const db = await withTable(t);
    const { findings } = await planOf(db, ["alter table t comment = 'x'"], { undo: ["alter table t rename column a to b, rename column b to a"] });
    expect(findings.map(({ rule, message }) => `${rule}: ${message.slice(0, 8)}`)).toEqual(["exchanges-names: The undo"]);
  });
});

test.runIf(hasMariadb)("partitions that were removed are found so after a death", { timeout: 60_000 }, async (t) => {
  const db = await mariadbDatabaseFor(t);
  await db.rows("create table t (id int primary key) engine = InnoDB partition by hash (id) partitions 2");
  const life = await lifecycleOf(db, [{ kind: "sql", phase: "expand", statements: ["alter table t remove partitioning"] }], dies());
  await expect(life.to("expand")).rejects.toThrow("died");
  await life.to("drop");
});
