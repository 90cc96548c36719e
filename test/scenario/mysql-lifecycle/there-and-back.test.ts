// Each shape forward through all phases, and back from each of them: schema and rows as they were.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { type Position, positions } from "../../../src/step/phase.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { lifecycleOf, look } from "./lived.ts";

interface Case {
  readonly create: string;
  readonly rows: string;
  readonly operations: readonly Operation[];
  readonly accept?: readonly string[];
  /** The rows at the end, as new code sees them. */
  readonly after: readonly Record<string, unknown>[];
  /** What new code writes when it is the truth, after switch. */
  readonly writes: string;
}

const cases: readonly (readonly [string, Case])[] = [
  [
    "rename",
    {
      create:
        "create table t (id int primary key, price int not null comment 'net', note varchar(20), key by_price (price), unique key one_price (price, id)) engine = InnoDB default charset = utf8mb4",
      rows: "insert into t values (1, 10, 'a'), (2, 20, null), (3, 30, 'c')",
      operations: [{ kind: "rename-column", table: "t", from: "price", to: "amount" }],
      after: [
        { id: 1, note: "a", amount: 10 },
        { id: 2, note: null, amount: 20 },
        { id: 3, note: "c", amount: 30 },
      ],
      writes: "update t set amount = amount + 0 where id = 1",
    },
  ],
  [
    "split",
    {
      create:
        "create table t (id int primary key, name varchar(100) character set latin1 not null, key by_name (name), day date) engine = InnoDB default charset = utf8mb4",
      rows: "insert into t values (1, 'Ada King', null), (2, 'Bob', '2024-01-01'), (3, 'C D E', null)",
      operations: [
        {
          kind: "transform",
          table: "t",
          from: ["name"],
          to: [
            { name: "first", type: "varchar(100)", notNull: true, up: "substring_index(name, ' ', 1)" },
            { name: "last", type: "varchar(100)", up: "if(locate(' ', name) > 0, substring(name, locate(' ', name) + 1), null)" },
          ],
          down: { name: "concat_ws(' ', first, last)" },
          drops: ["by_name"],
        },
      ],
      after: [
        { id: 1, day: null, first: "Ada", last: "King" },
        { id: 2, day: "2024-01-01", first: "Bob", last: null },
        { id: 3, day: null, first: "C", last: "D E" },
      ],
      writes: "update t set last = last where id = 1",
    },
  ],
  [
    "retype under one name",
    {
      create: "create table t (id int primary key, n int not null, z int, key by_n (n)) engine = InnoDB default charset = utf8mb4",
      rows: "insert into t values (1, 5, 0), (2, -7, 0)",
      operations: [
        {
          kind: "transform",
          table: "t",
          from: ["n"],
          to: [{ name: "n", type: "varchar(40)", notNull: true, up: "cast(n as char)" }],
          down: { n: "cast(n as signed)" },
        },
      ],
      accept: ["swaps-names"],
      after: [
        { id: 1, z: 0, n: "5" },
        { id: 2, z: 0, n: "-7" },
      ],
      writes: "update t set z = 0 where id = 1",
    },
  ],
  [
    "drop",
    {
      create: "create table t (id int primary key, gone varchar(20) not null, kept int, key by_gone (gone, kept)) engine = InnoDB default charset = utf8mb4",
      rows: "insert into t values (1, 'x', 1), (2, 'y', 2)",
      operations: [{ kind: "drop-column", table: "t", column: "gone", down: "'none'" }],
      after: [
        { id: 1, kept: 1 },
        { id: 2, kept: 2 },
      ],
      writes: "update t set kept = kept + 0 where id = 1",
    },
  ],
  [
    "chain",
    {
      create: "create table t (id int primary key, a int not null, w int) engine = InnoDB default charset = utf8mb4",
      rows: "insert into t values (1, 5, 1), (2, 6, 2)",
      operations: [
        { kind: "rename-column", table: "t", from: "a", to: "b" },
        {
          kind: "transform",
          table: "t",
          from: ["b"],
          to: [{ name: "c", type: "varchar(40)", notNull: true, up: "cast(b as char)" }],
          down: { b: "cast(c as signed)" },
        },
      ],
      after: [
        { id: 1, w: 1, c: "5" },
        { id: 2, w: 2, c: "6" },
      ],
      writes: "update t set w = w + 0 where id = 1",
    },
  ],
];

describe.runIf(hasMariadb)("there and back", () => {
  describe.each(cases)("%s", (_, { create, rows, operations, accept, after, writes }) => {
    test("to the end", async ({ expect, task, onTestFinished }) => {
      const db = await mariadbDatabaseFor({ task, onTestFinished });
      await db.rows(create);
      await db.rows(rows);
      const run = await lifecycleOf(db, operations, accept ? { accept } : {});
      const state = await run.to("drop");
      expect(state.outcome).toBe("applied");
      const end = await look(db, "t");
      expect(end.rows).toEqual(after);
      expect(end.triggers).toEqual([]);
      expect(end.create.replaceAll("hotstick_kept", "kept")).not.toMatch(/hotstick/);
    });

    test.each(positions.slice(1) as Position[])("back from %s", async (goal) => {
      const finishers: (() => unknown)[] = [];
      const db = await mariadbDatabaseFor({ task: {}, onTestFinished: (finish: () => unknown) => finishers.push(finish) } as never);
      try {
        await db.rows(create);
        await db.rows(rows);
        const before = await look(db, "t");
        const run = await lifecycleOf(db, operations, accept ? { accept } : {});
        await run.to(goal);
        if (["switch", "retire", "drop"].includes(goal)) await db.rows(writes);
        const state = await (goal === "drop" ? run.undo("start") : run.back("start"));
        expect(state.outcome).toBe("reverted");
        expect(await look(db, "t")).toEqual(before);
      } finally {
        for (const finish of finishers) await finish();
      }
    });
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
