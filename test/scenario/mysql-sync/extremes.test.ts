// Every type at its limits, through every way a value takes: written on either side, filled by batches, judged, archived and given back.
import { describe, expect, test } from "vitest";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf } from "../mysql-lifecycle/lived.ts";
import { lay } from "./laid.ts";
import { copy, newColumn, transform } from "./shapes.ts";

/** A type, and values that something has been known to change. NULL is tried with each. */
const everywhere: readonly (readonly [type: string, values: readonly string[]])[] = [
  ["tinyint", ["-128", "127", "0"]],
  ["tinyint unsigned", ["255", "0"]],
  ["smallint", ["-32768", "32767"]],
  ["smallint unsigned", ["65535"]],
  ["mediumint", ["-8388608", "8388607"]],
  ["mediumint unsigned", ["16777215"]],
  ["int", ["-2147483648", "2147483647"]],
  ["int unsigned", ["4294967295"]],
  ["int(5) unsigned zerofill", ["7", "99999"]],
  ["bigint", ["-9223372036854775808", "9223372036854775807"]],
  ["bigint unsigned", ["18446744073709551615", "9223372036854775808"]],
  ["decimal(65,30)", [`-${"9".repeat(35)}.${"9".repeat(30)}`, `${"9".repeat(35)}.${"9".repeat(30)}`, `0.${"0".repeat(29)}1`, "-0.0"]],
  ["decimal(65,0) unsigned", ["9".repeat(65)]],
  ["decimal(38,38)", [`0.${"9".repeat(38)}`]],
  ["decimal(30,30)", [`0.${"9".repeat(30)}`]],
  ["varchar(40) collate utf8mb4_0900_ai_ci", ["'ada'", "'ADA '"]],
  ["float", ["3.40282e38", "-3.40282e38", "1.17549e-38", "1.4e-45", "1.1", "16777217", "-0e0", "0.1e0 + 0.2e0"]],
  ["double", ["1.7976931348623157e308", "-1.7976931348623157e308", "2.2250738585072014e-308", "5e-324", "-0e0", "0.30000000000000004", "9007199254740993e0"]],
  ["double unsigned", ["1.7976931348623157e308"]],
  ["float(7,3)", ["9999.999", "-9999.999"]],
  ["double(20,5)", ["123456789012345.12345"]],
  ["bit(1)", ["b'1'", "b'0'"]],
  ["bit(64)", [`b'${"1".repeat(64)}'`, `b'1${"0".repeat(63)}'`, "b'0'"]],
  ["year", ["0", "1901", "2155"]],
  ["date", ["'1000-01-01'", "'9999-12-31'", "'0000-00-00'", "'2024-02-29'", "'2020-00-00'", "'0001-01-01'"]],
  ["datetime(6)", ["'9999-12-31 23:59:59.999999'", "'0000-00-00 00:00:00'", "'0001-01-01 00:00:00.000001'"]],
  ["datetime", ["'9999-12-31 23:59:59'", "'2020-00-00 01:02:03'"]],
  ["timestamp(6) null", ["'1970-01-01 00:00:01.000000'", "'2038-01-19 03:14:07.999999'", "'0000-00-00 00:00:00'"]],
  ["timestamp null", ["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'"]],
  ["time(6)", ["'838:59:59.999999'", "'-838:59:59.999999'", "'-00:00:00.000001'", "'00:00:00'"]],
  ["time", ["'838:59:59'", "'-838:59:59'"]],
  ["char(20)", ["'a'", "'A'", "'á'", "''", "'😀😀'", "_binary 'a\\0b'"]],
  ["char(255) character set latin1", ["'ÿé'", "repeat('é', 255)"]],
  ["char(20) collate utf8mb4_nopad_bin", ["'a'", "'A'"]],
  ["varchar(40)", ["'ada'", "'ADA'", "'ádá'", "'ada '", "'ada  '", "''", "' '", "'😀'", "'a\\tb\\n\\\\'", "char(0)", "concat('a', char(0))"]],
  ["varchar(40) collate utf8mb4_bin", ["'ada'", "'ada '"]],
  ["varchar(40) collate utf8mb4_nopad_bin", ["'ada'", "'ada '"]],
  ["varchar(40) collate utf8mb4_unicode_nopad_ci", ["'ada'", "'ADA '"]],
  ["varchar(40) character set latin1", ["'é'", "'e'", "'ÿ '", "'€'"]],
  ["varchar(40) character set ucs2", ["'é'", "'ж '"]],
  ["varchar(40) character set utf16", ["'😀'", "'a '"]],
  ["varchar(40) character set utf8mb3", ["'ж'", "'Ж'"]],
  ["varchar(40) character set sjis", ["'表'"]],
  ["varchar(40) character set ascii", ["'~'"]],
  ["varchar(1000) compressed", ["repeat('y', 1000)", "''", "'y '"]],
  ["text", ["''", "repeat('x', 65535)", "'a '"]],
  ["tinytext", ["repeat('x', 255)"]],
  ["longtext", ["repeat('😀 ', 262144)", "'A'"]],
  ["mediumtext character set ucs2", ["repeat('ж', 5000)"]],
  ["binary(4)", ["x'00'", "x'00ff0000'", "x'20202020'", "x''"]],
  ["varbinary(20)", ["x''", "x'00'", "x'0000'", "x'6100'", "x'61'", "x'6120'", "x'ff5c2700'"]],
  ["tinyblob", ["repeat(x'00', 255)"]],
  ["blob", ["x''", "x'00ff00'", "repeat(x'f0', 65535)"]],
  ["longblob", ["repeat(x'00ff', 524288)"]],
  ["blob compressed", ["repeat(x'00', 5000)"]],
  ["enum('','a','it''s','d,e','É','\\\\')", ["''", "'it''s'", "'d,e'", "'É'", "'\\\\'", "1"]],
  ["enum('x','y') character set latin1", ["'y'"]],
  ["set('a','b','it''s','é')", ["''", "'a,b,it''s,é'", "'é'"]],
  [
    "json",
    ['\'{"b": 1, "a": 2}\'', '\'{"a": 1, "a": 2}\'', "'1.0'", "'1'", "' [ ] '", "'null'", "'\"\\\\u00e9 😀\"'", "concat('[', repeat('1,', 100000), '1]')"],
  ],
  ["uuid", ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-fffffffffffe'", "'123e4567-e89b-12d3-a456-426614174000'"]],
  ["inet6", ["'::'", "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe'", "'::ffff:1.2.3.4'"]],
  ["inet4", ["'0.0.0.0'", "'255.255.255.254'"]],
  ["point", ["point(-0e0, 1e308)", "point(1, 2)"]],
  ["geometry", ["st_geomfromtext('POLYGON((0 0,0 1,1 1,0 0))', 4326)", "st_geomfromtext('GEOMETRYCOLLECTION EMPTY')"]],
];

/** MySQL has no such types; MariaDB 10.11 not that collation. */
const elsewhere = onMysql ? /_nopad_|compressed|^uuid|^inet|\(38,38\)/ : /_0900_/;
const types = everywhere
  .filter(([type]) => !elsewhere.test(type))
  // MySQL's own UPDATE leaves 1.0 where 1 is written over it.
  .map(([type, values]) => [type, onMysql && type === "json" ? values.filter((value) => value !== "'1'") : values] as const);

/** The value of an error, which is number 0 and prints as '': kept in step, and not given back by an archive, which goes by what is printed. */
const synced: typeof types = [...types, ["enum('','a')", ["0", "''", "'a'"]], ["enum('x')", ["0", "'x'"]]];

/** Zero dates, and members that are none: what a lenient application could store, it can have stored. */
const asWriter = (...statements: readonly string[]): string =>
  ["set sql_mode = 'NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'", "set names utf8mb4", ...statements].join(";\n");

/** All that can be read of a value: its bytes and, where these lie, its number. HEX of a number rounds it. */
const image = (type: string, name: string): string => {
  if (/^(float|double)/.test(type)) return `concat(${name} + 0e0, '/', format(${name}, 30))`;
  if (/^enum/.test(type)) return `concat(${name} + 0, '/', hex(${name}))`;
  if (/^bit/.test(type)) return `bin(${name} + 0)`;
  if (/^(char|varchar|text|tinytext|longtext|mediumtext|binary|varbinary|tinyblob|blob|longblob|json|set|point|geometry)/.test(type))
    return `concat(length(${name}), '/', sha2(cast(${name} as binary), 256))`;
  return `cast(${name} as char)`;
};

const collationOf = async (db: MariadbDatabase): Promise<string | undefined> =>
  (
    await db.rows<{ c: string | null }>(
      "select collation_name as c from information_schema.columns where table_schema = database() and table_name = 't' and column_name = 'a'",
    )
  )[0]?.c ?? undefined;

const bare = (type: string): string => type.replace(/ null$/, "");

describe.runIf(hasMariadb)("every type at its limits", () => {
  test.each(synced.map(([type, values]) => ({ type, values })))("$type: sync both ways, backfill, verify", async ({ type, values }) => {
    const finishers: (() => unknown)[] = [];
    const db = await mariadbDatabaseFor({ task: {}, onTestFinished: (finish: () => unknown) => finishers.push(finish) } as never);
    try {
      const all = [...values, "null"];
      const n = all.length;
      await db.rows(`create table t (id int primary key, a ${bare(type)} null, note int not null default 0)`);
      // 1 … n: there before; n + 1 … 2n: inserted through the old side; then through the new side; then updated through either.
      const insert = (column: string, from: number): readonly string[] =>
        all.map((value, i) => `insert into t (id, ${column}) values (${from + i + 1}, ${value})`);
      await db.rows(asWriter(...insert("a", 0)));
      const collation = await collationOf(db);
      const marked = transform({
        old: ["a"],
        new: [newColumn("c", bare(type), collation === undefined ? {} : { collation })],
        up: ["`a`"],
        down: ["`c`"],
      });
      for (const link of ["copy", "transform"] as const) {
        const name = link === "copy" ? "b" : "c";
        if (link === "transform") await db.rows(`delete from t where id > ${n}`);
        const laid = await lay(db, "t", [link === "copy" ? copy("a", "b", bare(type), collation === undefined ? {} : { collation }) : marked], {
          canRaise: link === "transform" ? ["c"] : [],
        });
        await db.rows(asWriter(...insert("a", n), ...insert(name, 2 * n)));
        const [before, after] = [3 * n, 5 * n];
        // Every value in the place of every other one before and behind it, through either side.
        await db.rows(
          asWriter(
            ...all.map((value, i) => `insert into t (id, a) values (${before + i + 1}, ${value}), (${before + n + i + 1}, ${value})`),
            ...all.map((_, i) => `update t set a = ${all[(i + 1) % n]} where id = ${before + i + 1}`),
            ...all.map((_, i) => `update t set ${name} = ${all[(i + 1) % n]} where id = ${before + n + i + 1}`),
            "update t set note = note + 1",
          ),
        );
        await laid.batch();
        expect([link, await laid.unfilled(), await laid.bad()]).toEqual([link, 0, 0]);
        const rows = await db.rows<Record<string, string | number | null>>(
          `select id, ${image(type, "a")} as old, ${image(type, name)} as fresh from t order by id`,
        );
        expect(rows.length).toBe(after);
        for (const row of rows) expect([link, row["id"], row["fresh"]]).toEqual([link, row["id"], row["old"]]);
        // What each row holds is what a table without any sync holds of the same value.
        const first = rows.slice(0, n).map((row) => row["old"]);
        const expected = [...first, ...first, ...first, ...[...first.slice(1), first[0]], ...[...first.slice(1), first[0]]];
        expect(rows.map((row) => row["old"])).toEqual(expected);
        await laid.lift();
      }
    } finally {
      for (const finish of finishers) await finish();
    }
  });

  // A row has room for so many columns twice.
  const groups = Array.from({ length: Math.ceil(types.length / 16) }, (_, i) => types.slice(i * 16, i * 16 + 16));
  test.each(groups.flatMap((of, i) => (["dropped", "renamed"] as const).map((kind) => ({ kind, of, group: i + 1 }))))(
    "$kind to the end, archived and given back: group $group",
    { timeout: 120_000 },
    async ({ kind, of }) => {
      const finishers: (() => unknown)[] = [];
      const db = await mariadbDatabaseFor({ task: {}, onTestFinished: (finish: () => unknown) => finishers.push(finish) } as never);
      try {
        const most = Math.max(...of.map(([, values]) => values.length)) + 1;
        await db.rows(
          asWriter(
            `create table t (id int primary key, ${of.map(([type], i) => `c${i} ${bare(type)} null`).join(", ")}) engine = InnoDB default charset = utf8mb4`,
            ...Array.from({ length: most }, (_, n) => `insert into t values (${n + 1}, ${of.map(([, values]) => values[n] ?? "null").join(", ")})`),
          ),
        );
        const look = (letter: string): Promise<readonly unknown[]> =>
          db.rows(`select id, ${of.map(([type], i) => `${image(type, `${letter}${i}`)} as v${i}`).join(", ")} from t order by id`);
        const before = await look("c");
        const run = await lifecycleOf(
          db,
          of.map((_, i) =>
            kind === "dropped"
              ? ({ kind: "drop-column", table: "t", column: `c${i}` } as const)
              : ({ kind: "rename-column", table: "t", from: `c${i}`, to: `d${i}` } as const),
          ),
        );
        await run.to("drop");
        if (kind === "renamed") expect(await look("d")).toEqual(before);
        await run.undo("start");
        expect(await look("c")).toEqual(before);
      } finally {
        for (const finish of finishers) await finish();
      }
    },
  );
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
