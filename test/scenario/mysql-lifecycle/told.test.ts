// What a plan says to people: titles without holes, and no warning of what will not happen.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf, planned } from "./lived.ts";

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
    // MySQL refuses a column of a check.
    expect(await why(to("k", "k", {}), ["swaps-names"])).toBe(onMysql ? undefined : "The check comes with it.");
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

  test("refuses a table whose ENUM is left out of INSERTs, which no trigger may meet, and carries it where it has a default", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, s enum('a','b') not null, z int) engine = InnoDB");
    const rename: Operation = { kind: "rename-column", table: "t", from: "z", to: "zz" };
    const { plan, findings } = await planned(db, [rename]);
    expect(plan).toBeNull();
    expect(findings.filter(({ severity }) => severity === "refuse")).toMatchObject([{ rule: "enum-without-default", subject: { name: `${db.name}.t.s` } }]);
    await db.rows("alter table t alter column s set default 'a'");
    const life = await lifecycleOf(db, [rename]);
    await life.to("backfill");
    await db.rows("insert into t (id, z) values (3, 3)");
    expect(await db.rows("select s from t")).toEqual([{ s: "a" }]);
  });

  test("warns of columns whose missing values nothing tells after retire", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, f boolean not null, n int not null, w int) engine = InnoDB");
    const drops = ["f", "n", "w"].map((column): Operation => ({ kind: "drop-column", table: "t", column, down: "1" }));
    const { findings } = await planned(db, drops);
    expect(findings.flatMap(({ rule, subject }) => (rule === "down-until-retire" ? [subject.name] : []))).toEqual([`${db.name}.t.f`, `${db.name}.t.w`]);
  });

  test.skipIf(onMysql)("warns where INSERT … SELECT cannot leave an old column out, and only there", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(
      "create table t (id int primary key, b boolean not null, c boolean not null default 0, d boolean, e enum('x', 'y') not null, i int not null) engine = InnoDB",
    );
    const renames = ["b", "c", "d", "e", "i"].map((from): Operation => ({ kind: "rename-column", table: "t", from, to: `new_${from}` }));
    const { plan, findings } = await planned(db, renames);
    expect(plan).not.toBeNull();
    expect(findings.flatMap(({ rule, severity, subject }) => (rule === "no-default" ? [`${severity} ${subject.name}`] : []))).toEqual([`warn ${db.name}.t.b`]);
    const insert = "insert into t (id, new_b, new_c, new_d, new_e, new_i) select 1, true, true, true, 'y', 7";
    const life = await lifecycleOf(db, renames);
    await life.to("switch");
    await expect(db.rows(insert)).rejects.toMatchObject({ errno: 1364 });
    await life.back("start");
    await db.rows("alter table t alter column b set default 0");
    const again = await lifecycleOf(db, renames);
    expect(again.findings.filter(({ rule }) => rule === "no-default")).toEqual([]);
    await again.to("switch");
    await db.rows(insert);
    await again.to("drop");
    expect(await db.rows("select * from t")).toEqual([{ id: 1, new_b: 1, new_c: 1, new_d: 1, new_e: "y", new_i: 7 }]);
  });
});
