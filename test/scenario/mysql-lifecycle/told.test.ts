// What a plan says to people: titles without holes, and no warning of what will not happen.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { planned } from "./lived.ts";

const recode: Operation = { kind: "transform", table: "t", from: ["v"], to: [{ name: "w", type: "bigint", up: "v + 1" }], down: { v: "w - 1" } };
const table =
  "create table t (id int primary key, v int, k int, twice int as (k * 2) virtual, key by_v (v)) engine = InnoDB; insert into t (id, v) values (1, 2)";

describe.runIf(hasMariadb)("a plan", () => {
  test("has titles that are whole before the run is open", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(table);
    const { plan } = await planned(db, [
      recode,
      { kind: "create-table", table: "n", columns: [{ name: "t", type: "int" }], foreignKeys: [{ columns: ["t"], table: "t", references: ["id"] }] },
      { kind: "add-index", table: "t", name: "by_k", keys: [{ column: "k" }] },
    ]);
    const titles = (plan?.steps ?? []).flatMap((step) => [step, ...step.undo]).map(({ title }) => title);
    expect(titles).toContain(`build the index of rows that are not filled on ${db.name}.t`);
    expect(titles).toContain(`drop the index of rows that are not filled of ${db.name}.t`);
    expect(titles.filter((title) => title.includes("{{"))).toEqual([]);
  });

  test("warns of a lost place where a column comes back as the last one, and not where its rename is an exchange", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(table);
    const warned = async (operation: Operation): Promise<readonly string[]> =>
      (await planned(db, [operation])).findings.flatMap(({ rule, severity, subject }) =>
        rule === "columns-not-named" && severity === "warn" ? [subject.name] : [],
      );
    expect(await warned(recode)).toEqual([`${db.name}.t.v`]);
    expect(await warned({ kind: "rename-column", table: "t", from: "v", to: "w" })).toEqual([]);
  });
});
