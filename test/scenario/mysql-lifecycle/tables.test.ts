// Names, keys, indexes and tables of every make, there and back from each phase: schema and rows as they were.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { phases } from "../../../src/step/phase.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { lifecycleOf, look } from "./lived.ts";

const cases: readonly (readonly [name: string, create: string, operations: readonly Operation[], accept?: readonly string[]])[] = [
  [
    "names",
    "create table t (id int primary key, `a``b 'c\"d.e\\f` int not null default 3, `select` varchar(5), `é` int, key `k``1` (`a``b 'c\"d.e\\f` desc, `select`(2)), key `k(2)` (`select`) comment 'x`select`y') engine=InnoDB; insert into t values (1,2,'q',3)",
    [
      { kind: "rename-column", table: "t", from: "a`b 'c\"d.e\\f", to: "from" },
      { kind: "rename-column", table: "t", from: "select", to: "`x`" },
      { kind: "rename-column", table: "t", from: "é", to: "ü" },
    ],
  ],
  [
    "case",
    "create table t (id int primary key, Name int, other int) engine=InnoDB; insert into t values (1,2,3)",
    [{ kind: "rename-column", table: "t", from: "Name", to: "Label" }],
  ],
  [
    "composite key",
    "create table t (id int, b varchar(20), c date, v int not null, primary key (b, id, c)) engine=InnoDB; insert into t select seq % 10, concat('k', seq % 7), '2024-01-01' + interval seq day, seq from seq_1_to_5000",
    [{ kind: "transform", table: "t", from: ["v"], to: [{ name: "w", type: "bigint", notNull: true, up: "v * 2" }], down: { v: "w div 2" } }],
  ],
  [
    "first column",
    "create table t (v int not null comment 'c', id int primary key, z int) engine=InnoDB; insert into t values (5,1,2)",
    [{ kind: "rename-column", table: "t", from: "v", to: "w" }],
  ],
  [
    "several",
    "create table t (id int primary key, a int not null, b varchar(30), c int not null, d int) engine=InnoDB; insert into t values (1,2,'x',4,5),(2,3,null,5,null)",
    [
      { kind: "rename-column", table: "t", from: "a", to: "aa" },
      { kind: "transform", table: "t", from: ["b"], to: [{ name: "bb", type: "varchar(40)", up: "upper(b)" }], down: { b: "bb" } },
      { kind: "drop-column", table: "t", column: "c", down: "aa" },
      { kind: "add-column", table: "t", column: { name: "e", type: "int", notNull: true }, fill: "id" },
    ],
  ],
  [
    "merge",
    "create table t (id int primary key, a varchar(20) not null, b varchar(20)) engine=InnoDB; insert into t values (1,'x','y'),(2,'q',null)",
    [
      {
        kind: "transform",
        table: "t",
        from: ["a", "b"],
        to: [{ name: "ab", type: "varchar(60)", notNull: true, up: "concat_ws('|', a, b)" }],
        down: { a: "substring_index(ab, '|', 1)", b: "if(locate('|', ab) > 0, substring_index(ab, '|', -1), null)" },
      },
    ],
  ],
  [
    "swap with more",
    "create table t (id int primary key, name varchar(50) not null, k int) engine=InnoDB; insert into t values (1,'Ada King',1),(2,'Bob',2)",
    [
      {
        kind: "transform",
        table: "t",
        from: ["name"],
        to: [
          { name: "name", type: "varchar(60)", notNull: true, up: "substring_index(name, ' ', 1)" },
          { name: "last", type: "varchar(60)", up: "if(locate(' ', name) > 0, substring_index(name, ' ', -1), null)" },
        ],
        down: { name: "concat_ws(' ', name, last)" },
      },
    ],
    ["swaps-names"],
  ],
  [
    "two swaps",
    "create table t (id int primary key, a int not null, b int) engine=InnoDB; insert into t values (1,2,3),(2,4,null)",
    [
      {
        kind: "transform",
        table: "t",
        from: ["a"],
        to: [{ name: "a", type: "varchar(30)", notNull: true, up: "cast(a as char)" }],
        down: { a: "cast(a as signed)" },
      },
      { kind: "transform", table: "t", from: ["b"], to: [{ name: "b", type: "bigint", up: "b" }], down: { b: "b" } },
    ],
    ["swaps-names"],
  ],
  [
    "tinyint and enum not null",
    "create table t (id int primary key, a tinyint not null, e enum('x','y') not null, key (e)) engine=InnoDB; insert into t values (1,2,'y')",
    [
      { kind: "rename-column", table: "t", from: "a", to: "aa" },
      { kind: "transform", table: "t", from: ["e"], to: [{ name: "ee", type: "enum('X','Y')", notNull: true, up: "upper(e)" }], down: { e: "lower(ee)" } },
    ],
  ],
  [
    "unique",
    "create table t (id int primary key, a int not null, b int, unique key u (a), unique key v (b, a)) engine=InnoDB; insert into t values (1,2,3),(2,3,3)",
    [{ kind: "rename-column", table: "t", from: "a", to: "aa" }],
  ],
  [
    "unread generated column",
    "create table t (id int primary key, g int as (`id` + 1) stored, h int as (`id` * 2) virtual, a int not null) engine=InnoDB; insert into t (id, a) values (1,2)",
    [{ kind: "rename-column", table: "t", from: "a", to: "b" }],
  ],
  [
    "stored after",
    "create table t (id int primary key, a int not null, g int as (`id` + 1) stored, u int not null, unique key (u, g)) engine=InnoDB; insert into t (id, a, u) values (1,2,3)",
    [{ kind: "rename-column", table: "t", from: "a", to: "b" }],
  ],
  [
    "compressed",
    "create table t (id int primary key, a int not null, b varchar(20), d int) engine=InnoDB row_format=compressed; insert into t values (1,2,'x',3)",
    [
      { kind: "rename-column", table: "t", from: "a", to: "aa" },
      { kind: "drop-column", table: "t", column: "b" },
    ],
  ],
  [
    "partitions",
    "create table t (id int, day int, v int not null, primary key (id, day)) engine=InnoDB partition by range (day) (partition p0 values less than (10), partition p1 values less than maxvalue); insert into t select seq, seq % 20, seq from seq_1_to_100",
    [{ kind: "transform", table: "t", from: ["v"], to: [{ name: "w", type: "bigint", up: "v" }], down: { v: "w" } }],
  ],
];

describe.runIf(hasMariadb)("there and back", () => {
  describe.each(cases.map(([name, ...rest]) => ({ name, rest })))("$name", ({ rest: [create, operations, accept] }) => {
    test.for(phases)("from %s", { timeout: 60_000 }, async (goal, { task, onTestFinished }) => {
      const db = await mariadbDatabaseFor({ task, onTestFinished });
      await db.rows(create);
      const before = await look(db, "t");
      const run = await lifecycleOf(db, operations, accept ? { accept } : {});
      await run.to(goal);
      const state = await (goal === "drop" ? run.undo("start") : run.back("start"));
      expect(state.outcome).toBe("reverted");
      expect(await look(db, "t")).toEqual(before);
    });
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
