// The table in src/dialects/mysql/types.ts, measured: which comparison sees a change, and that ours sees every one.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differs, fitted, isNot, isNotLiteral, sentinel, variableType } from "../../../src/dialects/mysql/types.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql, versionHere } from "../../harness/mariadb.ts";
import { lay } from "./laid.ts";
import { copy } from "./shapes.ts";

type Seen = "seen" | "missed";
/** Type, before, after; then whether `<=>`, the cast as binary and HEX see it. */
const everywhere: readonly (readonly [type: string, before: string, after: string, equal: Seen, binary: Seen, hex: Seen])[] = [
  ["varchar(20)", "'ada'", "'ADA'", "missed", "seen", "seen"],
  ["varchar(20)", "'ada'", "'ádá'", "missed", "seen", "seen"],
  ["varchar(20)", "'ada'", "'ada '", "missed", "seen", "seen"],
  ["char(20)", "'ada'", "'ADA'", "missed", "seen", "seen"],
  ["longtext", "'ada'", "'ada '", "missed", "seen", "seen"],
  ["varchar(20) collate utf8mb4_bin", "'ada'", "'ada '", "missed", "seen", "seen"],
  ["varchar(20) character set latin1", "'é'", "'e'", "missed", "seen", "seen"],
  ["float", "1.1", "1.1000001", "seen", "missed", "missed"],
  ["float", "16777216", "16777218", "seen", "missed", "seen"],
  ["double", "0.3", "0.30000000000000004", "seen", "seen", "missed"],
  ["decimal(30,20)", "1.2", "1.20000000000000000001", "seen", "seen", "missed"],
  ["int", "1", "2", "seen", "seen", "seen"],
  ["bigint unsigned", "18446744073709551615", "18446744073709551614", "seen", "seen", "seen"],
  ["year", "2020", "2021", "seen", "seen", "seen"],
  ["time(6)", "'10:00:00.000001'", "'10:00:00.000002'", "seen", "seen", "seen"],
  ["datetime(6)", "'2020-01-01 00:00:00.000001'", "'2020-01-01 00:00:00.000002'", "seen", "seen", "seen"],
  ["date", "'0000-00-00'", "'2020-01-01'", "seen", "seen", "seen"],
  ["bit(12)", "b'000000000001'", "b'100000000001'", "seen", "seen", "seen"],
  [
    "bit(64)",
    "b'1111111111111111111111111111111111111111111111111111111111111111'",
    "b'1111111111111111111111111111111111111111111111111111111111111110'",
    "seen",
    "seen",
    "seen",
  ],
  ["binary(4)", "'a'", "'a '", "seen", "seen", "seen"],
  ["varbinary(9)", "'a'", "'a '", "seen", "seen", "seen"],
  ["longblob", "'a'", "'a '", "seen", "seen", "seen"],
  ["json", "'{\"a\":1}'", "'{\"a\": 1}'", "seen", "seen", "seen"],
  ["json", "'\"a\"'", "'\"A\"'", "seen", "seen", "seen"],
  ["geometry", "point(1,2)", "point(1,3)", "seen", "seen", "seen"],
  ["uuid", "'11111111-1111-1111-1111-111111111111'", "'11111111-1111-1111-1111-111111111112'", "seen", "seen", "seen"],
  ["inet6", "'::1'", "'::2'", "seen", "seen", "seen"],
  ["enum('a','b')", "'a'", "'b'", "seen", "seen", "seen"],
  ["enum('','a')", "1", "0", "missed", "missed", "missed"],
  ["set('x','y','z')", "'x,y'", "'x'", "seen", "seen", "seen"],
  ["set('','a')", "3", "2", "missed", "missed", "missed"],
  ["set('','a')", "1", "0", "missed", "missed", "missed"],
  ["int", "null", "0", "seen", "seen", "seen"],
  ["varchar(5)", "null", "''", "seen", "seen", "seen"],
];

/** MySQL has no such types. */
const isThere = (type: string): boolean => !onMysql || !/^(uuid|inet)/.test(type);
const changes = everywhere
  // Its JSON is no text, so spaces in it are nothing.
  .filter(([type, before]) => isThere(type) && !(onMysql && type === "json" && before.includes("{")));

const keepsSign = onMysql || versionHere >= 110_500;

/** HEX of a number rounds it; of what looks alike it is alike. */
const word = (differ: unknown): Seen => (Number(differ) === 1 ? "seen" : "missed");

describe.runIf(hasMariadb)("types on MariaDB", () => {
  test("what sees a change, and what misses it", async (t) => {
    const db = await mariadbDatabaseFor(t);
    for (const [type, before, after, equal, binary, hex] of changes) {
      await db.rows(
        `set sql_mode = ''; create or replace table measured (a ${type}, b ${type}) default character set utf8mb4 collate utf8mb4_general_ci; insert into measured values (${before}, ${after})`,
      );
      const [row] = await db.rows<Record<string, unknown>>(
        `select not (a <=> b) as equal, not (cast(a as binary) <=> cast(b as binary)) as bytes, not (hex(a) <=> hex(b)) as hex, ${differs(type, "a", "b")} as ours, ${differs(type, "a", "a")} as same from measured`,
      );
      expect([type, before, after, word(row?.["equal"]), word(row?.["bytes"]), word(row?.["hex"]), word(row?.["ours"]), word(row?.["same"])]).toEqual([
        type,
        before,
        after,
        equal,
        binary,
        hex,
        "seen",
        "missed",
      ]);
    }
  });

  test("a time that comes twice: a change is seen and copied exactly, whatever clock the writer has", async (t) => {
    const db = await mariadbDatabaseFor(t);
    // Without the time zone tables there are no hours that come twice.
    const [zone] = await db.rows<{ known: number }>("select convert_tz('2024-10-27 00:30:00', '+00:00', 'Europe/Berlin') is not null as known");
    await db.rows("create table t (id int primary key, at timestamp null)");
    const laid = await lay(db, "t", [copy("at", "moment", "timestamp")]);
    const clock = zone?.known === 1 ? "set time_zone = 'Europe/Berlin'" : "set time_zone = '+02:00'";
    await db.rows(
      `${clock}; set timestamp = 1729989000; insert into t (id, at) values (1, now()); set timestamp = 1729992600; update t set at = current_timestamp`,
    );
    expect(await db.rows("select unix_timestamp(at) as at, unix_timestamp(moment) as moment from t")).toEqual([{ at: "1729992600", moment: "1729992600" }]);
    expect(await laid.bad()).toBe(0);
  });

  test("a negative zero cannot be told from zero, however it is written", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (a double, b float)");
    const client = await db.connect();
    await client.execute("insert into t values (?, ?)", [-0, -0]);
    await client.query("insert into t values (-1e-200 * 1e-200, -1e-200 * 1e-200)");
    const [rows] = await client.execute("select a, b, atan2(a, -1) > 0 as positive from t");
    for (const row of rows as unknown as readonly { a: number; b: number; positive: number }[]) {
      // MySQL and newer MariaDB keep the sign, which no comparison sees.
      expect(Object.is(row.a, -0) || Object.is(row.b, -0)).toBe(keepsSign);
      expect(Number(row.positive)).toBe(keepsSign ? 0 : 1);
    }
  });

  test("copies give back what a lenient writer has stored: zero dates, impossible ones, an ENUM's error, a SET's member ''", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, kind enum('','x'), day date, s set('','x'))");
    const laid = await lay(db, "t", [copy("kind", "sort", "enum('','x')"), copy("day", "date_of", "date"), copy("s", "several", "set('','x')")]);
    await db.rows(
      "set sql_mode = 'allow_invalid_dates'; insert into t (id, kind, day, s) values (1, 'nonsense', '2020-02-31', 1), (2, '', '0000-00-00', 3), (3, 'x', '2020-00-00', 1)",
    );
    await db.rows("set sql_mode = ''; update t set kind = 'nonsense' where id = 2; update t set s = 0 where id = 3; update t set several = 2 where id = 2");
    expect(
      await db.rows(
        "select kind + 0 as kind, sort + 0 as sort, concat(day) as day, concat(date_of) as date_of, s + 0 as s, several + 0 as several from t order by id",
      ),
    ).toEqual([
      { kind: 0, sort: 0, day: "2020-02-31", date_of: "2020-02-31", s: 1, several: 1 },
      { kind: 0, sort: 0, day: "0000-00-00", date_of: "0000-00-00", s: 2, several: 2 },
      { kind: 2, sort: 2, day: "2020-00-00", date_of: "2020-00-00", s: 0, several: 0 },
    ]);
    expect(await laid.bad()).toBe(0);
  });

  const stored: readonly (readonly [type: string, value: string])[] = [
    ["int", "3.7"],
    ["int", "'3.7'"],
    ["bigint unsigned", "18446744073709551615"],
    ["decimal(5,2)", "10 / 7"],
    ["decimal(5,2)", "'1.23456'"],
    ["float", "0.1"],
    ["float", "1e0 / 3"],
    ["double", "1e0 / 3"],
    ["date", "cast('2020-01-01 12:00:00' as datetime)"],
    ["datetime", "'2020-01-01 12:00:00.123456'"],
    ["datetime(3)", "'2020-01-01 12:00:00.123456'"],
    ["timestamp", "'2020-01-01 12:00:00'"],
    ["time", "'12:00:00.9'"],
    ["year", "2020"],
    ["varchar(9)", "concat('a', 1)"],
    ["varchar(9) character set latin1", "'é'"],
    ["char(9)", "'a  '"],
    ["enum('a','b')", "'b'"],
    ["set('x','y')", "'y,x'"],
    ["bit(4)", "5"],
    ["varbinary(9)", "'a '"],
    ["json", "json_object('a', 1)"],
    ["geometry", "point(1, 2)"],
    ["uuid", "'11111111-1111-1111-1111-111111111111'"],
    ["varchar(9)", "null"],
  ];
  test("what is stored is what verify expects, and fits without a note", async (t) => {
    const db = await mariadbDatabaseFor(t);
    for (const [type, value] of stored.filter(([each]) => isThere(each))) {
      await db.rows(`create or replace table t (a ${type}, heard varchar(99))`);
      const heard = "declare exit handler for sqlexception, sqlwarning begin get diagnostics condition 1 @heard = message_text; set new.heard = @heard; end;";
      await db.rows(`create trigger fits before insert on t for each row begin ${heard} set new.a = ${fitted(type, value)}; end`);
      await db.rows("insert into t values ()");
      const [row] = await db.rows<Record<string, unknown>>(
        `select heard, ${isNot(type, "a", value)} as other, ${isNot(type, "a", value === "null" ? "5" : "null")} as another from t`,
      );
      expect([type, value, row?.["heard"], Number(row?.["other"]), Number(row?.["another"])]).toEqual([type, value, null, 0, 1]);
    }
  });

  test("a note of rounding is what a handler for SQLWARNING takes for a failure", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, a decimal(5,2), failed int default 0)");
    await db.rows(
      "create trigger rounds before insert on t for each row begin declare exit handler for sqlexception, sqlwarning set new.failed = 1; set new.a = 10 / 7; end",
    );
    await db.rows("insert into t (id) values (1)");
    expect(await db.rows("select failed from t")).toEqual([{ failed: 1 }]);
  });

  const types = [
    "smallint",
    "mediumint unsigned",
    "int",
    "int unsigned",
    "bigint",
    "bigint unsigned",
    "decimal(5,2)",
    "decimal(12,0) unsigned",
    "decimal(3,3)",
    "double",
    "date",
    "datetime",
    "datetime(6)",
    "timestamp",
    "time",
    "varchar(30)",
    "varchar(30) character set latin1",
    "char(40)",
    "text",
    "longblob",
    "varbinary(30)",
    "json",
    "uuid",
    "inet6",
  ];
  test("a sentinel is an instant default that is recognised again, and holds in a variable", async (t) => {
    const db = await mariadbDatabaseFor(t);
    // MySQL gives no TEXT, BLOB and JSON a default in an instant.
    for (const type of types.filter((each) => isThere(each) && !(onMysql && /^(text|longblob|json)/.test(each)))) {
      const text = sentinel(type, !onMysql);
      expect([type, text]).not.toEqual([type, null]);
      await db.rows(
        `set time_zone = '+00:00'; create or replace table t (id int primary key); insert into t values (1); alter table t add a ${type} not null default ${text} invisible, algorithm=instant`,
      );
      const collation = /latin1/.test(type) ? "latin1_swedish_ci" : "utf8mb4_general_ci";
      const zone = fc.sample(fc.constantFrom("+00:00", "+02:00", "-11:00", "+13:00"), 1)[0];
      const [row] = await db.rows<Record<string, unknown>>(`set time_zone = '${zone}'; select ${isNotLiteral(type, "a", text ?? "")} as other from t`);
      expect([type, zone, Number(row?.["other"])]).toEqual([type, zone, 0]);
      await db.rows(
        `create trigger holds before update on t for each row begin declare was ${variableType(type, collation, false)} default old.a; if ${differs(type, "was", "old.a")} then signal sqlstate '45000'; end if; end; update t set id = 2; drop trigger holds`,
      );
    }
    for (const type of ["tinyint", "enum('a','b')", "set('a')", "bit(8)", "year", "float", "varchar(5)", "point"])
      expect([type, sentinel(type, true)]).toEqual([type, null]);
  });
});
