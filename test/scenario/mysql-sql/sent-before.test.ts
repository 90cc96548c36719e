// A statement whose effect cannot be looked for, and whose answer never came: what is said when it meets its own work.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
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

describe.runIf(hasMariadb)("what stood before a statement that makes it", () => {
  const there =
    "create table o (id int primary key); create table t (id int primary key, a int, b int, constraint f foreign key (a) references o (id), constraint ck check (a > 0)); create view v as select 1 as one; create procedure p() select 1; create function f() returns int deterministic return 1; create trigger tg before insert on t for each row set new.a = 1; create event ev on schedule every 1 day disable do select 1";
  const own = (...statements: readonly string[]): Operation => ({ kind: "sql", phase: "expand", statements });
  const withObjects = async (t: Parameters<typeof mariadbDatabaseFor>[0]) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(there);
    return db;
  };
  /** Dies once between the intent and the act. */
  const dies = () => {
    let met = false;
    return {
      checkpoint(point: string): void {
        if (met || point !== "statement:intended") return;
        met = true;
        throw new Error("died");
      },
    };
  };

  test.for([
    "create view v as select 2 as two",
    "create table v (a int)",
    "create procedure p() select 2",
    "create function f() returns int deterministic return 2",
    "create trigger tg before insert on t for each row set new.a = 2",
    "create event ev on schedule every 2 day disable do select 2",
    "alter table t add constraint ck check (a > 5)",
    "alter table t add constraint f foreign key (b) references o (id)",
    ...(onMysql ? [] : ["create sequence v start with 500"]),
  ])("is not taken for its work: %s", { timeout: 60_000 }, async (statement, t) => {
    const db = await withObjects(t);
    const life = await lifecycleOf(db, [own(statement)], dies());
    await expect(life.to("expand")).rejects.toThrow("died");
    await expect(life.to("drop")).rejects.toMatchObject({ code: "sent-before" });
  });

  test("is gone where a statement or an operation before takes it away", async (t) => {
    const db = await withObjects(t);
    const rules = async (...operations: readonly Operation[]) => (await planned(db, operations)).findings.map(({ rule }) => rule);
    const made: readonly (readonly [string, string])[] = [
      ["drop view v", "create view v as select 2 as two"],
      ["drop procedure p", "create procedure p() select 2"],
      ["drop trigger tg", "create trigger tg before insert on t for each row set new.a = 2"],
      ["drop event ev", "create event ev on schedule every 2 day disable do select 2"],
      ["alter table t drop foreign key f", "alter table t add constraint f foreign key (b) references o (id)"],
      ["rename table o to o2", "create view o as select * from o2"],
    ];
    for (const [drop, create] of made) {
      expect(await rules(own(drop, create)), create).not.toContain("sent-again");
      expect(await rules(own(drop), own(create)), create).not.toContain("sent-again");
      expect(await rules(own(drop, create, create)), create).toContain("sent-again");
    }
  });
});
