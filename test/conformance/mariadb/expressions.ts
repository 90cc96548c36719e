// Columns of every kind with extreme values, and calls of every known function over them.
import type { KnownFunction, Taken } from "../../../src/syntax/mysql/functions.ts";
import type { ValueKind } from "../../../src/syntax/mysql/kinds.ts";

/** Column, its type, its kind. */
export const columns: readonly (readonly [name: string, type: string, kind: ValueKind])[] = [
  ["t", "longtext character set utf8mb4", "text"],
  ["l", "varchar(50) character set latin1", "text"],
  ["e", "enum('', 'a', 'ä,''') character set utf8mb4", "text"],
  ["vb", "varbinary(300)", "binary"],
  ["bi", "bigint", "integer"],
  ["ub", "bigint unsigned", "integer"],
  ["ti", "tinyint unsigned", "integer"],
  ["dc", "decimal(65, 30)", "decimal"],
  ["big", "decimal(65, 0)", "decimal"],
  ["db", "double", "double"],
  ["f", "float", "double"],
  ["d", "date", "date"],
  ["dt", "datetime(6)", "datetime"],
  ["tm", "time(6)", "time"],
  ["ts", "timestamp(6) null", "timestamp"],
  ["j", "json", "text"],
];

/** SQL values per column; the first row takes the first of each, and so on. */
const extremes: Readonly<Record<string, readonly string[]>> = {
  t: ["''", "'abc'", "'Größe 😀 ÿ'", "repeat('x', 3000)", "'%a\\\\_'", "'2026-02-31'", "'-1e400'", "_utf8mb4 x'00'"],
  l: ["''", "'Ä'", "x'ff'", "'%'", "'12abc'"],
  e: ["'a'", "''", "'ä,'''"],
  vb: ["''", "x'fffe00'", "x'f09f98'", "repeat(x'00', 300)", "x'41'"],
  bi: ["0", "-1", "1", "9223372036854775807", "-9223372036854775808", "7"],
  ub: ["0", "18446744073709551615", "1", "9223372036854775808"],
  ti: ["0", "255", "3"],
  dc: [
    "0",
    "99999999999999999999999999999999999.999999999999999999999999999999",
    "-99999999999999999999999999999999999.999999999999999999999999999999",
    "0.000000000000000000000000000001",
    "-0.5",
  ],
  big: ["0", `-${"9".repeat(65)}`, "9".repeat(65)],
  db: ["0", "1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "-0.0", "0.1"],
  f: ["0", "3.4028234e38", "-3.4028234e38", "1.1754944e-38"],
  d: ["'2024-02-29'", "'0000-00-00'", "'2026-00-00'", "'2026-01-00'", "'0001-01-01'", "'9999-12-31'"],
  dt: ["'2026-03-29 02:30:00.5'", "'0000-00-00 00:00:00'", "'9999-12-31 23:59:59.999999'", "'2026-00-00 10:00:00'", "'0001-01-01 00:00:00'"],
  tm: ["'00:00:00'", "'838:59:59.999999'", "'-838:59:59.999999'", "'12:34:56.5'"],
  ts: ["'2026-03-29 02:30:00.5'", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'"],
  j: ['\'{"a": [1, "x"]}\'', "'[]'", "'null'", "'\"é\"'"],
};

/** A table with every extreme value in its column, and a row of NULLs. */
export const extremeRows = (table: string): readonly string[] => {
  const names = columns.map(([name]) => name);
  const rows = Math.max(...names.map((name) => extremes[name]?.length ?? 0));
  const row = (i: number): string => `(${names.map((name) => extremes[name]?.[i] ?? "null").join(", ")})`;
  return [
    `create table ${table} (id int auto_increment primary key, ${columns.map(([name, type]) => `${name} ${type}`).join(", ")}) character set utf8mb4`,
    ...Array.from({ length: rows + 1 }, (_, i) => `insert into ${table} (${names.join(", ")}) values ${row(i)}`),
  ];
};

export const kindOf = (name: string): ValueKind => columns.find(([column]) => column === name)?.[2] ?? "unknown";

/** Columns and constants that are what a function takes. */
const fitting: Readonly<Record<Exclude<Taken, "same">, readonly string[]>> = {
  any: ["t", "vb", "bi", "big", "db", "d", "dt", "tm", "j", "l", "null"],
  text: ["t", "vb", "l", "e"],
  number: ["bi", "ub", "dc", "big", "db", "f", "2", "-1", "0"],
  integer: ["bi", "ub", "2", "-1", "ti", "0"],
  moment: ["d", "dt", "null"],
  time: ["tm", "dt", "d"],
  condition: ["bi", "dc", "db", "null"],
};

const families: readonly (readonly string[])[] = [
  ["t", "vb", "l", "null", "e"],
  ["bi", "ub", "dc", "db"],
  ["d", "dt", "null"],
  ["tm", "null", "tm"],
];

/** Functions whose arguments are no plain list, or must be constants. */
const written: Readonly<Record<string, readonly string[]>> = {
  date_format: ["dt, '%Y-%m-%d %H:%i:%s.%f %j %U %u %V %v %X %x %w %D %e %p %%a'", "d, get_format(date, 'EUR')"],
  time_format: ["tm, '%H:%i:%s.%f %p %k %h'", "dt, '%T'"],
  str_to_date: ["'2026-02-03', '%Y-%m-%d'"],
  week: ["d, 3", "dt, 0"],
  yearweek: ["d", "dt, 1"],
  convert_tz: ["dt, '+00:00', '-05:30'", "d, '+10:00', '+00:00'"],
  format: ["bi, 2, 'en_US'", "dc, 30, 'de_DE'", "db, 2, 'en_US'", "big, 0, 'en_US'"],
  unix_timestamp: ["ts"],
  extract: ["year from d", "day_microsecond from dt", "quarter from d"],
  maketime: ["bi, 1, 2"],
  timestampdiff: ["second, d, dt", "microsecond, dt, d", "month, d, dt", "year, dt, dt"],
  timestampadd: ["second, bi, dt"],
  date_add: ["dt, interval bi day"],
  date_sub: ["d, interval 1 month"],
  adddate: ["d, 1"],
  subdate: ["d, interval 1 year"],
  position: ["t in vb", "'x' in t"],
  get_format: ["date, 'USA'", "datetime, 'EUR'"],
  json_object: ["'a', t"],
  json_extract: ["j, '$.a'"],
  json_value: ["j, '$.a[1]'"],
  json_set: ["j, '$.b', t"],
  json_insert: ["j, '$.b', 1"],
  json_replace: ["j, '$.a', 1"],
  json_remove: ["j, '$.a'"],
  json_array_append: ["j, '$.a', 1"],
  json_array_insert: ["j, '$.a[0]', 1"],
  json_search: ["j, 'one', 'x'"],
  json_contains_path: ["j, 'one', '$.a'"],
  json_exists: ["j, '$.a'"],
  json_query: ["j, '$.a'"],
  json_keys: ["j"],
  extractvalue: ["t, '/a'"],
  updatexml: ["t, '/a', '<b/>'"],
  st_x: ["st_geomfromtext('POINT(1 2)')"],
  st_y: ["st_geomfromtext('POINT(1 2)')"],
  st_srid: ["st_geomfromtext('POINT(1 2)')"],
  st_astext: ["st_geomfromtext('POINT(1 2)')"],
  st_aswkt: ["st_geomfromtext('POINT(1 2)')"],
  st_asbinary: ["st_geomfromtext('POINT(1 2)')"],
  st_aswkb: ["st_geomfromtext('POINT(1 2)')"],
  st_geomfromtext: ["'POINT(1 2)'"],
  st_pointfromtext: ["'POINT(1 2)'"],
  char: ["bi", "65, ub, ti", "255, 66 using utf8mb4"],
  addtime: ["dt, tm"],
  subtime: ["dt, tm"],
  timediff: ["dt, dt"],
  get_lock: [],
};

const choose = (takes: readonly Taken[], count: number, turn: number, family: readonly string[]): string[] =>
  Array.from({ length: count }, (_, i) => {
    const taken = takes[i] ?? takes.at(-1) ?? "any";
    const from = taken === "same" ? family : fitting[taken];
    // Every argument walks through its values at another pace.
    return from[(turn + i * (turn + 3)) % from.length] ?? "null";
  });

/** Calls of a function: every number of arguments that it may take, over many values. */
export function callsOf(name: string, { takes }: KnownFunction): readonly string[] {
  const own = written[name];
  if (own !== undefined) return own.map((list) => `${name}(${list})`);
  if (takes.length === 0) return [`${name}()`];
  const counts = [1, 2, 3, 4, 5].filter((count) => count <= Math.max(takes.length, takes.at(-1) === "same" || takes.at(-1) === "any" ? 4 : takes.length + 1));
  const calls = counts.flatMap((count) =>
    families.flatMap((family) => Array.from({ length: 12 }, (_, turn) => `${name}(${choose(takes, count, turn, family).join(", ")})`)),
  );
  return [...new Set(calls)];
}
