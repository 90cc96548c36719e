// What a migration's own SET does to its other statements, to the run, and to nobody else.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf } from "../mysql-lifecycle/lived.ts";
import { large, planOf } from "./planned.ts";

const own = (statements: readonly string[], undo?: readonly string[]): Operation => ({ kind: "sql", phase: "expand", statements, ...(undo ? { undo } : {}) });

async function withTable(t: Parameters<typeof mariadbDatabaseFor>[0]) {
  const db = await mariadbDatabaseFor(t);
  await db.rows("create table t (id int primary key, a int, b int) engine = InnoDB; insert into t values (1, 10, 20), (2, 11, 21)");
  return db;
}

describe.runIf(hasMariadb && !onMysql)("SET STATEMENT … FOR a statement", () => {
  test("that commits by itself ends the transaction before it, which is journalled then", { timeout: 60_000 }, async (t) => {
    const db = await withTable(t);
    const life = await lifecycleOf(db, [
      own(["update t set a = a + 1", "set statement max_statement_time = 0 for create index if not exists ix on t (b)", "insert into later values (1)"]),
    ]);
    await expect(life.to("expand")).rejects.toThrow();
    await db.rows("create table later (a int)");
    await life.to("drop");
    expect(await db.rows("select a from t order by id")).toEqual([{ a: 11 }, { a: 12 }]);
  });

  test("is judged as that statement", async (t) => {
    const db = await withTable(t);
    const { findings } = await planOf(db, ["set statement lock_wait_timeout = 1 for alter table t modify a varchar(20), algorithm = copy"], { size: large });
    expect(findings.map(({ rule }) => rule)).toContain("needs-shadow-copy");
  });
});

/** Dies when the nth statement that commits by itself has been carried out, once. */
function dies(nth = 1): { readonly checkpoint: (point: string) => void } {
  let met = 0;
  return {
    checkpoint(point) {
      if (point === "statement:returned" && ++met === nth) throw new Error("died");
    },
  };
}

describe.runIf(hasMariadb)("what SET sets", () => {
  test("holds for the statements behind it, whoever carries them", { timeout: 120_000 }, async (t) => {
    const statements = [
      "/*!40101 SET @OLD_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
      "set names utf8mb4, @x = 7, foreign_key_checks = 0",
      "create table n (a int auto_increment primary key)",
      "create table kid (r int, foreign key (r) references later (id)) engine = InnoDB",
      "insert into n values (@x), (0)",
      "set @x = @x + 1",
      "create table later (id int primary key) engine = InnoDB",
      "insert into n values (@x)",
      "set foreign_key_checks = 1, sql_mode = @OLD_MODE",
    ];
    const undo = [
      "set foreign_key_checks = 0",
      "delete from n where a = 8",
      "drop table later",
      "set @x = 1",
      "delete from n",
      "drop table kid",
      "drop table n",
      "set @x = 0",
      "set @x = 0",
    ];
    for (let stop = 1; stop <= 6; stop++) {
      const db = await withTable(t);
      const life = await lifecycleOf(db, [own(statements, undo)], dies(stop));
      await life.to("expand").catch(() => undefined);
      await life.to("expand");
      expect(await db.rows("select a from n order by a")).toEqual([{ a: 0 }, { a: 7 }, { a: 8 }]);
      await life.back("start").catch(() => life.back("start"));
      expect(await db.rows("show tables like 'n'")).toEqual([]);
    }
  });

  test("holds for its own operation only: rows that refer to nothing are refused in the next one", { timeout: 60_000 }, async (t) => {
    const add = "alter table t add constraint f foreign key (a) references o (id)";
    const off = "set foreign_key_checks = 0";
    for (const first of [[off], [off, "update t set b = 1"], [off, "create table m (a int)"]]) {
      const db = await withTable(t);
      await db.rows("create table o (id int primary key) engine = InnoDB");
      const life = await lifecycleOf(db, [own(first), own([add])]);
      await expect(life.to("drop")).rejects.toThrow(/foreign key constraint fails/i);
    }
  });

  test("is gone where its statement is refused, too", { timeout: 60_000 }, async (t) => {
    const db = await withTable(t);
    const mode = "insert into seen select @@sql_mode, @@foreign_key_checks, @x";
    await db.rows("create table seen (mode varchar(200), checks int, x int)");
    for (const refused of ["create table t (a int)", "insert into t values (1, 1, 1)"]) {
      const life = await lifecycleOf(db, [
        own([mode], [mode]),
        own(["set @x = 1, sql_mode = 'ANSI_QUOTES', foreign_key_checks = 0", refused], ["select 1", "select 1"]),
      ]);
      await expect(life.to("expand")).rejects.toThrow();
      await life.back("start");
      const seen = await db.rows("select distinct mode like '%STRICT_TRANS%' as strict, checks, x from seen");
      expect(seen).toEqual([{ strict: 1, checks: 1, x: null }]);
    }
  });

  test("is refused where a step of another process could not compute it again", async (t) => {
    const db = await withTable(t);
    const { plan, findings } = await planOf(db, ["set @x = (select max(id) from t)", "create table n (a int)", "insert into n values (@x)"]);
    expect(plan).toBeNull();
    expect(findings.map(({ rule }) => rule)).toEqual(["value-not-kept"]);
  });
});
