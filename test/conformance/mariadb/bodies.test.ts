// Bodies of routines, cut from a file with and without DELIMITER lines: what was cut is what the server takes.
import fc from "fast-check";
import type { Connection } from "mysql2/promise";
import { describe, expect, type TestContext, test } from "vitest";
import { statementFact } from "../../../src/syntax/mysql/fact.ts";
import { splitFile } from "../../../src/syntax/mysql/split.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql, versionHere as version } from "../../harness/mariadb.ts";

const tables =
  "create table t (id int primary key, a int, b int, s varchar(20), `if` int, `case` int, `repeat` int); " +
  "create table ev (id int primary key, start int, end int, begin int, do int); " +
  "create trigger y0 before insert on t for each row set new.a = 1";

const texts = (file: string): readonly string[] => splitFile(file, []).statements.map(({ text }) => text);

/** Cuts a file with a body, sends all of it, and takes it away again. */
async function holds(session: Connection, body: string): Promise<void> {
  expect(texts(`${body};\nselect 3;\n`)).toEqual([body, "select 3"]);
  expect(texts(`delimiter //\n${body} //\ndelimiter ;\nselect 3;\n`)).toEqual([body, "select 3"]);
  expect(statementFact(body, { version })).toMatchObject({ ok: true });
  await session.query(body).catch((error: Error) => expect.unreachable(`${body}: ${error.message}`));
  const [, kind, name] = /^create.*? (procedure|function|trigger|event) (?:if not exists )?(\w+)/s.exec(body) ?? [];
  if (kind !== undefined) await session.query(`drop ${kind} ${name}`);
}

const everywhere = [
  // CASE and IF, each of them as expression and as statement.
  "create trigger tg before insert on t for each row set new.s = case when new.a is null then if(new.b > 0, 'p', 'n') else 'z' end",
  "create trigger tg before insert on t for each row set new.a = case when new.a then 1 else if(new.b > 0, 2, 3) end, new.b = if(new.b, 1, 2)",
  "create function g(a int) returns int deterministic return case when a > 1 then 1 else if(a > 2, 3, 4) end",
  "create procedure p() begin set @v = (select case when 1 then repeat('1', 2) else repeat('2', 2) end); select @v; end",
  "create procedure p(a int) begin case when case when a then 1 else if(a, 2, 3) end then select 1; else if a then select 2; end if; end case; end",
  "create procedure p(a int) begin case case a when 1 then 2 end when if(a, 1, 2) then select case a when 1 then 2 end; when 3 then begin end; end case; end",
  "create procedure p(a int) begin if case when a then if(a, 1, 2) end then select 1; elseif repeat('1', 2) then begin end; else if a then select 1; end if; end if; end",
  "create procedure p(a int) if a then select 1; else if a then select 2; else case a when 1 then select if(a, 1, 2); else begin end; end case; end if; end if",
  "create procedure p(a int) case when a then if a then select 1; end if; else repeat select 1; until a end repeat; end case",
  "create procedure p() begin update t set a = case when b then 1 else 2 end where s = case s when 'x' then 'y' end; delete from t; end",
  // Loops, labels, handlers, cursors.
  "create procedure p(a int) begin l: loop leave l; end loop l; m: while a do set a = a - 1; iterate m; end while m; n: repeat set a = 1; until a end repeat n; end",
  "create procedure p(a int) begin repeat set a = a + 1; until a > case when a then 1 else 2 end end repeat; select 1; end",
  "create procedure p(a int) begin while case when a then repeat('1', 1) end do set a = a - 1; end while; select 1; end",
  "create procedure p() l: begin declare x int; m: begin leave m; end m; leave l; end l",
  "create procedure p() begin declare exit handler for sqlexception begin rollback; end; declare continue handler for not found, 1062, sqlstate value '23000' set @x = if(1, 2, 3); select 1; end",
  "create procedure p() begin declare c condition for 1062; declare exit handler for c, sqlwarning if @x then select 1; else select 2; end if; select 1; end",
  "create procedure p() begin declare exit handler for sqlstate '23000' case @x when 1 then select 1; end case; declare exit handler for not found loop select 1; end loop; end",
  "create procedure p() begin declare d, handler int default if(1, 2, 3); declare c cursor for select case a when 1 then 2 end from t; open c; fetch c into d; close c; end",
  // END and BEGIN are no reserved words; IF, CASE and REPEAT are names behind a dot and in backticks.
  "create procedure p() begin insert into ev (id, start, end) values (1, 2, 3) on duplicate key update end = values(end); select 2; end",
  "create procedure p() begin select case when start > 1 then end else start end from ev; select 2; end",
  "create procedure p(end int) begin if end > 3 then select 1; end if; while end do set end = end - 1; end while; select 2; end",
  "create procedure p(end int, start int) begin if case when end then end when start = end then end else end end then select 1; end if; select 2; end",
  "create procedure p(end int, do int) begin while do do set do = end; end while; repeat set end = 1; until end end repeat; end",
  "create procedure p() begin select start end from ev; select 1; end",
  "create procedure p() begin if (select start end from ev limit 1) then select case (select end end from ev limit 1) when 1 then 2 end; end if; end",
  "create procedure p() begin alter table ev add column e2 int after end; select id div end, begin from ev order by end, begin; end",
  "create procedure p() begin select t.if, t.case, t.repeat, `if`, `case`, `repeat` from t; update t set t.if = 1, `case` = 2 where t.repeat; end",
  "create procedure p() begin declare begin, end int; set begin = 1; set end = begin; select begin, end into begin, end; end",
  "create procedure p() begin drop table if exists nothing; create table if not exists nothing (end int); select if(1, 2, 3) `end`; end",
  // What stands before the body.
  "create trigger tg before insert on t for each row follows y0 if new.a is null then set new.a = 1; set new.b = 2; end if",
  "create trigger tg before insert on t for each row precedes y0 case when new.a then set new.a = 1; set new.b = 2; else begin end; end case",
  "create trigger tg before insert on t for each row follows y0 set new.a = if(new.a, case when 1 then 2 end, 3)",
  "create trigger end after update on ev for each row begin insert into t (id) values (new.end); delete from t; end",
  "create function g(a int) returns int deterministic if a then return 1; else return 2; end if",
  "create function g(a int) returns varchar(9) charset utf8mb4 deterministic comment 'if' if a then return 1; else return repeat('x', 2); end if",
  "create function g(a varchar(9)) returns enum('if', 'begin') reads sql data case a when 1 then return 'if'; else return 'begin'; end case",
  "create definer = current_user() procedure p() comment 'begin' language sql not deterministic modifies sql data sql security invoker while 0 do select 1; select 2; end while",
  "create definer = `root`@localhost procedure p() sql security definer `sql`: begin select 1; select 2; end `sql`",
  "create event e on schedule every 1 day starts current_timestamp + interval if(1, 1, 2) day disable do if 1 then select 1; select 2; end if",
  "create event e on schedule at now() + interval case when 1 then 1 else 2 end hour disable comment 'do begin' do l: begin select 1; select 2; end l",
  "create procedure p() begin begin begin end; end; begin end; end",
];

const onMariadb = [
  "create or replace procedure p() begin not atomic select 1; begin not atomic select 2; end; end",
  "create procedure p() begin for i in reverse 1..case when 1 then 3 end do select i; end for; l: for r in (select end from ev) do select r.end; end for l; end",
  "create procedure p() begin for begin in 1..3 do for end in 1..begin do set @x = end; end for; end for; select 1; end",
  "create function if not exists g(end int) returns int deterministic begin declare r row(a int, end int); set r.end = end; return r.end; end",
  "create aggregate function g(x int) returns int deterministic begin declare continue handler for not found return 1; loop fetch group next row; end loop; end",
  "begin not atomic declare end int default 1; set end = 2; if end then select 1; end if; end",
  "if 1 then select 1; else select if(1, 2, 3); end if",
  "case when case when 1 then 0 end then select 1; else select 2; end case",
  "for i in 1..2 do select i; select 2; end for",
  "while 0 do select 1; end while",
  "repeat select 1; until repeat('1', 1) end repeat",
  "set statement max_statement_time = 9, lock_wait_timeout = if(1, 2, 3) for begin not atomic select 1; select 2; end",
  "set statement max_statement_time = 9 for create procedure p() begin select 1; select 2; end",
];

const declared = "declare a, end, begin, do, `if` int; declare v row(end int, `case` int);";
/** Each a key word elsewhere. */
const name = fc.constantFrom("a", "end", "begin", "`if`", "v.case", "v.end", "do");

const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    name,
    fc.constantFrom("1", "'end'", "@end", "null"),
    fc.tuple(tie("expression"), fc.constantFrom("+", "=", "and", "div", "is not null or"), tie("expression")).map(([a, by, b]) => `(${a}) ${by} (${b})`),
    fc.tuple(name, fc.constantFrom(">", "or", "like", "mod"), name).map((each) => each.join(" ")),
    fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `if(${a}, ${b}, 1)`),
    tie("expression").map((a) => `repeat('x', ${a})`),
    fc.tuple(tie("expression"), tie("expression"), tie("expression")).map(([a, b, c]) => `case when ${a} then ${b} else ${c} end`),
    fc.tuple(name, tie("expression"), name).map(([a, b, c]) => `case ${a} when ${b} then ${c} end`),
    fc.tuple(tie("expression"), name).map(([a, b]) => `(select ${a} end from ev where ${b} limit 1)`),
  ),
}));

let labels = 0;
const labelled = fc.boolean();
const withLabel = (label: boolean, before: string, behind: string): string => {
  const said = `l${++labels}`;
  return label ? `${said}: ${before} ${behind} ${said}` : `${before} ${behind}`;
};

const { list } = fc.letrec<{ statement: string; list: string }>((tie) => ({
  statement: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    expression.map((e) => `select ${e}`),
    expression.map((e) => `select ${e} end from t`),
    expression.map((e) => `update t set end = ${e}, begin = end`),
    expression.map((e) => `set @x = ${e}`),
    fc.tuple(labelled, tie("list")).map(([label, l]) => withLabel(label, `begin ${l}`, "end")),
    fc.tuple(expression, tie("list"), tie("list")).map(([e, a, b]) => `if ${e} then ${a} else ${b} end if`),
    fc.tuple(expression, tie("list"), expression, tie("list")).map(([e, a, f, b]) => `if ${e} then ${a} elseif ${f} then ${b} end if`),
    fc.tuple(expression, expression, tie("list"), tie("list")).map(([e, f, a, b]) => `case ${e} when ${f} then ${a} else ${b} end case`),
    fc.tuple(expression, tie("list"), expression, tie("list")).map(([e, a, f, b]) => `case when ${e} then ${a} when ${f} then ${b} end case`),
    fc.tuple(labelled, tie("list")).map(([label, l]) => withLabel(label, `loop ${l}`, "end loop")),
    fc.tuple(labelled, expression, tie("list")).map(([label, e, l]) => withLabel(label, `while ${e} do ${l}`, "end while")),
    fc.tuple(labelled, tie("list"), expression).map(([label, l, e]) => withLabel(label, `repeat ${l} until ${e}`, "end repeat")),
    tie("statement").map((s) => `begin declare exit handler for not found, sqlstate '23000' ${s}; end`),
  ),
  list: fc.array(tie("statement"), { minLength: 1, maxLength: 2 }).map((all) => all.map((each) => `${each};`).join(" ")),
}));

describe.runIf(hasMariadb)("bodies", () => {
  test("each is one statement, here and there", { timeout: 120_000 }, async (t: TestContext) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    await session.query(tables);
    for (const body of onMysql ? everywhere : [...everywhere, ...onMariadb]) await holds(session, body);
  });

  test.skipIf(onMysql)("so are those that nobody would write", { timeout: 120_000 }, async (t: TestContext) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    await session.query(tables);
    const head = fc.constantFrom("create procedure p() ", "create event e on schedule every 1 day disable do ");
    await fc.assert(
      fc.asyncProperty(head, list, (before, inner) => holds(session, `${before}begin ${declared} ${inner} end`)),
      { numRuns: 150 },
    );
  });
});
