// Generated columns over a renamed column: the server computes them before a trigger gives the old name a value, and new code inserts on.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf, planned } from "./lived.ts";

const rename: Operation = { kind: "rename-column", table: "t", from: "v", to: "w" };

const carried: readonly (readonly [columns: string, value: string, computed: string])[] = [
  ["v varchar(40) not null, g varchar(60) as (concat(lower(`v`), '!')) stored", "'B'", "b!"],
  ["v int not null, g bigint as (`v` + 1) virtual, h bigint as (`g` * 2) virtual", "4", "5"],
  ["v int not null default 3, g int as (`v` * 2) virtual", "4", "8"],
  ["v int default 3, z int, g int as (`v` * 2 + coalesce(`z`, 0)) virtual", "4", "8"],
  ["v datetime not null default current_timestamp(), g int as (year(`v`)) virtual", "'2021-01-01 00:00:00'", "2021"],
  ["v tinyint not null, g int as (`v` + 1) virtual, h int as (`v` * 2) stored", "4", "5"],
  ["v varchar(8) not null, z varchar(8) default 'z', g varchar(20) as (concat(`v`, `z`)) virtual", "'b'", "bz"],
  ["v varchar(20) not null, z varchar(8) default 'z', g varchar(40) as (concat(`v`, `z`)) virtual", "'b'", "bz"],
  ["v date not null, g int as (year(`v`)) stored", "'2021-01-01'", "2021"],
];

const refused: readonly (readonly [columns: string, subject: string, message: RegExp])[] = [
  ["v int not null, g int as (`v` * 2) virtual", "g", /Out of range/],
  ["v varchar(20) not null, g varchar(10) as (lower(`v`)) stored", "g", /too long/],
  ["v date not null, g year as (year(`v`)) stored", "g", /Out of range/],
  ["v int not null, z int, g int as (`v` + `z`) virtual", "g", /could fail/],
  ["v int not null default 0, g int as (10 div `v`) stored", "g", /Division by 0/],
  ["v tinyint not null, g int as (10 div `v`) stored", "g", /Division by 0/],
  ["v tinyint not null, g int as (`v` + 1) virtual, h int as (`g` * 2) virtual", "v", /Virtual columns g, h/],
];

// MySQL renames no column that a generated one names.
describe.runIf(hasMariadb && !onMysql)("a renamed column", () => {
  test.for(carried)("lets new code insert at every phase: %s", async ([columns, value, computed], { task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows(`create table t (id int primary key, ${columns}) engine = InnoDB; insert into t (id, v) values (1, ${value})`);
    const life = await lifecycleOf(db, [rename]);
    let id = 1;
    const insert = async (name: string): Promise<void> => {
      id += 1;
      await db.rows(`insert into t (id, ${name}) values (${id}, ${value})`);
    };
    for (const goal of ["backfill", "switch"] as const) {
      await life.to(goal);
      await insert("v");
      await insert("w");
    }
    await life.to("retire");
    await insert("w");
    await life.back("switch");
    await insert("v");
    await insert("w");
    await life.to("drop");
    await insert("w");
    const rows = await db.rows<{ g: unknown; same: unknown }>(`select g, w = ${value} as same from t`);
    expect(rows.map(({ g, same }) => [String(g), Number(same)])).toEqual(Array.from({ length: id }, () => [computed, 1]));
  });

  test.for(refused)("is refused where they could not be computed: %s", async ([columns, subject, message], { task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows(`create table t (id int primary key, ${columns}) engine = InnoDB`);
    const { plan, findings } = await planned(db, [rename]);
    expect(plan).toBeNull();
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: "dependent-generated-column",
        severity: "refuse",
        subject: { kind: "column", name: `${db.name}.t.${subject}` },
        message: expect.stringMatching(message),
        fix: expect.stringContaining("alter column v set default"),
      }),
    );
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
