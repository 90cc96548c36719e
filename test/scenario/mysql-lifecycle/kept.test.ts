// What new code did after old code had ended, seen by old code when it comes back: no value is lost that somebody still had, none is given to a row that is not its own.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb } from "../../harness/mariadb.ts";
import { lifecycleOf, stage } from "./lived.ts";

const recode: Operation = {
  kind: "transform",
  table: "t",
  from: ["name"],
  to: [{ name: "small", type: "varchar(100)", notNull: true, up: "lower(name)" }],
  down: { name: "small" },
};

describe.runIf(hasMariadb)("old code comes back", () => {
  test.each(["retire", "drop"] as const)("to values that down alone would have lost, from %s", async (goal) => {
    await stage(
      "create table t (id int primary key, name varchar(100) not null) engine = InnoDB; insert into t values (1, 'Ada'), (2, 'Bob'), (3, 'Cyd'), (4, 'Dan'), (5, 'Eve')",
      async (db) => {
        const run = await lifecycleOf(db, [recode]);
        await run.to(goal);
        await db.rows(
          "update t set small = 'bobby' where id = 2; delete from t where id = 3; insert into t (id, small) values (3, 'other'), (6, 'new'); replace into t (id, small) values (4, 'dan'); update t set id = 50 where id = 5",
        );
        await (goal === "drop" ? run.undo("start") : run.back("start"));
        const rows = await db.rows<{ id: number; name: string }>("select id, name from t order by id");
        expect(Object.fromEntries(rows.map(({ id, name }) => [id, name]))).toMatchObject({ 1: "Ada", 2: "bobby", 3: "other", 6: "new" });
        expect(["dan", "Dan"]).toContain(rows.find(({ id }) => id === 4)?.name);
        expect(["eve", "Eve"]).toContain(rows.find(({ id }) => id === 50)?.name);
        expect(rows.length).toBe(6);
      },
    );
  });

  test.each(["retire", "drop"] as const)("to a dropped column, from %s", async (goal) => {
    await stage(
      "create table t (id int primary key, gone varchar(40) not null, kept int) engine = InnoDB; insert into t values (1, 'x', 1), (2, 'y', 2), (3, 'z', 3)",
      async (db) => {
        const run = await lifecycleOf(db, [{ kind: "drop-column", table: "t", column: "gone", down: "concat('of ', kept)" }]);
        await run.to(goal);
        await db.rows("update t set kept = 20 where id = 2; delete from t where id = 3; insert into t (id, kept) values (3, 30), (4, 40)");
        await (goal === "drop" ? run.undo("start") : run.back("start"));
        expect(await db.rows("select id, gone, kept from t order by id")).toEqual([
          { id: 1, gone: "x", kept: 1 },
          { id: 2, gone: "y", kept: 20 },
          { id: 3, gone: "of 30", kept: 30 },
          { id: 4, gone: "of 40", kept: 40 },
        ]);
      },
    );
  });

  test("to a dropped column of rows that changed their keys, of which one took a deleted row's", async () => {
    await stage(
      "create table t (id int primary key, gone varchar(40) not null, kept int, f float, j json, b bit(9), e enum('a','b'), at timestamp(3) null, raw varbinary(9), p point, v int as (kept + 1)) engine = InnoDB; insert into t (id, gone, kept, f, j, b, e, at, raw, p) select n, concat('g', n), n, n / 3, '[1]', 5, 'b', '2026-01-31 10:00:00.5', x'00ff', point(n, 1) from (select 1 as n union select 2 union select 3 union select 4 union select 5) as numbers",
      async (db) => {
        const run = await lifecycleOf(db, [{ kind: "drop-column", table: "t", column: "gone", down: "concat('of ', kept)" }]);
        await run.to("drop");
        await db.rows("update t set kept = 20 where id = 2; set time_zone = '+03:00'; update t set f = f where id = 1");
        await db.rows("delete from t where id = 3; update t set id = 3 where id = 4; update t set id = 60 where id = 5");
        await run.undo("start");
        expect(await db.rows("select id, gone from t order by id")).toEqual([
          { id: 1, gone: "g1" },
          { id: 2, gone: "of 20" },
          { id: 3, gone: "of 4" },
          { id: 60, gone: "of 5" },
        ]);
      },
    );
  });

  test("to values that the server's mode of today refuses: an ENUM's error beside a member '', impossible dates", async () => {
    await stage(
      "create table t (id int primary key, e enum('a','','b'), f enum('a','','b'), d date, at datetime(3), kept int) engine = InnoDB; set sql_mode = 'ALLOW_INVALID_DATES'; insert into t values (1, 'none', 'none', '2020-02-31', '2021-02-30 10:00:00.5', 1), (2, '', '', '0000-00-00', '2020-00-00', 2), (3, 'b', 'b', null, null, 3)",
      async (db) => {
        const all = "select id, e + 0 as e, f + 0 as f, cast(d as char) as d, cast(at as char) as at, kept from t order by id";
        const before = await db.rows(all);
        expect(before).toMatchObject([
          { e: 0, f: 0, d: "2020-02-31" },
          { e: 2, f: 2 },
          { e: 3, f: 3 },
        ]);
        const run = await lifecycleOf(db, [
          { kind: "rename-column", table: "t", from: "e", to: "sort" },
          { kind: "drop-column", table: "t", column: "f" },
          { kind: "drop-column", table: "t", column: "d" },
          { kind: "drop-column", table: "t", column: "at" },
        ]);
        await run.to("drop");
        await run.undo("start");
        expect(await db.rows(all)).toEqual(before);
      },
    );
  });

  test.each(["drop-column", "rename-column"] as const)("to a SET's member '', which reads like no member, by %s", async (kind) => {
    const wide = `set('',${Array.from({ length: 63 }, (_, i) => `'m${i}'`).join(",")})`;
    await stage(
      `create table t (id int primary key, s set('','a','b') default 'a', w ${wide}, kept int) engine = InnoDB; insert into t values (1, 1, 1, 1), (2, 0, 9223372036854775808, 2), (3, 3, 18446744073709551615, 3), (4, null, null, 4)`,
      async (db) => {
        const all = "select id, s | 0 as s, w | 0 as w from t order by id";
        const before = await db.rows(all);
        const run = await lifecycleOf(
          db,
          ["s", "w"].map((name) => (kind === "drop-column" ? { kind, table: "t", column: name } : { kind, table: "t", from: name, to: `${name}_new` })),
        );
        await run.to("expand");
        await db.rows("insert into t (id, s, w) values (5, 3, 1), (6, 1, 3), (7, 1, 1); update t set s = 0 where id = 7; update t set s = 1 where id = 7");
        const written = { 5: [3, 1], 6: [1, 3], 7: [1, 1] };
        await run.to("drop");
        if (kind === "rename-column") expect(await db.rows("select id, s_new | 0 as s, w_new | 0 as w from t where id < 5 order by id")).toEqual(before);
        await db.rows("update t set kept = 20 where id = 2");
        await run.undo("start");
        const rows = await db.rows<{ id: number; s: number; w: number }>(all);
        expect(rows.slice(0, 4)).toEqual(before);
        expect(Object.fromEntries(rows.slice(4).map(({ id, s, w }) => [id, [Number(s), Number(w)]]))).toEqual(written);
      },
    );
  });

  test("to an ENUM whose members hold words of a column's definition", async () => {
    const members = "enum('very compressed','a collate x','z')";
    await stage(
      `create table t (id int primary key, s ${members} not null) engine = InnoDB; insert into t values (1, 'very compressed'), (2, 'z')`,
      async (db) => {
        const run = await lifecycleOf(db, [
          { kind: "transform", table: "t", from: ["s"], to: [{ name: "sort", type: members, up: "s" }], down: { s: "sort" } },
        ]);
        await run.to("retire");
        await db.rows("update t set sort = 'a collate x' where id = 2");
        await run.back("start");
        expect(await db.rows("select s from t order by id")).toEqual([{ s: "very compressed" }, { s: "a collate x" }]);
      },
    );
  });

  test("to a column that may be NULL and has a default", async () => {
    await stage(
      "create table t (id int primary key, a int, b varchar(10) default 'q', kept int) engine = InnoDB; insert into t values (1, 7, 'x', 1), (2, null, null, 2)",
      async (db) => {
        const run = await lifecycleOf(db, [
          { kind: "drop-column", table: "t", column: "a" },
          { kind: "drop-column", table: "t", column: "b" },
        ]);
        await run.to("drop");
        await db.rows("insert into t (id, kept) values (3, 3)");
        await run.undo("start");
        expect(await db.rows("select * from t order by id")).toEqual([
          { id: 1, a: 7, b: "x", kept: 1 },
          { id: 2, a: null, b: null, kept: 2 },
          { id: 3, a: null, b: "q", kept: 3 },
        ]);
      },
    );
  });
});

describe.runIf(hasMariadb)("columns that are filled", () => {
  test("a new one, NOT NULL, there and back", async () => {
    await stage("create table t (id int primary key, v int not null) engine = InnoDB; insert into t select seq, seq from seq_1_to_100", async (db) => {
      const before = await db.rows("show create table t");
      const run = await lifecycleOf(db, [{ kind: "add-column", table: "t", column: { name: "twice", type: "bigint", notNull: true }, fill: "v * 2" }]);
      await run.to("backfill");
      await db.rows("insert into t (id, v) values (200, 5); update t set v = 6 where id = 200");
      await run.to("drop");
      expect(await db.rows("select count(*) as n from t where twice = v * 2")).toEqual([{ n: "100" }]);
      expect(await db.rows("select twice from t where id = 200")).toEqual([{ twice: "10" }]);
      const [after] = await db.rows<Record<string, string>>("show create table t");
      expect(after?.["Create Table"]).toMatch(/`twice` bigint(\(20\))? NOT NULL,/);
      await run.undo("start");
      expect(await db.rows("show create table t")).toEqual(before);
    });
  });

  test("one that was there and may hold NULL", async () => {
    await stage(
      "create table t (id int primary key, v int) engine = InnoDB; insert into t select seq, if(seq % 2, seq, null) from seq_1_to_100",
      async (db) => {
        const before = await db.rows("show create table t");
        const run = await lifecycleOf(db, [{ kind: "set-not-null", table: "t", column: "v", fill: "0" }]);
        await run.to("backfill");
        await db.rows("insert into t (id) values (200)");
        await run.to("drop");
        expect(await db.rows("select count(*) as n, sum(v) as v from t")).toEqual([{ n: "101", v: "2500" }]);
        const [after] = await db.rows<Record<string, string>>("show create table t");
        expect(after?.["Create Table"]).toMatch(/`v` int(\(11\))? NOT NULL,/);
        await run.undo("start");
        expect(await db.rows("show create table t")).toEqual(before);
      },
    );
  });
});

describe.runIf(hasMariadb)("what needs no second shape", () => {
  test("a table, a column, an index and statements of one's own, there and back", async () => {
    await stage("create table t (id int primary key, v int) engine = InnoDB; insert into t values (1, 1)", async (db) => {
      const before = await db.rows("show create table t");
      const run = await lifecycleOf(db, [
        {
          kind: "create-table",
          table: "u",
          columns: [
            { name: "id", type: "bigint", notNull: true },
            { name: "note", type: "varchar(10)", default: "'it''s'", comment: "a \\ b" },
          ],
          primaryKey: ["id"],
        } as unknown as Operation,
        { kind: "add-column", table: "t", column: { name: "w", type: "int", default: "7" } },
        { kind: "add-index", table: "t", name: "by_v", keys: [{ column: "v", order: "desc" }] },
        {
          kind: "sql",
          phase: "expand",
          statements: ["create table s (id int) engine = InnoDB", "insert into s values (1), (2)", "update s set id = 3 where id = 1"],
          undo: ["update s set id = 1 where id = 3", "delete from s", "drop table s"],
        } as unknown as Operation,
      ]);
      await run.to("drop");
      expect(await db.rows("select * from t")).toEqual([{ id: 1, v: 1, w: 7 }]);
      expect(await db.rows("select group_concat(id order by id) as ids from s")).toEqual([{ ids: "2,3" }]);
      await db.rows("insert into u (id) values (1)");
      expect(await db.rows("select note from u")).toEqual([{ note: "it's" }]);
      await run.undo("start");
      expect(await db.rows("show create table t")).toEqual(before);
      expect(await db.rows("show tables")).toHaveLength(1);
    });
  });

  test("the plain form on empty tables", async () => {
    await stage("create table t (id int primary key, name varchar(40) not null, v int not null, key by_name (name)) engine = InnoDB", async (db) => {
      const run = await lifecycleOf(
        db,
        [
          { kind: "rename-column", table: "t", from: "v", to: "w" },
          {
            kind: "transform",
            table: "t",
            from: ["name"],
            to: [{ name: "called", type: "varchar(60)", notNull: true, up: "concat(name, '!')" }],
            down: { name: "called" },
          },
        ],
        { mode: "plain" },
      );
      await run.to("drop");
      const [after] = await db.rows<Record<string, string>>("show create table t");
      expect(after?.["Create Table"]).toMatch(
        /`w` int(\(11\))? NOT NULL,\s+`called` varchar\(60\) NOT NULL,\s+PRIMARY KEY \(`id`\),\s+KEY `by_name` \(`called`\)/,
      );
    });
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
