// Foreign keys and checks of a column that nothing takes the place of: they end with the old shape, and come back proved.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { phases } from "../../../src/step/phase.ts";
import { hasMariadb, type MariadbDatabase, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf, look, planned, stage } from "./lived.ts";

interface Case {
  readonly create: string;
  readonly operations: readonly Operation[];
  readonly accept?: readonly string[];
  /** The same by the server's own statements. */
  readonly plain: string;
  /** What new code does when the old shape has ended, although the constraint would not have let it. */
  readonly free?: string;
  /** It has a check, which MySQL could not give back while others write: there the plan is refused. */
  readonly checked?: true;
}

const parent = "create table p (id int primary key) engine=InnoDB; insert into p values (1),(2),(3);";
const drop: Operation = { kind: "drop-column", table: "t", column: "v" };
const recode = (to: string, given: readonly string[]): Operation =>
  ({ kind: "transform", table: "t", from: ["v"], to: [{ name: to, type: "bigint", up: "v + 100" }], down: { v: `${to} - 100` }, drops: given }) as Operation;

/** On MySQL a column's check names no other column. */
const own = onMysql ? "," : "";

const cases: Readonly<Record<string, Case>> = {
  "a foreign key that clears it": {
    create: `${parent} create table t (id int primary key, v int, z int, constraint f foreign key (v) references p (id) on delete set null on update cascade) engine=InnoDB; insert into t values (1,1,1),(2,null,2)`,
    operations: [drop],
    plain: "alter table t drop foreign key f, drop column v",
    free: "insert into p values (9); delete from p where id = 9",
  },
  "a foreign key that must be met": {
    create: `${parent} create table t (id int primary key, v int not null, z int, constraint f foreign key (v) references p (id)) engine=InnoDB; insert into t values (1,1,1),(2,2,2)`,
    operations: [{ ...drop, down: "3" } as Operation],
    plain: "alter table t drop foreign key f, drop column v",
    free: "insert into t (id, z) values (7, 7); delete from t where id = 7",
  },
  "a foreign key over one that stays": {
    create:
      "create table p (a int, b int, primary key (a, b)) engine=InnoDB; insert into p values (1,1),(2,2); create table t (id int primary key, v int, z int, constraint f foreign key (v, z) references p (a, b)) engine=InnoDB; insert into t values (1,1,1),(2,null,2)",
    operations: [drop],
    plain: "alter table t drop foreign key f, drop index f, drop column v",
  },
  "its check": {
    checked: true,
    create: `create table t (id int primary key, v int not null default 5${own} check (v > 0 and v < id + 10), z int) engine=InnoDB; insert into t values (1,1,1),(2,2,2)`,
    operations: [drop],
    plain: "alter table t drop column v",
    free: "update t set id = 3 where id = 1; update t set id = 1 where id = 3",
  },
  "a foreign key given up by name": {
    create: `${parent} create table t (id int primary key, v int, z int, constraint f foreign key (v) references p (id)) engine=InnoDB; insert into t values (1,1,1),(2,null,2)`,
    operations: [recode("w", ["f"])],
    plain: "alter table t drop foreign key f, drop index f, drop column v, add column w bigint; update t set w = 101 where id = 1",
    free: "update t set w = 500 where id = 1; update t set w = 101 where id = 1",
  },
  "a check given up by name": {
    checked: true,
    create: "create table t (id int primary key, v int check (v > 0), z int, key (v)) engine=InnoDB; insert into t values (1,1,1),(2,null,2)",
    operations: [recode("w", ["v"])],
    plain: "alter table t drop column v, add column w bigint; update t set w = 101 where id = 1",
    free: "update t set w = -5 where id = 1; update t set w = 101 where id = 1",
  },
  "a check that goes on over the new values": {
    checked: true,
    create: `create table t (id int primary key, v int not null${own} check (v > 0 and v < id + 10), z int, key (v)) engine=InnoDB; insert into t values (1,1,1),(2,2,2)`,
    operations: [{ kind: "transform", table: "t", from: ["v"], to: [{ name: "v", type: "bigint", notNull: true, up: "v" }], down: { v: "v" } } as Operation],
    accept: ["swaps-names"],
    plain:
      "alter table t drop column v; set check_constraint_checks = 0; alter table t add column v bigint not null check (v > 0 and v < id + 10), add key (v); update t set v = id",
  },
  "a check that goes on over a type without a value to spare": {
    checked: true,
    create: "create table t (id int primary key, v int not null check (v > 0), z int, key (v)) engine=InnoDB; insert into t values (1,1,1),(2,2,2)",
    operations: [{ kind: "transform", table: "t", from: ["v"], to: [{ name: "w", type: "tinyint", notNull: true, up: "v" }], down: { v: "w" } } as Operation],
    plain: "alter table t drop column v, add column w tinyint not null check (w > 0), add key v (w); update t set w = id",
  },
  "both under one name": {
    checked: true,
    create: `${parent} create table t (id int primary key, v int check (v > 0), z int, constraint f foreign key (v) references p (id)) engine=InnoDB; insert into t values (1,1,1),(2,null,2)`,
    operations: [recode("v", ["f", "v"])],
    accept: ["swaps-names"],
    plain: "alter table t drop foreign key f, drop index f, drop column v, add column v bigint; update t set v = 101 where id = 1",
    free: "update t set v = -500 where id = 1; update t set v = 101 where id = 1",
  },
};

const shown = async (db: MariadbDatabase) => {
  const { create, rows, triggers } = await look(db, "t");
  return { create: create.replace(/\n {2}`hotstick_kept_\d+`[^\n]*/, ""), rows, triggers };
};

const isRefused = (name: string): boolean => onMysql && cases[name]?.checked === true;

describe.runIf(onMysql)("a column that MySQL could not give back, with", () => {
  test.each(Object.keys(cases).filter(isRefused))("%s", async (name) => {
    const { create, operations, accept } = cases[name] as Case;
    await stage(create, async (db) => {
      await expect(lifecycleOf(db, operations, accept ? { accept } : {})).rejects.toThrow(/dependant-cannot-follow: CHECK/);
    });
  });
});

describe.runIf(hasMariadb)("a column that ends, with", () => {
  describe.each(Object.keys(cases).filter((name) => !isRefused(name)))("%s", (name) => {
    const { create, operations, accept, plain, free } = cases[name] as Case;
    const options = accept ? { accept } : {};

    test("to the end", async () => {
      let expected: unknown;
      await stage(create, async (db) => {
        await db.rows(plain);
        expected = await shown(db);
      });
      await stage(create, async (db) => {
        const run = await lifecycleOf(db, operations, options);
        await run.to("retire");
        if (free !== undefined) await db.rows(free);
        expect((await run.to("drop")).outcome).toBe("applied");
        if (free !== undefined) await db.rows(free);
        expect(await shown(db)).toEqual(expected);
      });
    });

    test.each(phases)("comes back from %s", { timeout: 60_000 }, async (goal) => {
      await stage(create, async (db) => {
        const before = await look(db, "t");
        const run = await lifecycleOf(db, operations, options);
        await run.to(goal);
        if (free !== undefined && ["retire", "drop"].includes(goal)) await db.rows(free);
        expect((await (goal === "drop" ? run.undo("start") : run.back("start"))).outcome).toBe("reverted");
        expect(await look(db, "t")).toEqual(before);
      });
    });
  });

  test("a foreign key that new code has broken since is told, and goes back when the rows are right", async () => {
    const { create } = cases["a foreign key that must be met"] as Case;
    await stage(create, async (db) => {
      const before = await look(db, "t");
      const run = await lifecycleOf(db, [{ ...drop, down: "3" } as Operation]);
      await run.to("drop");
      await db.rows("delete from p where id = 2");
      await expect(run.undo("start")).rejects.toThrow(/foreign key f/);
      await expect(run.back("start")).rejects.toThrow(/\b2\b/);
      await db.rows("insert into p values (2)");
      expect((await run.back("start")).outcome).toBe("reverted");
      expect(await look(db, "t")).toEqual(before);
    });
  });

  test.skipIf(onMysql)("new values that would not meet a check are told before the switch (MySQL refuses them)", async () => {
    await stage("create table t (id int primary key, v int check (v > 0)) engine=InnoDB; insert into t values (1,1),(2,2)", async (db) => {
      const before = await look(db, "t");
      const run = await lifecycleOf(db, [
        { kind: "transform", table: "t", from: ["v"], to: [{ name: "w", type: "bigint", up: "v - 2" }], down: { v: "w + 2" } } as Operation,
      ]);
      await expect(run.to("backfill")).rejects.toThrow(/w of .* does not meet its check/);
      expect((await run.back("start")).outcome).toBe("reverted");
      expect(await look(db, "t")).toEqual(before);
    });
  });

  test("the plain form takes them away and along too", async () => {
    const create = `${parent} create table t (id int primary key, v int check (v > 0), x int, y int check (y > 0), k int, key xy (x, y), key (k), constraint f foreign key (x) references p (id), constraint c check (k > 0)) engine=InnoDB`;
    await stage(create, async (db) => {
      const operations = [
        { kind: "drop-column", table: "t", column: "x" },
        recode("w", []),
        { kind: "rename-column", table: "t", from: "k", to: "l" },
        { kind: "set-not-null", table: "t", column: "y", fill: "1" },
      ] as Operation[];
      const run = await lifecycleOf(db, operations, { mode: "plain" });
      expect((await run.to("drop")).outcome).toBe("applied");
      expect((await look(db, "t")).create).toMatch(
        onMysql
          ? /`id` int NOT NULL,\s+`y` int NOT NULL,\s+`l` int DEFAULT NULL,\s+`w` bigint DEFAULT NULL,\s+PRIMARY KEY \(`id`\),\s+KEY `k` \(`l`\),\s+CONSTRAINT `c` CHECK \(\(`l` > 0\)\),\s+CONSTRAINT `t_chk_1` CHECK \(\(`w` > 0\)\),\s+CONSTRAINT `t_chk_2` CHECK \(\(`y` > 0\)\)\s+\)/
          : /^CREATE TABLE `t` \(\s+`id` int\(11\) NOT NULL,\s+`y` int\(11\) NOT NULL CHECK \(`y` > 0\),\s+`l` int\(11\) DEFAULT NULL,\s+`w` bigint\(20\) DEFAULT NULL CHECK \(`w` > 0\),\s+PRIMARY KEY \(`id`\),\s+KEY `k` \(`l`\),\s+CONSTRAINT `c` CHECK \(`l` > 0\)\s+\)/,
      );
    });
  });

  test("a check of its own stays with a column that becomes NOT NULL", async () => {
    await stage("create table t (id int primary key, v int check (v > 0)) engine=InnoDB; insert into t values (1,1),(2,null)", async (db) => {
      const before = await look(db, "t");
      const run = await lifecycleOf(db, [{ kind: "set-not-null", table: "t", column: "v", fill: "7" }]);
      await run.to("drop");
      expect((await look(db, "t")).create).toMatch(onMysql ? /`v` int NOT NULL,.*CHECK \(\(`v` > 0\)\)/s : /`v` int\(11\) NOT NULL CHECK \(`v` > 0\)/);
      await run.undo("start");
      expect((await look(db, "t")).create).toBe(before.create);
    });
  });

  test("the values of a table without a key are archived where that is enough", async () => {
    await stage("create table t (v int, z int) engine=InnoDB; insert into t values (1,1),(1,1),(2,2)", async (db) => {
      expect((await planned(db, [drop])).findings.filter(({ severity }) => severity === "refuse").map(({ rule }) => rule)).toEqual(["no-key"]);
      const run = await lifecycleOf(db, [drop], { accept: ["no-key"] });
      const before = (await look(db, "t")).create;
      await run.to("retire");
      await run.back("start");
      expect(await db.rows("select sum(v) as v from t")).toEqual([{ v: "4" }]);
      const again = await lifecycleOf(db, [drop], { accept: ["no-key"], name: "again" });
      await again.to("drop");
      await db.rows("insert into t values (3)");
      expect((await again.undo("start")).outcome).toBe("reverted");
      expect((await look(db, "t")).create).toBe(before);
      expect(await db.rows("select count(*) as n, count(v) as v from t")).toEqual([{ n: "4", v: "0" }]);
    });
  });

  test("what is over other columns too is told of", async () => {
    const { create } = cases["a foreign key over one that stays"] as Case;
    await stage(create, async (db) => {
      const { findings } = await planned(db, [drop]);
      expect(findings.filter(({ rule }) => rule === "drops-dependant").map(({ subject }) => subject.kind)).toEqual(["index", "constraint"]);
    });
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
