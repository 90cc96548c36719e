import { expect, test } from "vitest";
import type { Migration } from "../plan/plan.ts";
import { plannedTogether } from "./groups.ts";

const migration = (name: string, kinds: string): Migration => ({
  name,
  parents: [],
  operations: kinds.split(" ").map((kind) => ({ kind })),
  accept: [],
  bytesHash: null,
  contentHash: "",
});
const together = (...kinds: readonly string[]): number => plannedTogether(kinds.map((each, i) => migration(String(i), each))).length;

test.each([
  [["create-table", "add-column", "sql"], 3],
  [["sql", "sql", "run"], 3],
  [["sql", "add-column"], 1],
  [["create-table sql", "sql", "add-index"], 2],
  [[], 0],
])("of %j as many as one reading of the schema allows: %i", (kinds, count) => {
  expect(together(...kinds)).toBe(count);
});
