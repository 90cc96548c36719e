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

const operation = (text: string) =>
  text.startsWith("+") ? { kind: "add-column", table: text.slice(1) } : text === "run" ? { kind: "run" } : { kind: "sql", statements: [text] };
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
])("of %j one reading of the schema allows %i to be planned", (migrations, count) => {
  expect(plannedTogether(migrations.map(migration), { schema, namespace: "app", statement }).length).toBe(count);
});
