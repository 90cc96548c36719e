// What writers must never notice, and what the server or other triggers could spoil.
import { describe, expect, test } from "vitest";
import { creationSettings, syncStatements, together } from "../../../src/dialects/mysql/sync/statements.ts";
import type { Problem } from "../../../src/problem.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { inputFor, lay } from "./laid.ts";
import { copy, newColumn, people, transform } from "./shapes.ts";

type Test = Parameters<typeof mariadbDatabaseFor>[0];

async function crowd(t: Test, rows = ""): Promise<MariadbDatabase> {
  const db = await mariadbDatabaseFor(t);
  await db.rows(
    `create table people (id int primary key, name varchar(200) not null, visits int not null default 0)${rows === "" ? "" : `; insert into people (id, name) values ${rows}`}`,
  );
  return db;
}

const number = transform({
  old: ["price"],
  new: [newColumn("amount", "decimal(5,2)"), newColumn("details", "json")],
  up: [
    ["`price` / 3", { total: false }],
    ["if(`price` like 'x%', '{bad', json_array(`price`))", { total: false }],
  ],
  down: ["cast(`amount` * 3 as char)"],
});

describe.runIf(hasMariadb)("writers on MariaDB", () => {
  test("an up that raises leaves the row unfilled: no error, no warning, in no sql_mode, for no form of write", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(
      "create table goods (id int primary key, price varchar(20)); insert into goods values (1, '4'), (2, 'none'), (3, '1000000'), (4, 'x'), (5, null)",
    );
    const laid = await lay(db, "goods", [number], { canRaise: ["amount", "details"] });
    expect(await laid.batch()).toBe(5);
    // Rows that cannot be filled are passed by from then on, and still stop the switch.
    expect(await laid.batch()).toBe(0);
    expect(await laid.unfilled()).toBe(3);
    const sides = () => db.rows("select id, price, amount, concat(details) as details, hotstick_side as side from goods order by id");
    expect(await sides()).toEqual([
      { id: 1, price: "4", amount: "1.33", details: '["4"]', side: 1 },
      { id: 2, price: "none", amount: null, details: null, side: -2 },
      { id: 3, price: "1000000", amount: null, details: null, side: -2 },
      { id: 4, price: "x", amount: null, details: null, side: -2 },
      { id: 5, price: null, amount: null, details: "[null]", side: 1 },
    ]);
    for (const mode of ["''", "'strict_all_tables,no_zero_date'"])
      for (const write of [
        "insert into goods (id, price) values (9, 'none'), (10, '7')",
        "insert ignore into goods (id, price) values (9, 'none')",
        "replace into goods (id, price) values (9, 'x')",
        "insert into goods (id, price) select 9, '1000000'",
        "insert into goods (id, price) values (1, '1') on duplicate key update price = 'none'",
        "update goods set price = 'none' where id in (1, 2)",
        "update ignore goods set price = 'xy' where id = 1",
      ]) {
        await db.rows("delete from goods where id > 5; update goods set price = '4' where id = 1");
        expect([write, await db.rows(`set sql_mode = ${mode}; ${write}; show warnings`)]).toEqual([write, []]);
      }
    expect((await sides()).map(({ id, side }) => `${id}:${side}`)).toEqual(["1:null", "2:-2", "3:-2", "4:-2", "5:1"]);
    await db.rows("update goods set price = '6' where id in (1, 2, 3, 4)");
    expect(await laid.unfilled()).toBe(0);
    expect(await laid.bad()).toBe(0);
  });

  test("the handler without SQLWARNING, or none at all, fails the old writer", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table goods (id int primary key, price varchar(20))");
    const laid = await lay(db, "goods", [number], { canRaise: ["amount", "details"] });
    const [, insert = ""] = laid.statements.create.map((one) => laid.fill(one));
    await db.rows(insert.replaceAll("sqlexception, sqlwarning", "sqlexception"));
    await expect(db.rows("insert into goods (id, price) values (1, 'none')")).resolves.toBeDefined();
    const naive = await lay(
      db,
      "goods",
      [{ ...number, up: number.kind === "transform" ? number.up.map((up) => ({ ...up, total: true })) : [] } as typeof number],
      { bare: true },
    );
    expect(naive.statements.create.join()).not.toContain("handler");
    await expect(db.rows("insert into goods (id, price) values (2, 'none')")).rejects.toMatchObject({ errno: 1292 });
    await expect(db.rows("insert into goods (id, price) values (3, 'x1')")).rejects.toMatchObject({ errno: expect.any(Number) as number });
  });

  test("a write that changes nothing changes nothing, on filled rows and on others; affected rows are the bare table's", async (t) => {
    const db = await crowd(t, "(1, 'Ada King'), (2, 'Bo Did')");
    await db.rows("create table bare as select * from people; alter table bare add primary key (id)");
    await lay(db, "people", [people, { kind: "supply", column: "visits", adds: null, fill: null, notNull: true, enforce: "retire" }]);
    await db.rows("update people set name = 'Ada Queen' where id = 1; update bare set name = 'Ada Queen' where id = 1");
    const client = await db.connect();
    const affected = async (text: string): Promise<number> => ((await client.query(text))[0] as { affectedRows: number }).affectedRows;
    for (const write of [
      "update % set name = name",
      "update % set visits = 0",
      "update % set name = 'Bo Did' where id = 2",
      "update % set id = id, name = 'Ada Queen' where id = 1",
      "insert into % (id, name) values (2, 'Bo Did') on duplicate key update name = values(name)",
      "update % set name = 'New Name' where id = 2",
      "update % set visits = visits + 1",
      "delete from % where id = 1",
    ])
      expect([write, await affected(write.replace("%", "people"))]).toEqual([write, await affected(write.replace("%", "bare"))]);
  });

  test("a column with ON UPDATE CURRENT_TIMESTAMP: no change moves it, a touch moves both sides, a batch moves neither", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(
      "create table t (id int primary key, n int, at timestamp not null default current_timestamp on update current_timestamp); insert into t values (1, 0, '2020-01-01'), (2, 0, '2020-01-01')",
    );
    const laid = await lay(db, "t", [copy("at", "changed_at", "timestamp")], { onUpdate: ["at", "changed_at"] });
    const years = () => db.rows("select year(at) as at, year(changed_at) as changed from t order by id");
    expect(await laid.batch()).toBe(2);
    expect(await years()).toEqual([
      { at: 2020, changed: 2020 },
      { at: 2020, changed: 2020 },
    ]);
    const client = await db.connect();
    const affected = async (text: string): Promise<number> => ((await client.query(text))[0] as { affectedRows: number }).affectedRows;
    expect(await affected("update t set n = 0")).toBe(0);
    expect(await affected("update t set n = 1 where id = 1")).toBe(1);
    await db.rows("update t set n = 2, at = '2021-01-01' where id = 2");
    const now = new Date().getFullYear();
    expect((await years()).map(({ at, changed }) => [Math.abs(Number(at) - now) < 2 ? "now" : at, at === changed])).toEqual([
      ["now", true],
      [2021, true],
    ]);
    await db.rows(
      "update t set n = 3, changed_at = '2022-01-01' where id = 2; update t set at = '2019-01-01' where id = 1; update t set at = now() where id = 1",
    );
    expect((await years()).map(({ at, changed }) => [at, at === changed])).toEqual([
      [expect.any(Number), true],
      [2022, true],
    ]);
    // Without the clause on the new side it would stay behind.
    await expect(lay(db, "t", [copy("at", "other", "timestamp")], { bare: true, onUpdate: ["at"] })).rejects.toThrow(/ON UPDATE/);
    const computed = transform({ old: ["at"], new: [newColumn("day", "date")], up: ["cast(`at` as date)"], down: ["`day`"] });
    await expect(inputFor(db, "t", [computed]).then((input) => syncStatements(input))).rejects.toMatchObject({
      code: "generated-column",
    } satisfies Partial<Problem>);
  });

  test("a user's trigger that is created in mid-run fires after ours; it is found, and ours are last again", async (t) => {
    const db = await crowd(t);
    await db.rows("create trigger earlier before insert on people for each row set new.name = upper(new.name)");
    const laid = await lay(db, "people", [people]);
    await db.rows("insert into people (id, name) values (1, 'ada king')");
    expect(await db.rows("select name, first from people")).toEqual([{ name: "ADA KING", first: "ADA" }]);
    expect(await laid.misplaced()).toEqual([]);
    await db.rows(
      "create trigger later before insert on people for each row set new.name = lower(new.name); create trigger later2 before update on people for each row set new.name = lower(new.name)",
    );
    await db.rows("insert into people (id, name) values (2, 'Bo Did')");
    expect(await db.rows("select name, first from people where id = 2")).toEqual([{ name: "bo did", first: "BO" }]);
    expect((await laid.misplaced()).toSorted()).toEqual([
      "the trigger later fires after hotstick_sync_insert_people",
      "the trigger later2 fires after hotstick_sync_update_people",
    ]);
    expect(await laid.bad()).toBe(1);
    await db.rows(
      [
        ...creationSettings,
        ...together(
          laid.input.table,
          [...laid.statements.drop, ...laid.statements.create].map((one) => laid.fill(one)),
        ),
      ].join(";\n"),
    );
    // Made for no other trigger, ours would trust a batch that the other one changes.
    expect(await laid.misplaced()).toEqual([expect.stringContaining("the trigger later2 fires before hotstick_sync_update_people")]);
    await db.rows("insert into people (id, name) values (3, 'Cy Two'); update people set name = 'BO DID2' where id = 2");
    expect(await laid.bad()).toBe(0);
    await db.rows("drop trigger hotstick_sync_insert_people; drop trigger later2");
    expect(await laid.misplaced()).toEqual(["the trigger hotstick_sync_insert_people is gone"]);
  });

  test("a user's trigger that is created in mid-run and fires before ours is found, and so is what a batch took over from it", async (t) => {
    const db = await crowd(t);
    await db.rows("insert into people (id, name) values (1, 'Ada King')");
    const laid = await lay(db, "people", [people]);
    await db.rows(
      "create trigger sooner before update on people for each row precedes hotstick_sync_update_people set new.name = upper(new.name); insert into people (id, name) values (2, 'Bo Did')",
    );
    await laid.batch();
    expect(await laid.misplaced()).toEqual([
      "the trigger sooner fires before hotstick_sync_update_people, and was made since the run began: drop it, go on, and make it again when the run is over",
    ]);
    expect(await db.rows("select name, first from people where id = 1")).toEqual([{ name: "ADA KING", first: "Ada" }]);
    expect(await laid.bad()).toBe(1);
  });

  test("a unique index on the hidden copy makes other rows disappear; a plain one does not", async (t) => {
    for (const unique of ["unique index", "index"]) {
      const db = await mariadbDatabaseFor(t);
      await db.rows("create table t (id int primary key, a varchar(20)); insert into t values (1, 'Ada'), (2, 'Bo')");
      const low = transform({ old: ["a"], new: [newColumn("b", "varchar(20)")], up: ["lower(`a`)"], down: ["`b`"] });
      const laid = await lay(db, "t", [low]);
      await laid.batch();
      await db.rows(`alter table t add ${unique} (b)`);
      await db.rows("replace into t (id, a) values (3, 'ADA')");
      await db.rows("insert into t (id, a) values (4, 'BO') on duplicate key update a = 'changed'");
      const left = await db.rows("select id, a from t order by id");
      if (unique === "index") expect(left.map(({ id, a }) => `${id} ${a}`)).toEqual(["1 Ada", "2 Bo", "3 ADA", "4 BO"]);
      else expect(left.map(({ id, a }) => `${id} ${a}`)).toEqual(["2 changed", "3 ADA"]);
    }
  });

  test("an expression sees the writer's time zone, but not the writer's sql_mode and character set", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, at timestamp null, a varchar(20) character set latin1)");
    await lay(db, "t", [
      transform({ old: ["at"], new: [newColumn("hour", "int")], up: ["hour(`at`)"], down: ["null"], marker: "hotstick_side_1" }),
      transform({ old: ["a"], new: [newColumn("b", "varchar(20)")], up: ["concat(`a`, 'é', '\"')"], down: ["`b`"], marker: "hotstick_side_2" }),
    ]);
    await db.rows("set time_zone = '+00:00', timestamp = 1729989000; insert into t (id, at, a) values (1, now(), 'ü')");
    await db.rows(
      "set time_zone = '+05:00', timestamp = 1729989000, sql_mode = 'ansi_quotes,no_backslash_escapes'; set names latin1; insert into t (id, at, a) values (2, now(), _utf8mb4 0xc3bc)",
    );
    const [one, two] = await db.rows<{ hour: number; b: string }>("select hour, b from t order by id");
    // This is why the planner refuses such an expression.
    expect([one?.hour, two?.hour]).toEqual([0, 5]);
    expect([one?.b, two?.b]).toEqual(['üé"', 'üé"']);
  });

  test("a writer without any right on our triggers' account writes all the same, and the definer is the one who created them", async (t) => {
    const db = await crowd(t);
    const laid = await lay(db, "people", [people]);
    const user = `writer_${db.name}`.slice(0, 60);
    await db.rows(`create user '${user}'@'%' identified by 'x'; grant select, insert, update on \`${db.name}\`.people to '${user}'@'%'`);
    t.onTestFinished(async () => {
      const { createConnection } = await import("mysql2/promise");
      const admin = await createConnection({ uri: db.server.url() });
      await admin.query(`drop user if exists '${user}'@'%'`);
      await admin.end();
    });
    const { createConnection } = await import("mysql2/promise");
    const client = await createConnection({ uri: db.url, user, password: "x" });
    await client.query("insert into people (id, name) values (1, 'Ada King')");
    await client.end();
    expect(await laid.bad()).toBe(0);
    const [definer] = await db.rows<{ definer: string; me: string }>(
      "select definer as definer, current_user() as me from information_schema.triggers where event_object_schema = database() limit 1",
    );
    expect(definer?.definer).toBe(definer?.me);
  });
});
