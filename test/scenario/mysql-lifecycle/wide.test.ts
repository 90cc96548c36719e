// A table so wide that the server refuses to drop in an instant what it has added in one.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf } from "./lived.ts";

const count = 62;
const names = Array.from({ length: count }, (_, i) => `c${i}`);

describe.runIf(hasMariadb)("a wide table", () => {
  test.each([
    ["varchar(8)", true],
    ["char(10)", true],
    ["varchar(20)", false],
  ] as const)("of 62 columns %s, all renamed in one run: both shapes fit: %s", { timeout: 120_000 }, async (type, onMariadb) => {
    // MySQL 9.7 takes them all.
    const fits = onMariadb || onMysql;
    const finishers: (() => unknown)[] = [];
    const db = await mariadbDatabaseFor({ task: {}, onTestFinished: (finish: () => unknown) => finishers.push(finish) } as never);
    try {
      await db.rows(`create table t (id int primary key, ${names.map((name) => `${name} ${type} not null`).join(", ")}) engine = InnoDB`);
      await db.rows(`insert into t values (1, ${names.map((_, i) => `'v${i}'`).join(", ")})`);
      const before = await db.rows("select * from t");
      const operations = names.map((from, i): Operation => ({ kind: "rename-column", table: "t", from, to: `n${i}` }));
      if (!fits) {
        await expect(lifecycleOf(db, operations)).rejects.toThrow(/table-full: .* a row could take 10,067 bytes of its page/);
        return;
      }
      const run = await lifecycleOf(db, operations);
      await run.to("expand");
      await run.back("start");
      expect(await db.rows("select * from t")).toEqual(before);
      const again = await lifecycleOf(db, operations);
      await again.to("drop");
      await again.undo("start");
      expect(await db.rows("select * from t")).toEqual(before);
    } finally {
      for (const finish of finishers) await finish();
    }
  });
});
