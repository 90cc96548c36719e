// Sessions that are not strict, and IGNORE: NULL in a column that is NOT NULL becomes another value after the triggers.
import { describe, expect, test } from "vitest";
import { sentinel } from "../../../src/dialects/mysql/types.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lay } from "./laid.ts";
import { newColumn, transform } from "./shapes.ts";

const absent = sentinel("bigint", true) ?? "";
const standIn = sentinel("int", true) ?? "";
const link = transform({ old: ["n"], new: [newColumn("m", "bigint", { notNull: true })], up: ["`n` + 1"], down: ["`m` - 1"] });
const lenient = "set sql_mode = ''";
const strict = "set sql_mode = 'STRICT_TRANS_TABLES'";

describe.runIf(hasMariadb)("NULL that the server makes another value", () => {
  for (const stage of ["expanded", "switched"] as const)
    test(`both sides are computed from what is stored, stage ${stage}`, async (t) => {
      const db = await mariadbDatabaseFor(t);
      await db.rows("create table t (id int primary key, n int not null); insert into t values (1, 5), (2, 5), (3, 5)");
      const laid = await lay(db, "t", [link], { stage, sentinels: { m: absent }, standIns: { n: standIn } });
      await laid.batch();
      await db.rows(`${lenient}; update t set n = null where id = 1`);
      await db.rows(`${lenient}; insert into t (id, n) values (4, null), (5, null)`);
      await db.rows(`${strict}; update ignore t set n = null where id = 2; insert ignore into t (id, n) values (6, null)`);
      await db.rows(`${lenient}; update t set m = null where id = 3`);
      for (const refused of ["update t set n = null", "update t set m = null", "insert into t (id, n) values (9, null)"])
        await expect(db.rows(`${strict}; ${refused}`)).rejects.toMatchObject({ errno: 1048 });
      expect((await db.rows("select id, n, m from t order by id")).map((row) => Object.values(row).map(Number))).toEqual([
        [1, 0, 1],
        [2, 0, 1],
        [3, -1, 0],
        [4, 0, 1],
        [5, 0, 1],
        [6, 0, 1],
      ]);
      expect([await laid.unfilled(), await laid.bad()]).toEqual([0, 0]);
    });

  for (const [type, stored] of [
    ["varchar(20)", "''"],
    ["char(5) character set latin1 collate latin1_bin", "''"],
    ["int(5) unsigned zerofill", "0"],
    ["bigint unsigned", "0"],
    ["binary(3)", "''"],
    ["bit(9)", "0"],
    ["date", "'0000-00-00'"],
    ["datetime(3)", "'0000-00-00 00:00:00'"],
    ["time", "'00:00:00'"],
    ["decimal(5,2)", "0"],
    ["tinyint(1)", "0"],
    ["year", "0"],
    ["set('a','b')", "''"],
    ...(onMysql ? [] : [["enum('a','b')", "1"] as const]),
  ] as const)
    test(`of ${type}, without a stand-in too`, async (t) => {
      const db = await mariadbDatabaseFor(t);
      await db.rows(`create table t (id int primary key, n ${type} not null, other int); ${lenient}; insert into t (id) values (1)`);
      const told = transform({ old: ["n"], new: [newColumn("m", "varchar(40)")], up: ["concat('was ', `n`)"], down: ["substring(`m`, 5)"] });
      const laid = await lay(db, "t", [told]);
      await laid.batch();
      await db.rows(`${lenient}; insert into t (id) values (2); insert into t (id, n) values (3, null), (4, null); update t set n = null where id = 4`);
      const [first] = await db.rows<{ m: string }>("select m from t where id = 1");
      expect((await db.rows<{ m: string }>(`select m from t where n + 0 = ${stored} + 0 order by id`)).map(({ m }) => m)).toEqual(Array(4).fill(first?.m));
      expect([await laid.unfilled(), await laid.bad()]).toEqual([0, 0]);
      await expect(db.rows(`${strict}; update t set n = null`)).rejects.toMatchObject({ errno: 1048 });
    });

  test.runIf(onMysql)("the value of an error, which MySQL stores for NULL in an ENUM, is left to a batch", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, n enum('a','b') not null)");
    const told = transform({ old: ["n"], new: [newColumn("m", "varchar(40)")], up: ["concat('was ', `n`)"], down: ["substring(`m`, 5)"] });
    const laid = await lay(db, "t", [told]);
    await db.rows(`${lenient}; insert into t values (1, 'b'), (2, null), (3, 'b'); update t set n = null where id = 3`);
    expect(await laid.unfilled()).toBe(2);
    await laid.batch();
    expect((await db.rows<{ m: string }>("select m from t order by id")).map(({ m }) => m)).toEqual(["was b", "was ", "was "]);
    expect([await laid.unfilled(), await laid.bad()]).toEqual([0, 0]);
  });
});
