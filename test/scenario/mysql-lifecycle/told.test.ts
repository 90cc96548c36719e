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

  test("says of a column that is shown what changes about it, and no more", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, v int not null, k int check (k > 0)) engine = InnoDB; insert into t values (1, 2, 3)");
    const to = (name: string, old: string, more: object): Operation => ({
      kind: "transform",
      table: "t",
      from: [old],
      to: [{ name, type: "bigint", up: `${old} + 1`, ...more }],
      down: { [old]: `${name} - 1` },
    });
    const why = async (operation: Operation, accept: readonly string[] = []): Promise<string | undefined> =>
      (await planned(db, [operation], { accept })).plan?.steps.find(({ title }) => title.endsWith("becomes what it was asked to be"))?.why;
    const since = "; NOT NULL it has been since it was added.";
    expect(await why(to("w", "v", { notNull: true }))).toBe(`The default that stood for a value not given goes${since}`);
    expect(await why(to("w", "v", { notNull: true, default: "7" }))).toBe(`It gets its own default, the default that stood for a value not given goes${since}`);
    expect(await why(to("w", "v", { default: "7" }))).toBe("It gets its own default.");
    expect(await why(to("k", "k", {}), ["swaps-names"])).toBe("The check comes with it.");
    expect(await why(to("w", "v", {}))).toBeUndefined();
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
