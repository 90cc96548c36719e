import { expect, test } from "vitest";
import { readOperations } from "../operations/index.ts";
import { migration } from "./define.ts";

test("what has a default may be left out, by type and by reading", () => {
  const { operations } = migration({
    operations: [
      { kind: "add-column", table: "users", column: { name: "age", type: "int" } },
      { kind: "sql", statements: ["select 1"] },
    ],
  });
  expect(readOperations(operations, "m")).toMatchObject([{ kind: "add-column" }, { kind: "sql", phase: "expand" }]);
  // @ts-expect-error a kind that does not exist
  migration({ operations: [{ kind: "paint-column" }] });
  migration({ operations: [{ kind: "run", file: "fill/users.ts" }] });
});
