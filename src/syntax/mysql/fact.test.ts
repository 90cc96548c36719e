import { expect, test } from "vitest";
import type { StatementFact } from "../../schema/facts.ts";
import { statementFact } from "./fact.ts";

const mariadb = { version: 101119 };
type Known = Extract<StatementFact, { ok: true }>;

function fact(text: string, lexing = mariadb): Known {
  const found = statementFact(text, lexing);
  if (!found.ok) throw new Error(found.message);
  return found;
}

const tablesOf = (text: string): string[] => fact(text).tables.map(({ schema, name, mode }) => `${schema === null ? "" : `${schema}.`}${name} ${mode}`);

test.each([
  ["create unique index i on t (a)", "create index"],
  ["create or replace definer=`a`@`b` sql security definer view v as select event from t", "create view"],
  ["create definer = root@localhost trigger x before insert on t for each row set new.a = 1", "create trigger"],
  ["create temporary table t (a int)", "create table"],
  ["create or replace aggregate function f() returns int begin return 1; end", "create function"],
  ["alter online ignore table t force", "alter table"],
  ["drop table if exists t", "drop table"],
  ["drop temporary tables t, u", "drop table"],
  ["/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW set new.a = 1 */", "create trigger"],
  ["with x as (select 1) select * from x", "select"],
  ["(select 1) union (select 2)", "select"],
  ["start transaction read only", "start transaction"],
  ["set session transaction isolation level read committed", "set transaction"],
])("%s is called %s", (text, what) => {
  expect(fact(text).what).toBe(what);
});

test.each([
  ["create table t (a int)", false],
  ["create temporary table t (a int)", true],
  ["drop temporary table t", true],
  ["alter table t add a int", false],
  ["truncate t", false],
  ["rename table t to u", false],
  ["grant select on t to u", false],
  ["analyze table t", false],
  ["call p()", false],
  ["insert into t values (1)", true],
  ["update t set a = 1", true],
  ["set @x = 1", true],
  ["set role x", true],
  ["set password = password('x')", false],
  ["set password for u@h = 'x'", false],
  ["set default role r for u", false],
  ["select 1", true],
])("%s: a transaction may hold it: %s", (text, expected) => {
  expect(fact(text).transactional).toBe(expected);
});

test.each([
  "begin",
  "commit",
  "rollback to x",
  "savepoint x",
  "xa start 'x'",
  "lock tables t write",
  "unlock tables",
  "set autocommit = 0",
  "set @@session.autocommit = 0",
  "set session transaction read only",
])("%s controls the transaction", (text) => expect(fact(text).controlsTransaction).toBe(true));

test.each(["begin not atomic select 1; end", "set @autocommit = 1", "insert into t (`autocommit`) values (1)", "set names utf8mb4"])("%s does not", (text) =>
  expect(fact(text).controlsTransaction).toBe(false),
);

test.each<[string, string[]]>([
  [
    "select * from a, app.b x join c on a.i = c.i, (select 1 from d) y left join (e, f) on 1 where g in (select h from i)",
    ["a", "app.b", "c", "d", "e", "f", "i"],
  ],
  ["with recursive x (n) as (select 1 union select n + 1 from x join a), y as (select 1) select * from x, y, b", ["a", "b"]],
  ["select extract(year from b), trim(both 'x' from c), substring(d from 1) from a for update", ["a"]],
  ["insert ignore into a (b, c) select d, e from f on duplicate key update g = 1, h = 2", ["a", "f"]],
  ["replace a values (replace('x', 'y', 'z'))", ["a"]],
  ["update low_priority a, b set a.x = 1, b.y = 2 where 1", ["a", "b"]],
  ["delete a, b from a join b using (i, j)", ["a", "b"]],
  ["delete from a using a, b", ["a", "b"]],
  ["select 1 from dual into outfile 'x'", []],
  ["select `from`, t.`join` from `or`.`der`", ["or.der"]],
])("%s reads and writes rows of %j", (text, expected) => {
  expect(tablesOf(text)).toEqual(expected.map((name) => `${name} SHARED MDL`));
});

test.each<[string, string[], string]>([
  ["alter table a.t add b int", ["a.t EXCLUSIVE MDL"], "instant"],
  ["alter table t add index (a)", ["t UPGRADABLE MDL"], "build"],
  ["alter table t modify a bigint", ["t SHARED NO WRITE MDL"], "rewrite"],
  ["alter table t modify a bigint, algorithm=instant", ["t EXCLUSIVE MDL"], "instant"],
  ["alter table t add a int, algorithm=copy, lock=exclusive", ["t EXCLUSIVE MDL"], "rewrite"],
  ["alter table t engine = aria, algorithm = instant", ["t SHARED NO WRITE MDL"], "rewrite"],
  ["alter table t drop primary key, add primary key (b)", ["t UPGRADABLE MDL"], "rewrite"],
  ["alter table t add foreign key (a) references u (id)", ["t SHARED NO WRITE MDL", "u EXCLUSIVE MDL"], "rewrite"],
  ["alter table t rename to u", ["t EXCLUSIVE MDL"], "instant"],
  ["create index i on t (a) algorithm = inplace lock = none", ["t UPGRADABLE MDL"], "build"],
  ["create index i on t (a) lock shared", ["t SHARED NO WRITE MDL"], "build"],
  ["drop index i on t", ["t EXCLUSIVE MDL"], "instant"],
  ["drop table if exists a, b.c cascade", ["a EXCLUSIVE MDL", "b.c EXCLUSIVE MDL"], "instant"],
  ["drop tables a, c", ["a EXCLUSIVE MDL", "c EXCLUSIVE MDL"], "instant"],
  ["rename tables if exists a wait 5 to b, c nowait to d", ["a EXCLUSIVE MDL", "c EXCLUSIVE MDL"], "instant"],
  ["rename table a to b, c to d", ["a EXCLUSIVE MDL", "c EXCLUSIVE MDL"], "instant"],
  ["truncate table t", ["t EXCLUSIVE MDL"], "instant"],
  ["optimize local table a, b", ["a UPGRADABLE MDL", "b UPGRADABLE MDL"], "rewrite"],
  ["create trigger x after update on t for each row insert into u values (1)", ["t EXCLUSIVE MDL"], "instant"],
  ["create view v as select 1 from a", ["a SHARED MDL"], "instant"],
  ["create table n (a int, foreign key (a) references u (id))", ["u EXCLUSIVE MDL"], "instant"],
  ["create table n like o", ["o SHARED MDL"], "instant"],
  ["create table n as select 1 from a, b", ["a SHARED MDL", "b SHARED MDL"], "unknown"],
  ["call p()", [], "unknown"],
])("%s locks %j", (text, tables, work) => {
  expect(tablesOf(text)).toEqual(tables);
  expect(fact(text).work).toBe(work);
});

test("without a version the more expensive of both servers is told", () => {
  expect(statementFact("alter table t drop system versioning")).toMatchObject({ work: "rewrite", tables: [{ mode: "SHARED NO WRITE MDL" }] });
  expect(statementFact("alter table t add index (a), algorithm = nocopy")).toMatchObject({ work: "build", tables: [{ mode: "UPGRADABLE MDL" }] });
  expect(statementFact("alter table t add a int check (a > 0)")).toMatchObject({ work: "rewrite" });
});

test("tables that it creates", () => {
  expect(fact("create table if not exists a.n (b int)").creates).toEqual([{ schema: "a", name: "n" }]);
  expect(fact("create or replace table n select 1").creates).toEqual([{ schema: null, name: "n" }]);
  expect(tablesOf("create or replace table n select 1")).toEqual(["n EXCLUSIVE MDL"]);
});

test.each([
  ["", "no statement"],
  ["-- nothing", "no statement"],
  ["/*!99999 nothing */", "no statement"],
  ["select 1; select 2", "several statements"],
  ["create procedure p() begin select 1; end; drop table y", "several statements"],
  ["create procedure p() begin select 1; end drop table y", "neither its own word"],
  ["create procedure p() begin select 1", "never ends"],
  ["select 'a", "never ends"],
  ["use other", "USE"],
  ["source x.sql", "source"],
  ["load data infile 'x' into table t", "LOAD DATA"],
])("%j is no statement of a migration", (text, part) => {
  const found = statementFact(text, mariadb);
  expect(found.ok ? "" : found.message).toContain(part);
});

test("a routine is one statement, whatever it holds", () => {
  expect(fact("create procedure p() begin alter table t force; commit; end")).toMatchObject({ what: "create procedure", tables: [], transactional: false });
});

test("what SET STATEMENT sets changes nothing of what the statement behind it is", () => {
  expect(fact("set statement max_statement_time = if(1, (2), 0), sql_mode = 'for' for alter table t modify a bigint")).toMatchObject({
    what: "alter table",
    transactional: false,
    work: "rewrite",
    tables: [{ name: "t", mode: "SHARED NO WRITE MDL" }],
  });
  expect(fact("set statement max_statement_time = 1 for create table n (a int)").creates).toEqual([{ schema: null, name: "n" }]);
  expect(fact("set statement max_statement_time = 1 for update t set a = 1")).toMatchObject({ what: "update", transactional: true });
  expect(fact("set statement max_statement_time = 1 for commit").controlsTransaction).toBe(true);
  expect(fact("set statement = 1").what).toBe("set");
});

test("a statement ends where its code does, so that a clause can follow", () => {
  const text = (statement: string): string | null => {
    const fact = statementFact(statement);
    return fact.ok ? fact.text : null;
  };
  expect(text("alter table t modify g bigint -- wider")).toBe("alter table t modify g bigint");
  expect(text("alter table t add column x int ; # done\n/* all */")).toBe("alter table t add column x int");
  expect(text("alter table t add column x int comment '; -- no end'")).toBe("alter table t add column x int comment '; -- no end'");
  expect(text("/*!50000 alter table t add column m int */;")).toBe("/*!50000 alter table t add column m int */");
});
