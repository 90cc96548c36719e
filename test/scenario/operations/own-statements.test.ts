// Statements of a user's own on a table whose columns an earlier operation of the same plan changes: until retire there are two of each.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { firstAppStands } from "../../harness/app-stands.ts";
import { lifecycleOf, planFor } from "../../harness/lifecycle.ts";

const rename: Operation = { kind: "rename-column", table: "t", from: "a", to: "b" };
const transform: Operation = { kind: "transform", table: "t", from: ["a"], to: [{ name: "b", type: "int", up: "a + 1" }], down: { a: "b - 1" } };
const swap: Operation = { kind: "transform", table: "t", from: ["a"], to: [{ name: "a", type: "bigint", up: "a + 1" }], down: { a: "a - 1" } };
const drop: Operation = { kind: "drop-column", table: "t", column: "a" };

describe.each(firstAppStands)("on %s", (_, stand) => {
  const index = (columns: string): string => stand.index(`i on t (${columns})`);
  const check = "alter table t add constraint k check (b > -5)";
  const before = `create table t (id int primary key, a int, c int); insert into t select g, g, g from ${stand.series(50)}`;
  const sql = (phase: "expand" | "switch" | "retire" | "drop", statement: string): Operation => ({
    kind: "sql",
    phase,
    statements: [statement],
    undo: ["update t set c = c"],
  });
  /** A rename ends there by an exchange, which only the second column stands in the way of. */
  const exchanges = stand.engine === "mariadb";

  test("is refused while it would hang on a column that goes, or change one that is kept in step", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(before);
    const rules = (operation: Operation, statement: Operation): Promise<string> =>
      planFor(db.url, [operation, statement], { accept: ["swaps-names", "needs-shadow-copy"] }).then(
        () => "planned",
        (error: Error) => /(made-in-same-plan): "/.exec(error.message)?.[1] ?? error.message,
      );
    const refused = "made-in-same-plan";
    for (const operation of [rename, transform, drop]) {
      expect(await rules(operation, sql("expand", index("a")))).toBe(refused);
      expect(await rules(operation, sql("retire", index("c, a")))).toBe(refused);
      expect(await rules(operation, sql("expand", "update t set c = a"))).toBe("planned");
    }
    expect(await rules(swap, sql("expand", index("a")))).toBe(refused);
    expect(await rules(swap, sql("retire", index("a")))).toBe("planned");
    expect(await rules(transform, sql("switch", "alter table t drop column b"))).toBe(refused);
    expect(await rules(rename, sql("expand", index("b")))).toBe(exchanges ? refused : "planned");
    expect(await rules(rename, sql("switch", check))).toBe(exchanges ? refused : "planned");
    // Part of a longer name it is another name.
    expect(await rules(rename, sql("expand", "alter table t add column a_b int"))).toBe("planned");
  });

  test("is refused while it would take the table away from under the operation", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(before);
    const rules = (operation: Operation, statement: Operation): Promise<string> =>
      planFor(db.url, [operation, statement], { accept: ["swaps-names", "needs-shadow-copy"] }).then(
        () => "planned",
        (error: Error) => /(made-in-same-plan): "/.exec(error.message)?.[1] ?? error.message,
      );
    const fill: Operation = { kind: "add-column", table: "t", column: { name: "f", type: "int" }, fill: "c + 1" };
    const taking = ["alter table t rename to u", "drop table t", ...(stand.engine === "mariadb" ? ["rename table t to u", "alter table t rename u"] : [])];
    for (const statement of taking) {
      for (const operation of [rename, transform, drop, fill]) expect(await rules(operation, sql("expand", statement))).toBe("made-in-same-plan");
      expect(await rules(rename, sql("retire", statement))).toBe("made-in-same-plan");
      expect(await rules(rename, sql("drop", statement))).toBe("planned");
    }
    expect(await rules(rename, sql("expand", "alter table t rename column c to d"))).toBe("planned");
  });

  test("is carried where nothing of it goes", { timeout: 120_000 }, async (t) => {
    const fine: readonly (readonly [Operation, Operation])[] = [
      [rename, sql("expand", index("c"))],
      [rename, sql("retire", index("b"))],
      [transform, sql("expand", index("b"))],
      [transform, sql("switch", check)],
      ...(exchanges ? [] : ([[rename, sql("expand", index("b"))]] as const)),
    ];
    for (const [i, operations] of fine.entries()) {
      const db = await stand.databaseFor(t);
      await db.rows(before);
      const life = await lifecycleOf(db.url, operations, { name: `fine ${i}`, accept: ["needs-shadow-copy"] });
      expect(await life.to("drop")).toMatchObject({ outcome: "applied" });
      expect(await db.count("t where b is not null")).toBe(50);
    }
  });
});
