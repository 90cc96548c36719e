// Walks along keys of every type: each row is met exactly once, by ranges of the key's own index.
import { describe, expect, test } from "vitest";
import { mysqlDialect } from "../../../src/dialects/mysql/mysql.ts";
import { pageOf } from "../../../src/dialects/mysql/shape/batches.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";

interface Case {
  readonly key: readonly { readonly name: string; readonly type: string }[];
  /** Rows as SQL, in any order. */
  readonly rows: readonly string[];
  /** Clauses of the table. */
  readonly options?: string;
}

const one = (type: string, ...rows: readonly string[]): Case => ({ key: [{ name: "k", type }], rows });

const cases: readonly (readonly [string, Case])[] = [
  ["bigint", one("bigint(20)", "-9223372036854775808", "9223372036854775807", "9223372036854775806", "9007199254740993", "9007199254740992", "0", "-1")],
  ["bigint unsigned", one("bigint(20) unsigned", "18446744073709551615", "18446744073709551614", "9223372036854775808", "0")],
  ["int", one("int(11)", "-2147483648", "2147483647", "0", "5")],
  ["tinyint", one("tinyint(4)", "-128", "127", "0")],
  ["year", one("year(4)", "0", "1901", "2155", "2000")],
  ["decimal", one("decimal(30,10)", "-0.0000000001", "0", "12345678901234567890.1234567890", "12345678901234567890.1234567891", "-1")],
  ["double", one("double", "-1.7976931348623157e308", "1.7976931348623157e308", "0.1", "0.30000000000000004", "0.3", "5e-324", "0")],
  ["float", one("float", "1.1", "1.1000001", "16777216", "16777218", "-3.4e38", "0")],
  ["varchar", one("varchar(40)", "''", "'a'", "'B'", "'c d'", "'it''s'", "'b\\\\c'", "'é'", "'😀'", "'%'", "'_'")],
  ["varchar, bytewise", one("varchar(40) collate utf8mb4_bin", "'a'", "'A'", "'b'", "'B'", "'ä'")],
  ["varchar, case and accents are one", one("varchar(40) collate utf8mb4_unicode_ci", "'a'", "'B'", "'ß'", "'zz'", "'Z'")],
  ["varchar, latin1", one("varchar(40) character set latin1", "'a'", "'é'", "'ÿ'", "'Z'")],
  ["char", one("char(10)", "''", "'a'", "'B'")],
  ["varbinary", one("varbinary(20)", "x''", "x'00'", "x'0000'", "x'ff'", "x'5c27'")],
  ["binary", one("binary(4)", "x'00000000'", "x'ffffffff'", "x'00000001'")],
  ["date", one("date", "'0001-01-01'", "'9999-12-31'", "'2024-02-29'")],
  ["datetime", one("datetime(6)", "'1000-01-01 00:00:00.000001'", "'9999-12-31 23:59:59.999999'", "'2024-02-29 12:00:00'")],
  ["timestamp", one("timestamp(6)", "'1970-01-01 00:00:01.000001'", "'2038-01-19 03:14:07.999999'", "'2024-03-31 02:30:00'")],
  ["time", one("time(6)", "'-838:59:59.999999'", "'838:59:59.999999'", "'-00:00:00.000001'", "'00:00:00'")],
  ["enum", one("enum('z','a','m')", "'z'", "'a'", "'m'")],
  ["set", one("set('z','a','m')", "''", "'z'", "'a'", "'z,m'", "'z,a,m'")],
  ["bit", one("bit(64)", "b'0'", "b'1'", "0xffffffffffffffff", "0x8000000000000000")],
  ["uuid", one("uuid", "'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'", "'123e4567-e89b-12d3-a456-426614174000'")],
  ["inet6", one("inet6", "'::'", "'ffff::1'", "'::ffff:1.2.3.4'")],
  [
    "two columns",
    {
      key: [
        { name: "a", type: "int(11)" },
        { name: "b", type: "varchar(10)" },
      ],
      rows: ["1, 'a'", "1, 'b'", "1, ''", "2, 'a'", "-1, 'z'", "2, 'Z'", "3, 'x'"],
    },
  ],
  [
    "three columns",
    {
      key: [
        { name: "a", type: "bigint(20) unsigned" },
        { name: "b", type: "date" },
        { name: "c", type: "varbinary(4)" },
      ],
      rows: [
        "18446744073709551615, '2024-01-01', x'00'",
        "18446744073709551615, '2024-01-01', x'ff'",
        "18446744073709551615, '2024-01-02', x'00'",
        "0, '2024-01-01', x'00'",
        "0, '2023-01-01', x'01'",
        "7, '2023-01-01', x''",
      ],
    },
  ],
];

describe.runIf(hasMariadb)("a walk along a key", () => {
  test.for(cases)("of %s meets every row once, whatever the size of its batches", async ([, { key, rows }], { expect, task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows(
      `create table t (${key.map(({ name, type }) => `${name} ${type} not null`).join(", ")}, met int not null default 0, primary key (${key.map(({ name }) => name).join(", ")})) engine = InnoDB default charset = utf8mb4; set names utf8mb4; insert into t (${key.map(({ name }) => name).join(", ")}) values ${rows.map((row) => `(${row})`).join(", ")}`,
    );
    const session = await mysqlDriver({ url: db.url }).connect({ purpose: "test" });
    try {
      const { bound, last } = pageOf(key, "t", null);
      const fill = (template: string, holes: Readonly<Record<string, string>>): string =>
        template.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => holes[name] ?? "?");
      const valuesOf = (row: Readonly<Record<string, unknown>>): readonly string[] => key.map((_, i) => String(row[`k${i + 1}`]));
      for (const limit of [1, 2, 100]) {
        await session.script(["update t set met = 0"]);
        const [[end] = []] = await session.script([last]);
        if (end === undefined) throw new Error("no last row");
        let after: readonly string[] | null = null;
        for (let n = 0; n <= rows.length + 1; n += 1) {
          const from: string = after === null ? "true" : mysqlDialect.bounds(key, after).after;
          const upto = mysqlDialect.bounds(key, valuesOf(end)).upto;
          const [[next] = []]: readonly (readonly Readonly<Record<string, unknown>>[])[] = await session.script([
            fill(bound, { after: `(${from} and ${upto})`, limit: String(limit), skip: String(limit - 1) }),
          ]);
          const to: readonly string[] = next === undefined ? valuesOf(end) : valuesOf(next);
          await session.script([`update t set met = met + 1 where ${from} and ${mysqlDialect.bounds(key, to).upto}`]);
          after = to;
          if (JSON.stringify(to) === JSON.stringify(valuesOf(end))) break;
          expect(n, "the walk goes on").toBeLessThanOrEqual(rows.length);
        }
        const met = await db.rows<{ met: number; n: string }>("select met, count(*) as n from t group by met");
        expect(met.map((row) => [row.met, Number(row.n)])).toEqual([[1, rows.length]]);
      }
    } finally {
      await session.close();
    }
  });

  test("reads a range of the key of several columns, not the table", async ({ expect, task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows(
      "create table t (a int, b int, c int, v int, primary key (a, b, c)); insert into t select seq div 100, seq % 100, seq, 0 from seq_1_to_20000; analyze table t",
    );
    const key = ["a", "b", "c"].map((name) => ({ name, type: "int(11)" }));
    const { after } = mysqlDialect.bounds(key, ["100", "50", "10050"]);
    const { upto } = mysqlDialect.bounds(key, ["101", "0", "10100"]);
    const [row] = await db.rows<{ type: string; key: string; rows: string }>(`explain update t set v = 1 where ${after} and ${upto}`);
    expect(row?.type).toBe("range");
    expect(Number(row?.rows)).toBeLessThan(1000);
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
