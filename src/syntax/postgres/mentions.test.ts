import { expect, test } from "vitest";
import { mentionsInQuery, mentionsInRoutine } from "./mentions.ts";
import { loadPostgresSyntax } from "./parser.ts";

const syntax = await loadPostgresSyntax();
const question = { table: { schema: "app", name: "users" }, columns: ["name", "Full Name", "age"] };

/** `name, age`, `*` for the whole row, `?` where it is not sure. */
const said = ({ mentions, wholeRow, sure }: ReturnType<typeof mentionsInQuery>): string =>
  [...mentions, ...(wholeRow ? ["*"] : []), ...(sure ? [] : ["?"])].join(", ");
const query = (text: string): string => said(mentionsInQuery(syntax, text, question));
const plpgsql = (body: string, declare = "", fires = false, signature = "f() returns int"): string =>
  said(
    mentionsInRoutine(
      syntax,
      `create function ${signature} language plpgsql as $f$ ${declare === "" ? "" : `declare ${declare};`} begin ${body} end $f$`,
      question,
      fires,
    ),
  );

test.each([
  ["select name from app.users", "name"],
  ["select name from users", "name"],
  ["select name from other.users", ""],
  ["select u.name, o.age from app.users u join app.orders o on o.uid = u.id", "name"],
  ["select o.name from app.orders o", ""],
  ["select name from app.orders", ""],
  ["select name from app.orders o, app.users u", "name"],
  ["select * from app.users", "*"],
  ["select o.* from app.orders o, app.users u", ""],
  ["select u.* from app.orders o, app.users u", "*"],
  ["select app.users.age from app.users", "age"],
  ["select 1 from app.orders o where exists (select 1 from app.users where id = o.uid and age > 1)", "age"],
  ["select 1 from app.users u where exists (select 1 from app.orders o where o.name = u.age)", "age"],
  ["select 1 from app.users u where exists (select 1 from app.orders u where u.name = 'x')", ""],
  ['select u."Full Name" from app.users as u', "Full Name"],
  ["select row_to_json(u) from app.users u", "*"],
  ["select (u).name from app.users u", "*"],
  ["select s.name from (select id as name from app.users) s", ""],
  ["select s.name from (select * from app.users) s", "*"],
  ["with users as (select 1 as name) select name from users", ""],
  ["with u as (select age from app.users) select name from u", "age"],
  ["select 1 from app.orders join app.users using (name)", "name"],
  ["select 1 from app.orders natural join app.users", "*"],
  ["select 1 from app.users u(a, b)", "*"],
  ["select null::app.users", "*"],
  ["table app.users", "*"],
  ["select name from app.orders union select age from app.users", "age"],
  ["insert into app.users (name) values (1)", "name"],
  ["insert into app.users values (1)", "*"],
  ["insert into app.users default values", ""],
  ['insert into app.users (id) values (1) on conflict (name) do update set age = excluded.age returning "Full Name"', "name, Full Name, age"],
  ["update app.users set name = 1 where age > 2", "name, age"],
  ["update app.orders set name = 1", ""],
  ["delete from app.orders using app.users u where u.age = 1", "age"],
  ["merge into app.users u using app.orders o on o.name = u.id when matched then update set age = 1", "age"],
  ["merge into app.users u using app.orders o on true when not matched then insert values (1)", "*"],
  ["copy app.users (name) from stdin", "name"],
  ["copy app.users to stdout", "*"],
  ["this is no sql about users and name", "name, ?"],
])("the query %s uses: %s", (text, expected) => {
  expect(query(text)).toBe(expected);
});

test.each([
  ["return (select name from app.users)", "", "name"],
  ["return 1", "", ""],
  ["return name", "name int", ""],
  ["select age into v from users where id = 1; return v", "v int", "age"],
  ["for r in select id from app.users loop v := r.name; end loop; return 1", "r record; v text", "name"],
  ["for r in select id from app.orders loop v := r.name; end loop; return 1", "r record; v text", ""],
  ["u.age := 1; return 1", "u app.users", "age, *"],
  ["u.age := 1; return 1", "u app.users%rowtype", "age, *"],
  ["return 1", "u app.users.age%type", "age"],
  ["return 1", "u app.users[]", "*"],
  ["return 1", "u app.orders%rowtype", ""],
  ["execute 'update users set age = 1'; return 1", "", "age, ?"],
  ["execute format('select %I from %I', 'age', t); return 1", "t text", "age, ?"],
  ["return query execute 'select 1 as age'", "", "age, ?"],
  ["execute 'select 1'; return 1", "", "?"],
  ["perform name from app.users; return 1", "", "name"],
  ["insert into app.users values (1); return 1", "", "*"],
])("plpgsql %s with %s uses: %s", (body, declare, expected) => {
  expect(plpgsql(`${body};`, declare, false, body.startsWith("return query") ? "f() returns setof int" : undefined)).toBe(expected);
});

test.each([
  ["new.name := lower(new.age); return new", "name, age"],
  ['new."Full Name" = 1; return new', "Full Name"],
  ["if old.* is distinct from new.* then null; end if; return new", "*"],
  ["insert into log select to_jsonb(new); return new", "*"],
  ["insert into log values (new.*); return new", "*"],
  ["new.id := 1; return new", ""],
  ["select name into new.age from app.orders; return new", "age"],
])("the trigger function %s uses: %s", (body, expected) => {
  expect(plpgsql(`${body};`, "", true, "f() returns trigger")).toBe(expected);
});

test("NEW of another table's trigger is not the table's row", () => {
  expect(plpgsql("new.name := 1; return new;", "", false, "f() returns trigger")).toBe("");
});

test("parameters and results of the row's type count", () => {
  expect(plpgsql("return u.name;", "", false, "f(u app.users) returns int")).toBe("name, *");
  expect(plpgsql("return;", "", false, "f() returns setof app.users")).toBe("*");
  // Only people write %TYPE in a signature; the catalog keeps the type that it stood for.
  expect(plpgsql("return 1;", "", false, "f(x app.users.age%type) returns int")).toBe("age, ?");
});

test.each([
  ["create function f() returns text language sql as 'select name from app.users'", "name"],
  ["create function f() returns text language sql begin atomic select name from app.users; select age from app.orders; end", "name"],
  ["create function f(u app.users) returns text language sql as $$ select u.name $$", "name, *"],
  ["create procedure p() language sql as $é$ update app.users set age = 1 $é$", "age"],
  ['create function f() returns text language plpython3u as $$ return plpy.execute("select name from users where it\'s") $$', "name, ?"],
  ["create function f() returns text language plpython3u as $$ return name $$", "?"],
  ["create function f() returns int language plpgsql as $$ begin this does not parse: users.age $é$ 'name' $é$ end $$", "name, age, ?"],
])("%s uses: %s", (definition, expected) => {
  expect(said(mentionsInRoutine(syntax, definition, question, false))).toBe(expected);
});
