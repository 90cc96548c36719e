// MySQL keeps a limited number of shapes of a table's rows, one for each change of columns in the catalog alone (error 4092 beyond it).
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf } from "../mysql-lifecycle/lived.ts";
import { planOf, sent } from "./planned.ts";

const create = "create table t (id int primary key, a int) engine = InnoDB; insert into t values (1, 1)";

/** A table that has this many left. */
async function nearlyFull(db: Awaited<ReturnType<typeof mariadbDatabaseFor>>, left: number): Promise<void> {
  await db.rows(create);
  const session = await db.connect();
  const [[row]] = (await session.query("select version() as version")) as unknown as [{ version: string }[]];
  const [major = 8, minor = 0] = (row?.version ?? "").split(".").map(Number);
  const most = major > 9 || (major === 9 && minor >= 1) ? 255 : 64;
  for (let i = 0; i < most - left; i++)
    await session.query(i % 2 === 0 ? "alter table t add column x int, algorithm = instant" : "alter table t drop column x, algorithm = instant");
}

const kept = async (db: Awaited<ReturnType<typeof mariadbDatabaseFor>>): Promise<unknown> =>
  (await db.rows("select total_row_versions as n from information_schema.innodb_tables where name = concat(database(), '/t')"))[0]?.["n"];

describe.runIf(onMysql)("a table with hardly any row versions left", () => {
  test("is made anew by a user's ALTER that takes the last ones, and by no other", { timeout: 600_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    await nearlyFull(db, 1);
    const plan = await planOf(db, [
      "alter table t rename column a to b",
      "alter table t add column c int",
      "alter table t add column d int",
      "alter table t add column e int",
    ]);
    expect(sent(plan).map(({ text }) => /ALGORITHM = (\w+)/.exec(text)?.[1])).toEqual(["INSTANT", "INSTANT", "INPLACE", "INSTANT"]);
    for (const { text } of sent(plan)) await db.rows(text);
    expect(String(await kept(db))).toBe("1");
  });

  test("is made anew by the operations, which go there and back", { timeout: 600_000 }, async (t) => {
    const add: Operation = { kind: "add-column", table: "t", column: { name: "n", type: "int" } };
    const recode: Operation = { kind: "transform", table: "t", from: ["a"], to: [{ name: "w", type: "bigint", up: "a + 1" }], down: { a: "w - 1" } };
    for (const operation of [add, recode]) {
      const db = await mariadbDatabaseFor(t);
      await nearlyFull(db, 0);
      const life = await lifecycleOf(db, [operation]);
      expect(life.plan.steps.some(({ work }) => work === "rewrite")).toBe(true);
      await life.to("drop");
      await life.undo("start");
    }
  });
});
