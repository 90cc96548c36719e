// A table without room for both shapes is refused while planning, where its first ALTER would be refused by the server; one byte less goes.
import { describe, expect, test } from "vitest";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import { planOf } from "../../harness/lifecycle.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf } from "./lived.ts";

const recode: Operation = {
  kind: "transform",
  table: "t",
  from: ["v"],
  to: [{ name: "w", type: "varchar(200)", up: "concat(v, '')" }],
  down: { v: "concat(w, '')" },
};
const many = (count: number, of: (i: number) => string): string => Array.from({ length: count }, (_, i) => of(i)).join(", ");
const table = (more: string): string => `create table t (id int primary key, v varchar(200), ${more}) engine = InnoDB default character set latin1`;

/** What refuses the plan; empty where nothing does. */
async function refusals(db: MariadbDatabase, operations: readonly Operation[], t: { onTestFinished(finish: () => unknown): void }): Promise<readonly string[]> {
  const session = await mysqlDriver({ url: db.url }).connect({ purpose: "plan" });
  t.onTestFinished(() => session.close());
  const { findings } = await planOf(session, db.url, operations);
  expect(findings.filter(({ rule, fix }) => rule === "table-full" && !fix)).toEqual([]);
  return findings.flatMap(({ rule, severity, message }) => (severity === "refuse" ? [`${rule}: ${message}`] : []));
}

/** There and back. */
async function lives(db: MariadbDatabase, operations: readonly Operation[]): Promise<void> {
  const life = await lifecycleOf(db, operations);
  await life.to("drop");
  await life.undo("start");
}

describe.runIf(hasMariadb)("a table that is nearly full", () => {
  test("of long values takes a second shape or is refused, to the byte", { timeout: 60_000 }, async (t) => {
    // int, both varchars with their length, smallint, tinyint, and a byte for what may be NULL.
    const left = 65_535 - 4 - 201 - 201 - 2 - 1 - 1;
    for (const [bytes, fits] of [
      [left, true],
      [left + 1, false],
    ] as const) {
      const db = await mariadbDatabaseFor(t);
      await db.rows(table(`x varchar(${bytes - 32_000 - 4}) not null, y varchar(32000) not null`));
      await db.rows("insert into t values (1, 'a', '', '')");
      const refused = await refusals(db, [recode], t);
      if (fits) {
        expect(refused).toEqual([]);
        await lives(db, [recode]);
      } else {
        expect(refused).toEqual([expect.stringContaining("table-full")]);
        expect(refused[0]).toContain("together with w: a row could have 65,536 bytes");
        await expect(db.rows("alter table t add column w varchar(200), add column m smallint null, add column p tinyint not null")).rejects.toThrow(
          /Row size too large/,
        );
      }
    }
  });

  // A record's header and hidden columns, id, both varchars, smallint, tinyint, and a byte for what may be NULL.
  const left = 8_125 - 18 - 4 - 2 * (onMysql ? 41 : 201) - 2 - 1 - 1;
  const filled = (bytes: number): string => `${many(Math.floor(bytes / 255), (i) => `b${i} binary(255) not null`)}, z binary(${bytes % 255}) not null`;

  test("of short values too, by the page", { timeout: 60_000 }, async (t) => {
    for (const [bytes, fits] of [
      [left, true],
      [left + 1, false],
    ] as const) {
      const db = await mariadbDatabaseFor(t);
      await db.rows(table(filled(bytes)));
      const refused = await refusals(db, [recode], t);
      if (fits) {
        expect(refused).toEqual([]);
        await lives(db, [recode]);
      } else {
        expect(refused).toEqual([expect.stringMatching(/^table-full: .*bytes of its page, and InnoDB takes 8,125/)]);
        await expect(db.rows("alter table t add column w varchar(200), add column m smallint null, add column p tinyint not null, force")).rejects.toThrow(
          /Row size too large/,
        );
      }
    }
  });

  test("must be refused by us: an instant ADD COLUMN may be accepted there, and then old code's writes fail", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(table(filled(left + 1)));
    const names = [...Array.from({ length: Math.floor((left + 1) / 255) }, (_, i) => `b${i}`), "z"];
    await db.rows(
      `insert into t (id, v, ${names.join(", ")}) values (1, repeat('v', ${onMysql ? 40 : 200})${", repeat('x', 255)".repeat(names.length - 1)}, repeat('x', ${(left + 1) % 255}))`,
    );
    expect(await refusals(db, [recode], t)).toEqual([expect.stringContaining("table-full")]);
    const accepted = await db
      .rows("alter table t add column w varchar(200), add column m smallint null, add column p tinyint not null, algorithm=instant")
      .then(
        () => true,
        () => false,
      );
    // MySQL 9.7 refuses it (error 4157).
    expect(accepted).toBe(!onMysql);
    if (accepted) await expect(db.rows("update t set w = repeat('w', 200), m = 1")).rejects.toThrow(/Row size too large/);
  });

  test("is not refused where the server takes it with a warning", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(table(filled(left + 1)));
    const session = await mysqlDriver({ url: db.url }).connect({ purpose: "plan" });
    t.onTestFinished(() => session.close());
    const before = (await db.rows<{ now: string }>("select @@global.innodb_strict_mode as now"))[0]?.now;
    await db.rows("set global innodb_strict_mode = off");
    try {
      const { plan, findings } = await planOf(session, db.url, [recode]);
      expect(plan).not.toBeNull();
      expect(findings.find(({ rule }) => rule === "table-full")).toMatchObject({ severity: "warn", message: expect.stringContaining("8,125") });
      await lives(db, [recode]);
    } finally {
      await db.rows(`set global innodb_strict_mode = ${before}`);
    }
  });

  test("of columns", { timeout: 60_000 }, async (t) => {
    for (const [count, fits] of [
      [1012, true],
      [1013, false],
    ] as const) {
      const db = await mariadbDatabaseFor(t);
      await db.rows(table(many(count, (i) => `c${i} tinyint not null`)));
      const refused = await refusals(db, [recode], t);
      if (fits) {
        expect(refused).toEqual([]);
        await lives(db, [recode]);
      } else expect(refused).toEqual([expect.stringContaining("there would be 1,018 columns, and InnoDB takes 1,017")]);
    }
  });

  test("of indexes, those that come along and the one that finds unfilled rows counted", { timeout: 60_000 }, async (t) => {
    const add: Operation = { kind: "add-index", table: "t", name: "more", keys: [{ column: "v" }] };
    for (const [count, operations, fits] of [
      [60, [recode], true],
      [63, [recode], false],
      [62, [add], true],
      [63, [add], false],
    ] as const) {
      const db = await mariadbDatabaseFor(t);
      await db.rows(table(`a int, ${many(count, (i) => `key k${i} (a)`)}`));
      const refused = await refusals(db, operations, t);
      if (fits) {
        expect(refused).toEqual([]);
        await lives(db, operations);
      } else expect(refused).toEqual([expect.stringContaining("there would be 65 indexes, and the server takes 64")]);
    }
  });

  test("is refused for a column and for a new table alike", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(table("x varchar(32000) not null, y varchar(32000) not null"));
    const column: Operation = { kind: "add-column", table: "t", column: { name: "z", type: "varchar(1500)" } };
    expect(await refusals(db, [column], t)).toEqual([expect.stringContaining("table-full")]);
    await expect(db.rows("alter table t add column z varchar(1500)")).rejects.toThrow(/Row size too large/);
    const long = ["x", "y"].map((name) => ({ name, type: "varbinary(40000)" }));
    const created: Operation = { kind: "create-table", table: "u", columns: long };
    expect(await refusals(db, [created], t)).toEqual([expect.stringContaining("table-full")]);
    await expect(db.rows("create table u (x varbinary(40000), y varbinary(40000))")).rejects.toThrow(/Row size too large/);
  });
});
