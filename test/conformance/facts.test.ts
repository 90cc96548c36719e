import { describe, expect, onTestFinished, test } from "vitest";
import type { Driver, Session } from "../../src/drivers/driver.ts";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import type { ExpressionFact, Question } from "../../src/schema/facts.ts";
import { questionKey } from "../../src/schema/facts.ts";
import { majors } from "../harness/majors.ts";
import { databaseFor, type TestDatabase } from "../harness/servers.ts";

const schema = `
  create schema app; create schema other; create extension citext;
  create type app.mood as enum ('sad', 'happy');
  create domain app.email as citext check (value ~ '@');
  create type app.address as (street text, zip varchar(10));
  create function app.twice(int) returns int language sql immutable as 'select $1 * 2';
  create function app.fails(int) returns int language plpgsql volatile as 'begin raise exception ''no''; end';
  create function app.add(app.mood, app.mood) returns app.mood language sql immutable as 'select $1';
  create operator app.+ (leftarg = app.mood, rightarg = app.mood, function = app.add);
  create sequence app.numbers;
  -- A trap: what the user's search_path finds first must not be what a trigger runs, and the other way round.
  create function other.lower(text) returns text language sql volatile as 'select $1';
  create function other.textcat2(text, text) returns text language sql as 'select $2';
  create operator other.|| (leftarg = text, rightarg = text, function = other.textcat2)`;

const columns = [
  { name: "id", type: "bigint" },
  { name: "name", type: "text" },
  { name: "b", type: "integer" },
  { name: "small", type: "smallint" },
  { name: "price", type: "numeric(10,2)" },
  { name: "mood", type: "mood" },
  { name: "mail", type: "app.email" },
  { name: "data", type: "jsonb" },
  { name: "j", type: "json" },
  { name: "at", type: "timestamptz" },
  { name: "day", type: "date" },
  { name: "code", type: "varchar(20)" },
  { name: 'Odd " x', type: "text" },
  { name: "home", type: "address" },
  { name: "tags", type: "text[]" },
  { name: "flag", type: "boolean" },
  { name: "f", type: "double precision" },
  { name: "u", type: "uuid" },
];

type ExpressionQuestion = Extract<Question, { readonly kind: "expression" }>;
const over = (text: string, target = "text", row = "people"): ExpressionQuestion => ({ kind: "expression", text, row, columns, target });

interface Asking {
  readonly driver: Driver;
  readonly session: Session;
  expression(text: string, target?: string, row?: string): Promise<ExpressionFact>;
}

async function asking(db: TestDatabase, path = "app, public"): Promise<Asking> {
  await db.rows(schema);
  const driver = postgresDriver({ url: db.url });
  const session = await driver.connect({ purpose: "facts" });
  onTestFinished(() => session.close());
  await session.script([`set search_path = ${path}`]);
  const read = await driver.introspect(session);
  return {
    driver,
    session,
    async expression(text, target, row) {
      const question = over(text, target, row);
      const facts = await driver.answer(session, [question], read);
      return facts.expression[questionKey(question)] ?? expect.unreachable("no answer");
    },
  };
}

const good = (fact: ExpressionFact): Extract<ExpressionFact, { readonly ok: true }> => (fact.ok ? fact : expect.unreachable(`refused: ${fact.message}`));
const bad = (fact: ExpressionFact): Extract<ExpressionFact, { readonly ok: false }> => (fact.ok ? expect.unreachable(`accepted: ${fact.qualified}`) : fact);

/** What no expression may be, and what is said of it. */
const refused: readonly (readonly [text: string, message: RegExp])[] = [
  ["count(name)", /aggregate functions are not allowed/],
  ["string_agg(name, ',')", /aggregate functions are not allowed/],
  ["count(*)", /\*/],
  ["sum(b) over ()", /window function/],
  ["row_number() over (order by b)", /window function/],
  ["generate_series(1, b)", /set-returning functions are not allowed/],
  ["coalesce(generate_series(1, b), 1)", /set-returning functions are not allowed/],
  ["(select 1)", /subquery/],
  ["exists (select 1)", /subquery/],
  ["b in (select 1)", /subquery/],
  ["$1", /parameter/],
  ["b + $1", /parameter/],
  ["people", /as a whole/],
  ["to_jsonb(people)", /as a whole/],
  ["people is null", /as a whole/],
  ["people.*", /\*/],
  ["ctid", /column "ctid" does not exist/],
  ["people.xmin", /xmin does not exist/],
  ["tableoid", /column "tableoid" does not exist/],
  ["nope", /column "nope" does not exist/],
  ["elsewhere.name", /elsewhere/],
  ["nope(name)", /function nope\(text\) does not exist/],
  ["name + 1", /operator does not exist/],
  ["b::nope", /type "nope" does not exist/],
  ["'nope'::mood", /invalid input value for enum/],
  ["1/0 as x", /not one expression/],
  ["1, 2", /not one expression/],
  ["name from people", /not one expression/],
  ["1); drop table people; --", /cannot parse/],
  ["1 limit 1", /not one expression/],
  ["distinct name", /not one expression/],
  ["", /no expression/],
  ["b +", /cannot parse/],
  ["name as $1", /cannot parse|not one expression|parameter/],
  ["default", /cannot parse|DEFAULT/],
  ["(b, name)", /pseudo-type record/],
];

describe.each(majors)("expressions on PostgreSQL %i", (major) => {
  test("are typed by the server, with the columns that they read", async (t) => {
    const { expression } = await asking(await databaseFor(t, major));
    expect(good(await expression("people.name || code"))).toMatchObject({ type: "text", assignable: true, columns: ["name", "code"] });
    expect(good(await expression("price", "numeric(10,2)"))).toMatchObject({ type: "numeric(10,2)", assignable: true, columns: ["price"], qualified: "price" });
    expect(good(await expression('"Odd "" x"'))).toMatchObject({ columns: ['Odd " x'], qualified: '"Odd "" x"' });
    expect(good(await expression('"Odd Row".name', "text", "Odd Row"))).toMatchObject({ qualified: "name" });
    expect(good(await expression("(home).street"))).toMatchObject({ type: "text", columns: ["home"] });
    expect(good(await expression("42", "integer"))).toMatchObject({ columns: [], volatility: "immutable" });
    expect(good(await expression("name -- a comment\n || 'é'"))).toMatchObject({ columns: ["name"] });
  });

  test("are assignable as the server assigns", async (t) => {
    const { expression, session } = await asking(await databaseFor(t, major));
    for (const [text, target] of [
      ["b", "bigint"],
      ["id", "integer"],
      ["b", "text"],
      ["mood", "text"],
      ["mood", "varchar(3)"],
      ["tags", "varchar(3)[]"],
      ["mail", "citext"],
      ["mail", "text"],
      ["name", "app.email"],
      ["flag", "integer"],
      ["name", "integer"],
      ["name", "jsonb"],
      ["tags", "integer[]"],
      ["case when flag then 'happy' end", "mood"],
      ["at", "date"],
      ["day", "timestamptz"],
      ["f", "numeric"],
      ["price", "double precision"],
      ["u", "text"],
      ["u", "bytea"],
      ["data", "json"],
      ["data", "text"],
      ["b", "boolean"],
      ["small", "boolean"],
      ["home", "text"],
      ["code", "char(3)"],
      ["'happy'", "mood"],
      ["null", "mood"],
      ["'12'", "integer"],
      ["array['a']", "mood[]"],
    ] as const) {
      // The server's own word: an INSERT is analysed, and never run.
      const row = columns.map(({ name, type }) => `null::${type} as "${name.replaceAll('"', '""')}"`).join(", ");
      const accepted = await session
        .script(["begin", `create temp table stored (value ${target})`, `prepare tried as insert into stored select (${text}) from (select ${row}) as people`])
        .then(
          () => true,
          () => false,
        );
      await session.script(["rollback"]);
      await session.script(["deallocate all"]);
      expect({ text, target, assignable: good(await expression(text, target)).assignable }).toEqual({ text, target, assignable: accepted });
    }
  });

  test("say whether they depend on anything but the row", async (t) => {
    const { expression } = await asking(await databaseFor(t, major));
    const volatility = async (text: string, target?: string): Promise<string> => good(await expression(text, target)).volatility;
    for (const text of [
      "name || 'x'",
      "upper(name)",
      "id::text",
      "price::text",
      "u::text",
      "flag::text",
      "data->>'a'",
      "name::integer::text",
      "app.twice(b)",
      "mood + mood",
      "greatest(b, 1)",
      "name::uuid",
    ]) {
      expect([text, await volatility(text)]).toEqual([text, "immutable"]);
    }
    // Text of these depends on a setting of the session.
    for (const text of [
      "at::text",
      "day::text",
      "f::text",
      "name::date",
      "now()",
      "current_date",
      "current_user",
      "mood::text",
      "home::text",
      "name::timestamptz",
      "extract(year from at)",
      "to_char(b, '9')",
      "concat(name, b)",
    ]) {
      expect([text, await volatility(text)]).toEqual([text, "stable"]);
    }
    for (const text of [
      "random()",
      "clock_timestamp()",
      "gen_random_uuid()",
      "nextval('app.numbers')",
      "app.fails(b)",
      "case when flag then random() else 0 end",
    ]) {
      expect([text, await volatility(text)]).toEqual([text, "volatile"]);
    }
  });

  test("say whether they can fail", async (t) => {
    const { expression } = await asking(await databaseFor(t, major));
    const total = async (text: string, target?: string): Promise<boolean> => good(await expression(text, target)).total;
    for (const [text, target] of [
      ["name || 'x' || code", "text"],
      ["trim(both ' ' from lower(name))", "text"],
      ["split_part(name, ' ', 2)", "text"],
      ["coalesce(name, code)", "text"],
      ["nullif(name, '')", "text"],
      ["case when b > 1 then name else 'none' end", "text"],
      ["b is null or name <> ''", "boolean"],
      ["id::text", "text"],
      ["left(name, 3)", "text"],
      ["replace(name, 'a', 'b')", "text"],
      ["substring(name from 1 for 3)", "text"],
      ["b", "bigint"],
      ["small", "integer"],
      ["price", "numeric"],
      ["price", "numeric(10,2)"],
      ["code", "varchar(20)"],
      ["data->'a'->>'b'", "text"],
      ["name in ('a', 'b')", "boolean"],
      ["concat_ws(' ', name, b)", "text"],
      ["mood = 'happy'", "boolean"],
      ["'happy'", "mood"],
      ["length(name)", "integer"],
      ["name is distinct from code", "boolean"],
    ] as const) {
      expect([text, target, await total(text, target)]).toEqual([text, target, true]);
    }
    for (const [text, target] of [
      ["b + 1", "integer"],
      ["1 / b", "integer"],
      ["name::integer", "integer"],
      ["split_part(name, ' ', b)", "text"],
      ["split_part(name, ' ', 0)", "text"],
      ["substring(name from 1 for b)", "text"],
      ["name", "varchar(5)"],
      ["name", "app.email"],
      ["price * 2", "numeric(10,2)"],
      ["id", "integer"],
      ["price", "numeric(5,2)"],
      ["code", "varchar(10)"],
      ["app.twice(b)", "integer"],
      ["app.fails(b)", "integer"],
      ["name like code", "boolean"],
      ["j->>'a'", "text"],
      ["mail ~ 'x'", "boolean"],
      ["name::date", "date"],
      ["repeat(name, b)", "text"],
      ["mood + mood", "mood"],
      ["coalesce(name, (1 / b)::text)", "text"],
      ["jsonb_build_object(name, b)", "jsonb"],
    ] as const) {
      expect([text, target, await total(text, target)]).toEqual([text, target, false]);
    }
  });

  test("keep their meaning under every search_path", async (t) => {
    const db = await databaseFor(t, major);
    const { expression } = await asking(db);
    const under = async (path: string, text: string): Promise<string> => {
      const [row] = await db.rows<{ value: string }>(
        `set search_path = ${path}; select (${text})::text as value from (select 'Ada'::text as name, 3 as b, 'sad'::app.mood as mood, 'a@b'::app.email as mail, null::text as code, 'A@B'::citext as x) as people`.replace(
          "'A@B'::citext",
          "'A@B'::public.citext",
        ),
      );
      return row?.value ?? "null";
    };
    for (const text of [
      "lower(name) || 'x'",
      "name || 'x'",
      "mood + mood",
      "mail = 'A@B'",
      "mail in ('A@B')",
      "name is distinct from 'Ada'",
      "nullif(name, 'Ada')",
      "case name when 'Ada' then 1 else 2 end",
      "mail between 'A' and 'C'",
      "twice(b)",
      "mail like 'A%'",
      "not (mail = any (array['A@B'::citext]))",
      "name is not distinct from code",
      'mood::text collate "C"',
      "position('d' in name)",
      "trim(leading 'A' from name)",
      "'numbers'::regclass::oid::text",
    ]) {
      const { qualified } = good(await expression(text));
      // The path in which the author wrote it gives the meaning; traps in others must change nothing.
      const meant = await under("app, public", text);
      for (const path of ["app, public", "''", "other, pg_catalog", "pg_catalog"])
        expect([text, path, await under(path, qualified)]).toEqual([text, path, meant]);
    }
  });

  test("are refused where a form compares with an operator that it cannot name", async (t) => {
    const { expression } = await asking(await databaseFor(t, major));
    for (const text of ["mail is distinct from 'A@B'", "nullif(mail, 'A@B')", "case mail when 'A@B' then 1 else 2 end"]) {
      expect([text, bad(await expression(text))]).toEqual([
        text,
        expect.objectContaining({ message: expect.stringContaining("citext_eq"), hint: expect.stringContaining("=") }),
      ]);
    }
  });

  test("mean what the author's path says, when the path holds a trap", async (t) => {
    const db = await databaseFor(t, major);
    const { expression } = await asking(db, "other, pg_catalog, app, public");
    expect(good(await expression("lower(name)"))).toMatchObject({ qualified: "other.lower(name)", volatility: "volatile", total: false });
    expect(good(await expression("name || 'x'")).qualified).toContain("OPERATOR(other.||)");
  });

  test("are refused where they are not one value of one row", async (t) => {
    const { expression } = await asking(await databaseFor(t, major));
    for (const [text, message] of refused) expect([text, bad(await expression(text)).message]).toEqual([text, expect.stringMatching(message)]);
  });

  test("are refused with the place of the fault, in characters", async (t) => {
    const { expression } = await asking(await databaseFor(t, major));
    expect(bad(await expression("name || nope")).position).toBe(9);
    expect(bad(await expression("'é☃💡' || nope")).position).toBe(10);
    expect(bad(await expression("b + count(b)")).position).toBe(5);
    expect(bad(await expression("b b b")).position).not.toBeNull();
    expect(bad(await expression("b +")).position).toBe(4);
    expect(bad(await expression("b", "nope")).position).toBeNull();
  });

  test("are answered together, whatever one of them is", async (t) => {
    const { driver, session } = await asking(await databaseFor(t, major));
    const questions: Question[] = [over("name"), over("nope"), over("b + 1", "integer"), over("count(b)", "bigint"), over("name"), over("'happy'", "mood")];
    const { expression } = await driver.answer(session, questions, await driver.introspect(session));
    expect(questions.map((question) => expression[questionKey(question)]?.ok)).toEqual([true, false, true, false, true, true]);
    expect(expression[questionKey(questions[5]!)]).toMatchObject({ type: "app.mood", qualified: "'happy'::app.mood" });
  });

  test("leave nothing behind, and take nothing from the session", async (t) => {
    const { expression, session } = await asking(await databaseFor(t, major));
    await expression("upper(name)");
    await expression("nope");
    const [row] =
      (
        await session.script([
          "select count(*)::int as views, current_setting('search_path') as path, pg_current_xact_id_if_assigned() is null as idle from pg_class where relname like 'hotstick%'",
        ])
      )[0] ?? [];
    expect(row).toEqual({ views: 0, path: "app, public", idle: true });
  });
});

describe.each(majors)("types on PostgreSQL %i", (major) => {
  test("are told as the server prints them", async (t) => {
    const { driver, session } = await asking(await databaseFor(t, major));
    const told = {
      int: { ok: true, name: "integer", toastable: false, constrained: false },
      "numeric(10,2)": { ok: true, name: "numeric(10,2)", toastable: true, constrained: true },
      varchar: { ok: true, name: "character varying", toastable: true, constrained: false },
      "varchar(3)[]": { ok: true, name: "character varying(3)[]", toastable: true, constrained: true },
      "timestamp(3)": { ok: true, name: "timestamp(3) without time zone", toastable: false, constrained: false },
      mood: { ok: true, name: "app.mood", toastable: false, constrained: false },
      email: { ok: true, name: "app.email", toastable: true, constrained: true },
      citext: { ok: true, name: "public.citext", toastable: true, constrained: false },
      char: { ok: true, name: "character(1)", toastable: true, constrained: true },
      nope: { ok: false, message: 'type "nope" does not exist' },
      "setof int": { ok: false, message: '"setof int" is not a type' },
      "int::text": { ok: false, message: '"int::text" is not a type' },
      "int; drop table x": { ok: false, message: '"int; drop table x" is not a type' },
    };
    const { type } = await driver.answer(
      session,
      Object.keys(told).map((text) => ({ kind: "type", text })),
      await driver.introspect(session),
    );
    expect(type).toEqual(told);
  });
});

describe.each(majors)("tables on PostgreSQL %i", (major) => {
  const table = (name: string) => ({ schema: "public", name });
  const key = (name: string): string => questionKey({ kind: "size", table: table(name) });

  test("tell their size and whether they are empty, descendants included", async (t) => {
    const { driver, session } = await asking(await databaseFor(t, major));
    await session.script([
      "set search_path = public",
      "create table plain (a int) with (autovacuum_enabled = off)",
      "insert into plain select generate_series(1, 1000)",
      "create table nothing (a int)",
      "create table p (a int) partition by range (a)",
      "create table p1 partition of p for values from (0) to (10)",
      "create table p2 partition of p for values from (10) to (20) partition by range (a)",
      "create table p21 partition of p2 for values from (10) to (20)",
      "insert into p values (15), (16)",
      "create table base (a int)",
      "create table child () inherits (base)",
      "insert into child values (1)",
    ]);
    const tables = ["plain", "nothing", "p", "base", "absent"].map(table);
    const ask = async () =>
      driver.answer(
        session,
        tables.flatMap(
          (each) =>
            [
              { kind: "size", table: each },
              { kind: "empty", table: each },
            ] as const,
        ),
        await driver.introspect(session),
      );
    const before = await ask();
    expect(before.empty).toEqual({ [key("plain")]: false, [key("nothing")]: true, [key("p")]: false, [key("base")]: false, [key("absent")]: true });
    // Never counted, and not without pages.
    expect(before.size[key("plain")]?.rows).toBe(-1);
    expect(before.size[key("nothing")]).toEqual({ rows: 0, bytes: 0, partitions: 0 });
    await session.script(["analyze plain", "analyze p", "analyze base", "analyze child"]);
    await session.script(["insert into plain select generate_series(1, 1000)"]);
    const after = await ask();
    expect(after.size[key("plain")]?.rows).toBeGreaterThan(1500);
    expect(after.size[key("plain")]?.bytes).toBeGreaterThan(8192);
    expect(after.size[key("p")]).toMatchObject({ rows: 2, partitions: 2 });
    expect(after.size[key("base")]).toMatchObject({ rows: 1, partitions: 1 });
    expect(after.size[key("absent")]).toEqual({ rows: 0, bytes: 0, partitions: 0 });
  });

  test("have a server that tells its settings by name, and nobody who replays it", async (t) => {
    const { driver, session } = await asking(await databaseFor(t, major));
    const questions: readonly Question[] = [{ kind: "setting", name: "block_size" }, { kind: "setting", name: "no_such.name" }, { kind: "replicas" }];
    const { setting, replicas } = await driver.answer(session, questions, await driver.introspect(session));
    expect({ setting, replicas }).toEqual({ setting: { block_size: "8192", "no_such.name": null }, replicas: { all: [] } });
  });

  test("tell what our role may do to them", async (t) => {
    const db = await databaseFor(t, major);
    await asking(db);
    const role = `${db.name}_role`;
    await db.rows(`create role ${role} login; create table mine (a int); alter table mine owner to ${role}; create table theirs (a int); create table forced (a int); alter table forced owner to ${role};
      alter table forced enable row level security, force row level security; create table guarded (a int); alter table guarded enable row level security; insert into guarded values (1); grant select on guarded to ${role}; revoke create on schema public from public`);
    t.onTestFinished(async () => {
      await db.rows(`drop owned by ${role}; drop role ${role}`);
    });
    const driver = postgresDriver({ url: db.url.replace("postgres@", `${role}@`) });
    const session = await driver.connect({ purpose: "weak" });
    const { rights, empty } = await driver.answer(
      session,
      ["mine", "theirs", "forced", "guarded"].flatMap(
        (name) =>
          [
            { kind: "rights", table: table(name) },
            { kind: "empty", table: table(name) },
          ] as const,
      ),
      await driver.introspect(session),
    );
    await session.close();
    expect(rights).toEqual({
      [key("mine")]: { owner: true, seesAllRows: true, create: false },
      [key("theirs")]: { owner: false, seesAllRows: true, create: false },
      [key("forced")]: { owner: true, seesAllRows: false, create: false },
      [key("guarded")]: { owner: false, seesAllRows: false, create: false },
    });
    // What may not be looked at is not called empty.
    expect(empty).toEqual({ [key("mine")]: true, [key("theirs")]: false, [key("forced")]: false, [key("guarded")]: false });
  });
});
