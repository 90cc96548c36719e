// A virtual column that comes after the plan, by the run or by hand: MariaDB puts no column before one, and a dropped one must come back all the same.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb } from "../../harness/mariadb.ts";
import { lifecycleOf, look, stage } from "./lived.ts";

const typed = {
  kind: "add-column",
  table: "v",
  column: { name: "yy", type: "int", generated: { kind: "virtual", expression: "year(at)" } },
} as unknown as Operation;
const bySql = {
  kind: "sql",
  statements: ["alter table v add column yy int as (year(at)) virtual"],
  undo: ["alter table v drop column yy"],
} as unknown as Operation;
const drop: Operation = { kind: "drop-column", table: "v", column: "b" };
const rename: Operation = { kind: "rename-column", table: "v", from: "b", to: "c" };
const transform: Operation = {
  kind: "transform",
  table: "v",
  from: ["b"],
  to: [{ name: "small", type: "varchar(10)", up: "lower(b)" }],
  down: { b: "small" },
};

const cases: readonly (readonly [string, readonly Operation[], byHand: string | null])[] = [
  ["a drop, beside a virtual column of the run", [drop, typed], null],
  ["a drop, behind a virtual column of the run", [typed, drop], null],
  ["a drop, beside one by statements", [drop, bySql], null],
  ["two drops", [drop, { kind: "drop-column", table: "v", column: "a" }, typed], null],
  ["a rename", [rename, { kind: "drop-column", table: "v", column: "a" }, typed], null],
  ["a transform", [transform, typed], null],
  ["a drop, before one that somebody adds when the run is over", [drop], "alter table v add column yy int as (year(at)) virtual"],
];

describe.runIf(hasMariadb)("undo after drop", () => {
  test.each(cases)("of %s", async (_, operations, byHand) => {
    await stage("create table v (id int primary key, a int, b varchar(10), at datetime not null) engine = InnoDB", async (db) => {
      await db.rows("insert into v values (1, 7, 'x', '2024-01-31 10:00:00'), (2, 8, 'Y', '2025-01-31 10:00:00')");
      const rows = "select id, a, b, at from v order by id";
      const before = await db.rows(rows);
      const lines = async () => (await look(db, "v")).create.replaceAll(",", "").split("\n").toSorted();
      const columns = await lines();
      const run = await lifecycleOf(db, operations);
      await run.to("drop");
      if (byHand !== null) await db.rows(byHand);
      expect((await run.undo("start")).outcome).toBe("reverted");
      if (byHand !== null) await db.rows("alter table v drop column yy");
      expect(await db.rows(rows)).toEqual(before);
      expect(await lines()).toEqual(columns);
    });
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
