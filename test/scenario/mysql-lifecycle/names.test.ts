// Names that the server's views of itself compare or write otherwise than the server does.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf, planned } from "./lived.ts";

const rename = (from: string, to: string, table = "t"): Operation => ({ kind: "rename-column", table, from, to });

describe.runIf(hasMariadb)("a run with", () => {
  // Trigger names of a database differ in more than that on MySQL.
  test.skipIf(onMysql)("two tables whose names differ in letter case only ends for each", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(
      "create table t (id int primary key, a int not null) engine = InnoDB; create table T like t; insert into t values (1, 2); insert into T values (1, 3)",
    );
    const run = await lifecycleOf(db, [rename("a", "b"), rename("a", "b", "T")]);
    await run.to("drop");
    expect([await db.rows("select b from t"), await db.rows("select b from T")]).toEqual([[{ b: 2 }], [{ b: 3 }]]);
  });

  test("JSON under a name with a backtick ends", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, `j``x` json) engine = InnoDB; insert into t values (1, '[1]')");
    const run = await lifecycleOf(db, [rename("j`x", "k`y")]);
    await run.to("drop");
    expect(await db.rows("select cast(`k``y` as char) as k from t")).toEqual([{ k: "[1]" }]);
  });

  test.skipIf(onMysql)("a name that another has but for its accents is refused; one of other letters is not", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, cafe varchar(40), strasse int, и int) engine = InnoDB");
    const rules = async (operation: Operation) =>
      (await planned(db, [operation])).findings.filter(({ severity }) => severity === "refuse").map(({ rule }) => rule);
    expect(await rules(rename("cafe", "café"))).toEqual(["name-taken"]);
    expect(await rules(rename("strasse", "straßse"))).toEqual(["name-taken"]);
    expect(await rules({ kind: "add-column", table: "t", column: { name: "Çafé", type: "int" } })).toEqual(["name-taken"]);
    expect(await rules(rename("и", "й"))).toEqual([]);
    expect(await rules(rename("cafe", "cæfe"))).toEqual([]);
  });
});
