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
