import { describe, expect, test } from "vitest";
import { type Stored, storesWithoutFail } from "../../../src/drivers/mysql/facts/storing.ts";
import { hasMariadb, onMysql } from "../../harness/mariadb.ts";
import { openedWith, tableOf } from "./opened.ts";

const text = (length: number, letter = "ü"): string => `repeat('${letter}', ${length})`;

/** Types, each with values at its edges. */
const everywhere: readonly (readonly [type: string, values: readonly string[]])[] = [
  ["tinyint", ["-128", "127"]],
  ["tinyint unsigned", ["0", "255"]],
  ["smallint", ["-32768", "32767"]],
  ["smallint unsigned", ["65535"]],
  ["mediumint", ["-8388608", "8388607"]],
  ["int", ["-2147483648", "2147483647"]],
  ["int unsigned", ["4294967295"]],
  ["bigint", ["-9223372036854775808", "9223372036854775807"]],
  ["bigint unsigned", ["18446744073709551615"]],
  ["decimal(3,0)", ["-999", "999"]],
  ["decimal(5,2)", ["-999.99", "999.99"]],
  ["decimal(10,0)", ["9999999999"]],
  ["decimal(10,0) unsigned", ["9999999999"]],
  ["decimal(20,0)", ["-99999999999999999999"]],
  ["decimal(65,30)", [`-${"9".repeat(35)}.${"9".repeat(30)}`]],
  ["float", ["-3.4e38", "3.4e38", "0.1"]],
  ["double", ["-1.7976931348623157e308", "0.1"]],
  ["bit(8)", ["b'11111111'"]],
  ["year", ["1901", "2155"]],
  ["date", ["'0001-01-01'", "'9999-12-31'"]],
  ["datetime", ["'0001-01-01 00:00:00'", "'9999-12-31 23:59:59'"]],
  ["datetime(6)", ["'9999-12-31 23:59:59.999999'"]],
  ["timestamp", ["'2038-01-19 03:14:07'"]],
  ["timestamp(6)", ["'2038-01-19 03:14:07.999999'"]],
  ["time", ["'-838:59:59'", "'838:59:59'"]],
  ["time(6)", ["'838:59:58.999999'"]],
  ["char(4)", [text(4), "'a'"]],
  ["varchar(4)", [text(4), "'    '"]],
  ["varchar(4) character set latin1", [text(4)]],
  ["varchar(64)", [text(64, "☃")]],
  ["varchar(300)", [text(300, "☃")]],
  ["tinytext", [text(63, "☃"), text(255, "a")]],
  ["text", [text(16383, "☃"), text(65535, "a")]],
  ["text character set latin1", [text(65535)]],
  ["mediumtext", [text(65536, "a")]],
  ["longtext", [text(100000, "☃")]],
  ["binary(4)", ["0xff00ff00"]],
  ["varbinary(4)", ["0xff00ff00"]],
  ["varbinary(300)", ["repeat(0xff, 300)"]],
  ["tinyblob", ["repeat(0xff, 255)"]],
  ["blob", ["repeat(0xff, 65535)"]],
  ["longblob", ["repeat(0xff, 70000)"]],
  ["enum('a','b')", ["'b'"]],
  ["enum('a','b','c')", ["'c'"]],
  ["set('a','b')", ["'a,b'"]],
  ["uuid", ["'ffffffff-ffff-ffff-ffff-ffffffffffff'"]],
  ["inet6", ["'::1'"]],
  ["json", ["'[1]'"]],
];

/** MySQL has no types for these. */
const types = onMysql ? everywhere.filter(([type]) => !/^(uuid|inet6)$/.test(type)) : everywhere;

/** Types that must be found to fit, so that the test cannot pass by saying no to everything. */
const atLeast = [
  ["tinyint", "bigint"],
  ["tinyint unsigned", "smallint"],
  ["int unsigned", "bigint"],
  ["bigint", "decimal(20,0)"],
  ["decimal(5,2)", "decimal(65,30)"],
  ["date", "datetime"],
  ["varchar(4)", "tinytext"],
  ["varchar(4) character set latin1", "varchar(64)"],
  ["tinytext", "text"],
  ["longtext", "longtext"],
  ["varbinary(4)", "tinyblob"],
  ["float", "double"],
] as const;

describe.runIf(hasMariadb)("storing on MariaDB", () => {
  test("what is said to fit is stored without a word, unchanged", async (t) => {
    const columns = types.map(([type], i) => `create table t${i} (v ${type} null)`);
    const rows = types.flatMap(([, values], i) => values.map((value) => `insert into t${i} values (${value})`));
    const { db, session, read, key } = await openedWith(t, [...columns, ...rows].join(";"));
    const schema = await read();
    const stored = types.map(([type], i): Stored => {
      const [column] = tableOf(schema, key(`t${i}`)).columns;
      return { type: type === "json" ? "json" : (column?.type ?? ""), collation: column?.collation ?? null };
    });
    const fits = types.flatMap((_, from) =>
      types.flatMap((_, to) => (storesWithoutFail(stored[from] as Stored, stored[to] as Stored) ? [[from, to] as const] : [])),
    );
    const names = fits.map(([from, to]) => `${types[from]?.[0]} → ${types[to]?.[0]}`);
    for (const [from, to] of atLeast) expect(names).toContain(`${from} → ${to}`);
    const client = await db.connect();
    await client.query("set sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'");
    for (const [at, [from, to]] of fits.entries()) {
      const said = names[at];
      await client.query(`create temporary table x (v ${types[to]?.[0]} null)`);
      const stores = await client.query(`insert into x select v from t${from}`).then(() => null, String);
      expect(stores, said).toBeNull();
      const [warnings] = await client.query("show warnings");
      expect(warnings, said).toEqual([]);
      const same = /^(?:var)?binary|blob/.test(types[from]?.[0] ?? "") ? "binary(a.v) <=> binary(b.v)" : "a.v <=> b.v";
      const [missing] = await client.query(`select 1 from t${from} a where not exists (select 1 from x b where ${same})`);
      expect(missing, said).toEqual([]);
      await client.query("drop temporary table x");
    }
    expect(session.closed).toBe(false);
  });
});
