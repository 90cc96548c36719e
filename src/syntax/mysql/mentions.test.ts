import { expect, test } from "vitest";
import { type Mentions, mentionsIn, mentionsTable } from "./mentions.ts";

const users = { schema: "app", name: "users" };
const of = (text: string, own = false): Mentions => mentionsIn(text, { table: users, columns: ["name", "Mail"], own });

test.each<[string, readonly string[], boolean]>([
  ["select `app`.`users`.`name` AS `n` from `app`.`users`", ["name"], false],
  ["select NAME, mail from Users", ["name", "Mail"], false],
  ["select name from others", [], false],
  ["select 'name' from users", ["name"], false],
  ["select 'select name from users'", ["name"], false],
  ["select /* name */ 1 -- mail\nfrom users", [], false],
  ["select /*!50000 name, */ 1 from users", ["name"], false],
  ["select * from users", [], true],
  ["select u.* from users u", [], true],
  ["select count(*), a * b, count(distinct 2 * 3) from users", [], false],
  ["select a from users natural join b", [], true],
  ["begin insert into users values (1); end", [], true],
  ["begin insert into app.users select 1; end", [], true],
  ["begin insert into users (id, mail) values (1, 2); end", ["Mail"], false],
  ["begin insert into users (select 1); end", [], true],
  ["update users set `na``me` = 1", [], false],
])("%s", (text, mentions, wholeRow) => {
  expect(of(text)).toEqual({ mentions, wholeRow, sure: true });
});

test("a trigger's own table need not be named", () => {
  expect(of("begin set new.name = old.`mail`; end", true)).toEqual({ mentions: ["name", "Mail"], wholeRow: false, sure: true });
  expect(of("begin set new.name = 1; end").mentions).toEqual([]);
});

test("what makes statements of strings is not sure", () => {
  const body = "begin prepare s from concat('select na', 'me from users where mail = \"it''s\"'); execute s; end";
  expect(of(body)).toEqual({ mentions: ["Mail"], wholeRow: false, sure: false });
  expect(of("it's name")).toEqual({ mentions: ["name"], wholeRow: true, sure: false });
});

test("whether a text names a table", () => {
  expect(mentionsTable("select 1 from `USERS`", users)).toBe(true);
  expect(mentionsTable("call p('delete from users')", users)).toBe(true);
  expect(mentionsTable("select users_id from u", users)).toBe(false);
});
