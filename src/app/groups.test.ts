import { expect, test } from "vitest";
import type { Migration } from "../plan/plan.ts";
import type { StatementFact } from "../schema/facts.ts";
import type { Schema } from "../schema/model.ts";
import { plannedTogether } from "./groups.ts";

const schema = {
  tables: { "app.users": { kind: "table", partitionOf: null, inherits: [] }, "app.parts": { kind: "partitioned", partitionOf: null, inherits: [] } },
} as unknown as Schema;

/** `alter table users` names users; `do` nothing. */
const statement = (text: string): StatementFact => {
  const [, what = text, name] = /^(\w+ \w+) (\w+)$/.exec(text) ?? [];
  return { ok: true, what, tables: name === undefined ? [] : [{ schema: null, name }], creates: [] } as unknown as StatementFact;
};

/** `+users` adds a column, `>users` renames it, `do` and the like are SQL. */
const operation = (text: string) => {
  const table = text.slice(1);
  if (text.startsWith("+")) return { kind: "add-column", table, column: { name: "fresh", type: "int" } };
  if (text.startsWith(">")) return { kind: "rename-column", table, from: "fresh", to: "other" };
  return text === "run" ? { kind: "run" } : { kind: "sql", statements: [text] };
};
const migration = (operations: readonly string[], i: number): Migration => ({
  name: String(i),
  parents: [],
  operations: operations.map(operation),
  accept: [],
  bytesHash: null,
  contentHash: "",
});

test.each<[readonly (readonly string[])[], number]>([
  [[], 0],
  [[["+users"], ["+users"], ["do"]], 3],
  [[["do"], ["do"], ["run"]], 3],
  [[["do"], ["+users"]], 1],
  [[["run"], ["+users"]], 1],
  [[["alter table users"], ["+users"]], 1],
  [[["alter table users"], ["+others"], ["+users"]], 2],
  [[["alter table others"], ["+users"], ["+app.users"]], 3],
  [[["alter table others"], ["+parts"]], 1],
  [[["+users"], ["alter table users", "+users"]], 1],
  [[["+users"], [">users"]], 1],
  [[["+users"], [">others"]], 2],
  [[[">users"], ["+users"]], 1],
])("of %j one reading of the schema allows %i to be planned", (migrations, count) => {
  expect(plannedTogether(migrations.map(migration), { schema, namespace: "app", statement, capabilities: { exchangesNames: false } }).length).toBe(count);
});
