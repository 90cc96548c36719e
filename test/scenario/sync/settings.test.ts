// A writer's session must not decide what is stored: its formats, its time zone, its search_path.
import { describe, expect, test } from "vitest";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";
import { lay } from "./laid.ts";
import { copy, newColumn, transform } from "./shapes.ts";

const stable = { volatility: "stable" } as const;

/** Operators that never say yes, and that calculate nothing. */
function evilOperators(): string {
  const types = ["int4, int4", "int2, int2", "int2, int4", "numeric, numeric", "pg_catalog.text, pg_catalog.text", "boolean, boolean"];
  return ["=", "<>", "<=", ">", "+", "*", "/", "%", "||"]
    .flatMap((operator, at) =>
      types.map((pair, i) => {
        const [left = "", right = ""] = pair.split(", ");
        const [returns, body] = at < 4 ? ["boolean", "select false"] : [left, "select $1"];
        return `create function evil.op_${at}_${i}(${pair}) returns ${returns} language sql as '${body}'; create operator evil.${operator} (leftarg = ${left}, rightarg = ${right}, function = evil.op_${at}_${i})`;
      }),
    )
    .join(";\n");
}

describe.each(majors)("writers' settings on PostgreSQL %i", (major) => {
  test("an expression that depends on settings gives every writer the same", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table days (id int primary key, d date, at timestamptz, span interval, f double precision, b bytea)");
    const laid = await lay(db, "days", [
      transform({
        old: ["d", "at", "span", "f", "b"],
        new: [newColumn("text", "text")],
        up: [["d::text || '|' || at::text || '|' || span::text || '|' || f::text || '|' || b::text", stable]],
        down: [
          ["split_part(text, '|', 1)::date", stable],
          ["split_part(text, '|', 2)::timestamptz", stable],
          "split_part(text, '|', 3)::interval",
          "split_part(text, '|', 4)::float8",
          "split_part(text, '|', 5)::bytea",
        ],
      }),
    ]);
    const insert = (id: number) =>
      `insert into days (id, d, at, span, f, b) values (${id}, date '2026-12-31', timestamptz '2026-07-01 12:00:00+00', '1 day -2:00', 0.1::float8 + 0.2::float8, '\\x0a')`;
    await db.rows(insert(1));
    await db.rows(
      `set DateStyle = 'German'; set TimeZone = 'Asia/Tokyo'; set IntervalStyle = 'sql_standard'; set extra_float_digits = 0; set bytea_output = 'escape'; ${insert(2)}`,
    );
    expect(await db.rows("select distinct text from days")).toEqual([{ text: "2026-12-31|2026-07-01 12:00:00+00|1 day -02:00:00|0.30000000000000004|\\x0a" }]);
    await db.rows(
      "set DateStyle = 'SQL, DMY'; set TimeZone = 'America/New_York'; update days set text = '2026-02-03|2026-02-03 04:05:06+00|1 day|1|\\x0b' where id = 2",
    );
    expect(await db.rows("select d::text, extract(epoch from at)::int as at from days where id = 2")).toEqual([{ d: "2026-02-03", at: 1770091506 }]);
    expect(await laid.bad()).toBe(0);
  });

  test("nothing on a writer's search_path stands before what was meant: functions, operators, types, comparisons", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table goods (id int primary key, name text not null default 'none', price int, noted text)");
    const laid = await lay(
      db,
      "goods",
      [
        transform({
          old: ["name"],
          new: [newColumn("title", "text", { default: "'untitled'" })],
          up: ["upper(name) || '!'"],
          down: ["lower(rtrim(title, '!'))"],
          marker: "side_1",
        }),
        transform({
          old: ["price"],
          new: [newColumn("amount", "numeric", { default: "abs(-9)" })],
          up: ["price * 2"],
          down: ["(amount / 2)::int"],
          marker: "side_2",
        }),
        copy("noted", "notes", "text"),
      ],
      { stage: "switched", serial: "switched" },
    );
    await db.rows(`create schema evil; create domain evil.text as pg_catalog.text check (false); create domain evil.int2 as pg_catalog.int2 check (false);
      create function evil.upper(pg_catalog.text) returns pg_catalog.text language sql as 'select ''evil''';
      create function evil.lower(pg_catalog.text) returns pg_catalog.text language sql as 'select ''evil''';
      create function evil.abs(int) returns int language sql as 'select 666';
      create function evil.num_nonnulls(variadic anyarray) returns int language sql as 'select 0';
      create function evil.current_setting(pg_catalog.text, boolean) returns pg_catalog.text language sql as 'select ''on''';
      ${evilOperators()}`);
    await db.rows(`set search_path = evil, pg_catalog, public;
      insert into public.goods (id, name, price, noted) values (1, 'ada', 5, 'x');
      insert into public.goods (id, title, amount, notes) values (2, 'BOB!', 8, 'y');
      insert into public.goods (id) values (3);
      update public.goods set name = 'cy', notes = 'z' where true;
      update public.goods set amount = 4 where true`);
    expect(await db.rows("select name, title, price, amount::text, noted, notes, side_1, side_2 from goods order by id")).toEqual(
      [1, 2, 3].map(() => ({ name: "cy", title: "CY!", price: 2, amount: "4", noted: "z", notes: "z", side_1: 1, side_2: 2 })),
    );
    expect(await laid.bad()).toBe(0);
    await db.rows("set search_path = evil, pg_catalog, public; set hotstick.side = 'new'; update public.goods set name = 'no', title = 'YES!' where true");
    expect(await db.rows("select name, title, side_1 from goods where id = 1")).toEqual([{ name: "yes", title: "YES!", side_1: 2 }]);
    await db.rows("set search_path = evil, pg_catalog, public; insert into public.goods (id) values (4)");
    expect(await db.rows("select name, title, amount::text from goods where id = 4")).toEqual([{ name: "untitled", title: "untitled", amount: "9" }]);
  });

  test("a role that may only write the columns it names needs no right on ours", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      "create table goods (id int primary key, price int); create schema hotstick; create sequence hotstick.seen; grant usage on sequence hotstick.seen to public; create role sync_clerk",
    );
    await lay(db, "goods", [transform({ old: ["price"], new: [newColumn("amount", "numeric")], up: ["price"], down: ["amount::int"] })], {
      stage: "switched",
      serial: "switched",
      oldWrites: { schema: "hotstick", name: "seen" },
    });
    await db.rows(
      "grant insert (id, price), update (price), select (id) on goods to sync_clerk; set role sync_clerk; insert into goods (id, price) values (1, 5); update goods set price = 6 where id = 1",
    );
    expect(await db.rows("select amount::text from goods")).toEqual([{ amount: "6" }]);
    expect(await db.rows("select last_value::int as n from hotstick.seen")).toEqual([{ n: 2 }]);
  });
});
