import { expect, test } from "vitest";
import { parseExpression } from "./expression.ts";
import { type Judgement, judge } from "./judge.ts";
import { kindOfType, type ValueKind } from "./kinds.ts";

const kinds: Readonly<Record<string, ValueKind>> = {
  t: "text",
  i: "integer",
  n: "decimal",
  f: "double",
  d: "date",
  dt: "datetime",
  tm: "time",
  ts: "timestamp",
  b: "binary",
};
const judged = (text: string, target?: ValueKind, version = 101119): Judgement =>
  judge(parseExpression(text, null), { kindOf: (name) => kinds[name] ?? "unknown", version, ...(target === undefined ? {} : { target }) });

test.each([
  ["now()", "moment of the call", "CURRENT_TIMESTAMP"],
  ["current_timestamp", "moment of the call", "CURRENT_TIMESTAMP"],
  ["concat(t, uuid())", "another value at each call", "key"],
  ["from_unixtime(i)", "time_zone", "timestampadd"],
  ["unix_timestamp(dt)", "time_zone", "timestampdiff"],
  ["unix_timestamp()", "moment of the call", "columns"],
  ["dayname(d)", "lc_time_names", "elt("],
  ["date_format(d, '%d %M')", "lc_time_names", "elt("],
  ["date_format(d, t)", "no constant", "as a text"],
  ["format(n, 2)", "lc_time_names", "'en_US'"],
  ["week(d)", "default_week_format", "week(column, 3)"],
  ["extract(week from d)", "default_week_format", "week(column, 3)"],
  ["convert_tz(dt, 'Europe/Berlin', '+00:00')", "fixed offset", "'+02:00'"],
  ["i / 3", "div_precision_increment", "DIV"],
  ["convert(t using utf8)", "old_mode", "utf8mb4"],
  ["user()", "session", "value itself"],
  ["last_insert_id()", "keeps", "columns"],
  ["sleep(1)", "waits", "columns"],
  ["aes_encrypt(t, 'k')", "settings", "application"],
  ["my_function(t)", "not known", "server's own"],
  ["app.concat(t)", "not known", "server's own"],
  ["regexp_like(t, 'x')", "does not have", "server's own"],
  ["cast(ts as char)", "TIMESTAMP column ts", "unix_timestamp"],
  ["ts = dt", "TIMESTAMP column ts", "unix_timestamp"],
  ["date(tm)", "date of the call", "timestamp(date, time)"],
  ["cast(tm as datetime)", "day of the call", "timestamp(date, time)"],
  ["tm > dt", "date of the call", "TIME"],
  ["coalesce(tm, dt)", "date of the call", "TIME"],
  ["case when i then tm else d end", "date of the call", "TIME"],
  ["greatest(tm, date_add(d, interval 1 day))", "date of the call", "TIME"],
  ["last_day(greatest(tm, f))", "date of the call", "timestamp(date, time)"],
  ["date(tm + interval 1 hour)", "date of the call", "timestamp(date, time)"],
  ["date(str_to_date(t, '%H:%i'))", "date of the call", "timestamp(date, time)"],
  ["date(addtime(t, t))", "date of the call", "timestamp(date, time)"],
  ["date(timediff(tm, tm))", "date of the call", "timestamp(date, time)"],
])("%s is refused: it says %s, and to write %s", (text, what, instead) => {
  const [refusal] = judged(text).refusals;
  expect(refusal?.what).toContain(what);
  expect(refusal?.instead).toContain(instead);
});

test("a TIMESTAMP is stored in another type, and another type in it, in the writer's zone", () => {
  expect(judged("ts", "datetime").refusals[0]?.what).toContain("stores a TIMESTAMP");
  expect(judged("dt", "timestamp").refusals[0]?.what).toContain("stored in a TIMESTAMP");
  expect(judged("ts", "timestamp").refusals).toEqual([]);
  expect(judged("tm", "datetime").refusals[0]?.what).toContain("is a TIME");
  expect(judged("ts is null").refusals).toEqual([]);
  expect(judged("timestampadd(second, unix_timestamp(ts), timestamp'1970-01-01 00:00:00')", "datetime").refusals).toEqual([]);
});

test.each<[string, ValueKind]>([
  ["concat(t, i, n, d)", "text"],
  ["upper(trim(substring(t from 2 for i)))", "text"],
  ["coalesce(t, 'x')", "text"],
  ["if(i > 0, t, null)", "text"],
  ["case t when 'a' then 1 when 'b' then 2 else n end", "decimal"],
  ["case when i then t else 'x' end", "text"],
  ["substring_index(t, ' ', 1)", "text"],
  ["cast(i as char)", "text"],
  ["t like '%x%' and not i <=> 3", "integer"],
  ["i in (1, 2) or n between 1 and 2", "integer"],
  ["year(dt) = 2026", "integer"],
  ["date_format(dt, '%Y-%m-%d %%M')", "text"],
  ["i % 10", "integer"],
  ["i xor 1", "integer"],
  ["greatest(i, n)", "decimal"],
  ["t collate utf8mb4_bin = 'a'", "integer"],
  ["-1", "integer"],
  ["null", "null"],
  ["convert(t using utf8mb4)", "text"],
])("%s cannot raise and gives %s", (text, gives) => {
  expect(judged(text)).toEqual({ refusals: [], total: true, gives, assumes: [] });
});

test.each(["hex(n)", "locate(b, t)", "quote(b)", "round(i, i)", "last_day(d)"])("%s may raise on MySQL only", (text) => {
  expect(judged(text).total).toBe(true);
  expect(judged(text, undefined, 90704).total).toBe(false);
});

test.each([
  "i + 1",
  "t + 1",
  "t = 1",
  "i % 0",
  "i % t",
  "f / 2e0",
  "f xor i",
  "cast(t as signed)",
  "cast(t as date)",
  "cast(t as char(3))",
  "cast(unknown_column as char)",
  "left(t, n)",
  "json_extract(t, '$')",
  "date_add(d, interval i day)",
  "abs(i)",
  "unknown_column = 1",
  "if(t, 1, 2)",
  "field(t, 1)",
])("%s may raise", (text) => {
  const { total, refusals } = judged(text);
  expect(refusals).toEqual([]);
  expect(total).toBe(false);
});

test("what depends on a setting that is taken at its default says which", () => {
  expect(judged("t regexp 'a.b'").assumes).toEqual(["default_regex_flags"]);
  expect(judged("regexp_replace(t, 'a', 'b')").assumes).toEqual(["default_regex_flags"]);
});

test.each<[string, ValueKind]>([
  ["bigint(20) unsigned", "integer"],
  ["decimal(10,2)", "decimal"],
  ["double", "double"],
  ["varchar(10) character set latin1", "text"],
  ["enum('date')", "text"],
  ["mediumblob", "binary"],
  ["datetime(6)", "datetime"],
  ["timestamp", "timestamp"],
  ["time(3)", "time"],
  ["date", "date"],
  ["json", "json"],
  ["point", "unknown"],
])("%s holds %s", (type, kind) => {
  expect(kindOfType(type)).toBe(kind);
});
