import { describe, expect, test } from "vitest";
import type { Lock } from "../../step/step.ts";
import type { TransactionRequest } from "../dialect.ts";
import { enact } from "./enact.ts";

const lock = (name: string, mode: string, strong: boolean): Lock => ({ table: { schema: "app", name }, mode, strong });
const request: TransactionRequest = { lease: "LEASE", journal: ["JOURNAL"], locks: [], guards: [], statements: ["DDL"], lockTimeout: 100, holdTimeout: 0 };

describe("transaction", () => {
  test("without strong locks nothing is capped and the commit is durable", () => {
    expect(enact.transaction(request)).toEqual([
      "begin",
      "set local statement_timeout = 0",
      "set local lock_timeout = 3000",
      "LEASE",
      "JOURNAL",
      "set local lock_timeout = 100",
      "DDL",
      "commit",
    ]);
  });

  test("the journal comes before the locks, autovacuum is asked first, and each statement gets what is left of the budget", () => {
    const sent = enact.transaction({
      ...request,
      locks: [lock("b", "ACCESS EXCLUSIVE", true), lock("a", "ACCESS EXCLUSIVE", true), lock("a", "SHARE", true), lock("c", "ROW SHARE", false)],
      holdTimeout: 200,
    });
    const said = sent.map((statement) => (statement.startsWith("select pg_catalog.set_config('statement_timeout'") ? "REST" : statement));
    expect(said).toEqual([
      "begin",
      "set local synchronous_commit = local",
      "set local statement_timeout = 0",
      "set local lock_timeout = 3000",
      "LEASE",
      "JOURNAL",
      'lock table "app"."a", "app"."b" in share update exclusive mode',
      "set local lock_timeout = 100",
      expect.stringContaining("hotstick.begun"),
      "REST",
      'lock table "app"."a", "app"."b" in access exclusive mode',
      "REST",
      'lock table "app"."c" in row share mode',
      "REST",
      "DDL",
      "set local statement_timeout = 0",
      "commit",
    ]);
  });

  test("guards look by an index, and what they guard is planned as ever", () => {
    const sent = enact.transaction({ ...request, guards: ["GUARD"] }).map((statement) => (statement.includes("GUARD") ? "GUARD" : statement));
    expect(sent.slice(-5)).toEqual(["set local enable_seqscan = off", "GUARD", "set local enable_seqscan to default", "DDL", "commit"]);
  });

  test("a guard keeps its text whatever is in it", () => {
    const [guard = ""] = enact.transaction({ ...request, guards: ["select '$h$ $h1$' as problem"] }).filter((statement) => statement.startsWith("do "));
    expect(guard).toMatch(/^do \$h\d*\$declare found record; begin\s+for found in execute \$h2\$select '\$h\$ \$h1\$' as problem\$h2\$ loop/);
  });
});

describe("bounds", () => {
  test("one column is compared as it is, several as a row, values as literals of their type", () => {
    expect(enact.bounds([{ name: "id", type: "bigint" }], ["5"])).toEqual({ after: `"id" > '5'::bigint`, upto: `"id" <= '5'::bigint` });
    expect(
      enact.bounds(
        [
          { name: 'A"b', type: "text" },
          { name: "n", type: "numeric(10,2)" },
        ],
        ["it's \\", "1.50"],
      ).after,
    ).toBe(`("A""b", "n") > (E'it''s \\\\'::text, '1.50'::numeric(10,2))`);
  });
});
