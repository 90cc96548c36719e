// A statement whose effect cannot be looked for, and whose answer never came: what is said when it meets its own work.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { lifecycleOf, planned } from "../mysql-lifecycle/lived.ts";

const parted = "create table t (id int primary key) engine = InnoDB partition by range (id) (partition p1 values less than (10))";
const grow: Operation = {
  kind: "sql",
  phase: "expand",
  statements: ["alter table t add partition (partition p2 values less than (20))"],
  undo: ["alter table t drop partition p2"],
};

/** The connection ends when the nth statement has been carried out, once. */
function cutOff(nth = 1): { readonly checkpoint: (point: string) => void } {
  let met = 0;
  return {
    checkpoint(point) {
      if (point !== "statement:returned" || ++met !== nth) return;
      throw Object.assign(new Error("the connection was cut"), { code: "ECONNRESET" });
    },
  };
}

const partitions = "select partition_name as name from information_schema.partitions where table_schema = database() and table_name = 't' order by 1";

describe.runIf(hasMariadb)("a statement that was carried out unseen", () => {
  test("is said to be so already, each time; goes on when it is taken away", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(parted);
    const life = await lifecycleOf(db, [grow], cutOff());
    const problem = { code: "sent-before", message: expect.stringContaining("p2"), hint: expect.stringContaining("hotstick rollback") };
    await expect(life.to("expand")).rejects.toMatchObject(problem);
    await expect(life.to("expand")).rejects.toMatchObject(problem);
    await db.rows("alter table t drop partition p2");
    await life.to("drop");
    expect(await db.rows(partitions)).toEqual([{ name: "p1" }, { name: "p2" }]);
  });

  test("is walked back by its undo", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(parted);
    const life = await lifecycleOf(db, [grow], cutOff());
    await expect(life.to("expand")).rejects.toMatchObject({ code: "sent-before" });
    await life.back("start");
    expect(await db.rows(partitions)).toEqual([{ name: "p1" }]);
  });

  test("is not claimed where the server refused the first time: somebody else made it", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(parted);
    const life = await lifecycleOf(db, [grow]);
    await db.rows("alter table t add partition (partition p2 values less than (20))");
    await expect(life.to("expand")).rejects.toMatchObject({ code: "step-failed" });
    await expect(life.to("expand")).rejects.toMatchObject({ code: "step-failed" });
  });
});

describe.runIf(hasMariadb)("a statement on a table that an operation before it makes", () => {
  const own = (...statements: readonly string[]): Operation => ({ kind: "sql", phase: "expand", statements });

  test("is found done, though no schema that was read has the table", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    const life = await lifecycleOf(
      db,
      [own("create table u (id int primary key)"), own("alter table u add column n int"), own("create index by_n on u (n)")],
      cutOff(2),
    );
    await life.to("drop");
    expect(await db.rows("select column_name as name from information_schema.columns where table_schema = database() and table_name = 'u' order by 1")).toEqual(
      [{ name: "id" }, { name: "n" }],
    );
  });

  test("is not looked for where the name meant another table before, or a temporary one", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const rules = async (...operations: readonly Operation[]) => (await planned(db, operations)).findings.map(({ rule }) => rule);
    const alter = own("alter table u add column n int");
    expect(await rules(own("create table u (id int)"), alter)).toEqual([]);
    expect(await rules(own("create table u (id int)"), own("drop table u"), own("create table u (id int)"), alter)).toContain("sent-again");
    expect(await rules(own("create temporary table u (id int)"), alter)).toContain("sent-again");
    expect(await rules(alter, own("create table u (id int)"))).toContain("sent-again");
  });
});
