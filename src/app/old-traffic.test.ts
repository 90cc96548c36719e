// Finding the counter of a table's old side by the names that plans have given it.
import { expect, test } from "vitest";
import type { Plan } from "../plan/plan.ts";
import { byCounter, counterTemplates, uncounted } from "./old-traffic.ts";

const users = { table: { schema: "my_shop", name: "users" }, columns: ["name"] };
const plan = (counter: string): Plan => ({ steps: [{ act: { kind: "statements", statements: [`create sequence hotstick.${counter}`] } }] }) as unknown as Plan;

test("a run whose plan was stored under the former name is counted too", () => {
  const [now, former] = counterTemplates(users);
  expect(former).toBe("old_writes_{{run}}_my_shop_users");
  expect(now).not.toBe(former);
  expect([...byCounter(7, [users]).keys()]).toEqual([now?.replace("{{run}}", "7"), "old_writes_7_my_shop_users"]);
  for (const name of [now, former]) expect(uncounted(plan(name ?? ""), [users], (each) => counterTemplates(each), new Set())).toHaveLength(1);
  expect(uncounted(plan("others"), [users], (each) => counterTemplates(each), new Set())).toEqual([]);
});

test("a name that says whose it is has one form only", () => {
  expect(counterTemplates({ table: { schema: "public", name: "users" }, columns: [] })).toEqual(["old_writes_{{run}}_public_users"]);
});
