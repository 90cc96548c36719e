// Routines, triggers and events that use a column which leaves, found by the rules under which each was made.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { accountFor } from "../mysql-app/doctored.ts";
import { planned } from "./lived.ts";

const rename: Operation = { kind: "rename-column", table: "t", from: "v", to: "w" };
const plain = "create table t (id int primary key, v int) engine = InnoDB; create table o (id int primary key, z int) engine = InnoDB";

type Case = readonly [what: string, create: string, rule: string, severity: "refuse" | "warn", subject: RegExp];
const cases: readonly Case[] = [
  ["names in double quotes, under ANSI_QUOTES", `set sql_mode = 'ANSI_QUOTES'; create procedure x() select "v" from "t"`, "dependent-routine", "refuse", /x/],
  ["a trigger under ANSI", `set sql_mode = 'ANSI'; create trigger x before insert on t for each row set new."v" = 1`, "dependent-trigger", "refuse", /x/],
  [
    "an event under ANSI_QUOTES",
    `set sql_mode = 'ANSI_QUOTES'; create event x on schedule every 1 day disable do update "t" set "v" = 1`,
    "dependent-routine",
    "refuse",
    /x/,
  ],
  ["a string that is executed", "create procedure x() execute immediate 'update t set v = 1'", "may-name-column", "warn", /x/],
  [
    "a string that is put together and prepared",
    "create procedure x(which text) begin set @s = concat('update ', which, ' set v = 1'); prepare s from @s; execute s; end",
    "may-name-column",
    "warn",
    /x/,
  ],
  ["an INSERT without columns", "create procedure x() insert into t values (1, 2)", "columns-not-named", "warn", /x/],
  ["SELECT * INTO", "create procedure x() begin declare a, b int; select * into a, b from t limit 1; end", "columns-not-named", "warn", /x/],
  ["a NATURAL JOIN", "create procedure x() select count(*) from o natural join t", "columns-not-named", "warn", /x/],
  ["a variable with its columns", "create procedure x() begin declare r row type of t; set @n = 1; end", "columns-not-named", "warn", /x/],
  [
    "another table's trigger that inserts without columns",
    "create trigger x after insert on o for each row insert into t values (new.id, 2)",
    "columns-not-named",
    "warn",
    /x/,
  ],
  [
    "a package",
    "set sql_mode = 'ORACLE'; create package x as procedure p(); end; create package body x as procedure p() as begin update t set v = 1; end; end",
    "may-name-column",
    "warn",
    /x/,
  ],
];

/** MySQL has no such statements. */
const isThere = ([, create]: readonly [string, string, ...unknown[]]): boolean => !onMysql || !/execute immediate|row type of|create package/.test(create);

describe.runIf(hasMariadb)("a column that leaves", () => {
  test.for(cases.filter(isThere))("is used by %s", async ([, create, rule, severity, subject], { task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows(plain);
    const connection = await db.connect();
    for (const statement of create.startsWith("set sql_mode") ? [create.slice(0, create.indexOf(";")), create.slice(create.indexOf(";") + 1)] : [create])
      for (const each of statement.includes("create package") ? statement.split(/;(?= create package)/) : [statement]) await connection.query(each);
    const { plan, findings } = await planned(db, [rename]);
    expect(plan === null).toBe(severity === "refuse");
    const found = findings.filter((finding) => finding.rule === rule && finding.severity === severity && subject.test(finding.subject.name));
    expect(found.length, JSON.stringify(findings)).toBeGreaterThan(0);
    expect(found[0]?.fix).toBeTruthy();
  });

  const innocent: readonly (readonly [what: string, create: string])[] = [
    ["strings that are no names, under the usual rules", `create procedure x() select "v" from o where z = "t"`],
    [
      "rows of another table as a whole",
      "create procedure x() begin declare r row type of o; insert into o values (1, 2); select * from o natural join o as p; end",
    ],
    ["a trigger of its own that names other columns", "create trigger x before insert on t for each row set new.id = new.id + 1"],
    ["dynamic SQL about something else", "create procedure x() execute immediate 'update o set z = 1'"],
    ["COUNT(*)", "create procedure x() select count(*) from t"],
  ];
  test.for(innocent.filter(isThere))("is not used by %s", async ([, create], { task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows(plain);
    await (await db.connect()).query(create);
    const { plan, findings } = await planned(db, [rename]);
    expect(plan).not.toBeNull();
    expect(findings.filter(({ subject }) => /\bx$/.test(subject.name))).toEqual([]);
  });

  test("may be used by what an account cannot read, and that is said", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(`${plain}; create view x as select v from t; create procedure y() select v from t`);
    const few = await accountFor(t, db);
    await db.rows(`grant select, insert, update, delete, create, drop, alter, trigger, index, execute, create temporary tables on ${db.name}.* to ${few.name}`);
    const { findings } = await planned({ name: db.name, url: few.url }, [rename]);
    const said = findings.filter(({ rule, severity }) => rule === "may-name-column" && severity === "warn").map(({ subject }) => subject.name);
    expect(said).toEqual(expect.arrayContaining([`${db.name}.y`, "x"]));
  });
});
