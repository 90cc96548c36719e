// `SET column = DEFAULT` in an UPDATE: while both sides live the table's default is a value that nobody means.
import { describe, expect, test } from "vitest";
import { sentinel } from "../../../src/dialects/mysql/types.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { lay } from "./laid.ts";
import { copy, newColumn, transform } from "./shapes.ts";

const word = sentinel("varchar(40)", true) ?? "";
const number = sentinel("int", true) ?? "";

const copies = [
  copy("s", "s2", "varchar(40)", { notNull: true, default: "'new'" }),
  copy("n", "n2", "int", { notNull: true, default: "7" }),
  copy("r", "r2", "varchar(40)", { notNull: true }),
];
/** n2 is what one link makes and another one reads. */
const chained = [
  copy("n", "n2", "int", { notNull: true, default: "7" }),
  transform({ old: ["n2"], new: [newColumn("twice", "int", { notNull: true, default: "20" })], up: ["`n2` * 2"], down: ["`twice` div 2"] }),
];

describe.runIf(hasMariadb)("DEFAULT in an UPDATE on MariaDB", () => {
  for (const stage of ["expanded", "switched"] as const) {
    test(`is the new column's own, or refused where it has none, stage ${stage}`, async (t) => {
      const db = await mariadbDatabaseFor(t);
      await db.rows(
        "create table t (id int primary key, s varchar(40) not null default 'new', n int not null default 7, r varchar(40) not null); insert into t values (1, 'x', 1, 'y'), (2, 'x', 1, 'y')",
      );
      const laid = await lay(db, "t", copies, { stage, sentinels: { s2: word, n2: number, r2: word }, standIns: { r: word } });
      await laid.batch();
      await db.rows("update t set s2 = default, n2 = default where id = 1");
      await db.rows("insert into t (id, s2, r2) values (2, 'z', 'z') on duplicate key update s2 = default, n2 = default(n2)");
      for (const refused of ["update t set r2 = default", "update t set r = default", "update t set r = default, r2 = default"])
        for (const mode of ["'STRICT_TRANS_TABLES'", "''"]) await expect(db.rows(`set sql_mode = ${mode}; ${refused}`)).rejects.toMatchObject({ errno: 1364 });
      await expect(db.rows("update t set s2 = null")).rejects.toMatchObject({ errno: 1048 });
      const row = { s: "new", s2: "new", n: 7, n2: 7, r: "y", r2: "y" };
      expect(await db.rows("select s, s2, n, n2, r, r2 from t")).toEqual([row, row]);
      expect([await laid.unfilled(), await laid.bad()]).toEqual([0, 0]);
    });

    test(`reaches the other shapes of a chain, stage ${stage}`, async (t) => {
      const db = await mariadbDatabaseFor(t);
      await db.rows("create table t (id int primary key, n int not null default 7); insert into t values (1, 1), (2, 1)");
      const laid = await lay(db, "t", chained, { stage, sentinels: { n2: number, twice: number } });
      await laid.batch();
      await db.rows("update t set n2 = default where id = 1; update t set twice = default where id = 2");
      expect(await db.rows("select n, n2, twice from t")).toEqual([
        { n: 7, n2: 7, twice: 14 },
        { n: 10, n2: 10, twice: 20 },
      ]);
      expect([await laid.unfilled(), await laid.bad()]).toEqual([0, 0]);
    });
  }

  test("the value of a transform is given back as down(default)", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, n int not null); insert into t values (1, 1)");
    const link = transform({ old: ["n"], new: [newColumn("twice", "int", { notNull: true, default: "20" })], up: ["`n` * 2"], down: ["`twice` div 2"] });
    const laid = await lay(db, "t", [link], { stage: "switched", sentinels: { twice: number }, standIns: { n: number } });
    await laid.batch();
    await db.rows("update t set twice = default");
    expect(await db.rows("select n, twice, hotstick_side as side from t")).toEqual([{ n: 10, twice: 20, side: 2 }]);
    await expect(db.rows("update t set n = default")).rejects.toMatchObject({ errno: 1364 });
  });
});
