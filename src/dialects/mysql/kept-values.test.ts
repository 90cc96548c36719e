import { expect, test } from "vitest";
import type { UserStatement } from "../../step/change.ts";
import { statementFact } from "../../syntax/mysql/fact.ts";
import type { Values } from "../../syntax/mysql/set-value.ts";
import { afterStatement, aroundOf, nothingSet } from "./kept-values.ts";
import { lostValues } from "./lost-values.ts";
import { groupsOf } from "./statement-groups.ts";

const version = 101119;

function statement(text: string): UserStatement {
  const fact = statementFact(text, { version });
  if (!fact.ok) throw new Error(fact.message);
  return { text, transactional: fact.transactional, alone: false, tables: [], work: "instant", index: null };
}

const after = (...texts: readonly string[]): Values => texts.reduce((values, text) => afterStatement(statement(text), values, version), nothingSet);
const sent = (...texts: readonly string[]) => aroundOf(after(...texts), []);

test.each<[string[], string, string]>([
  [["set foreign_key_checks = 0"], "set session foreign_key_checks = 0", "set session foreign_key_checks = 1"],
  [["set @@session.sort_buffer_size = 4096 * 2"], "set session sort_buffer_size = 4096 * 2", "set session sort_buffer_size = default"],
  [["set @x = 7, @'X y' = 'a'"], "set @`x` = 7, @`x y` = 'a'", "set @`x` = null, @`x y` = null"],
  [["set @x = 1", "set @x = @x + 1", "set @x = @x + 1"], "set @`x` = (1 + 1) + 1", "set @`x` = null"],
  [["SET NAMES latin1"], "set NAMES latin1", "set names utf8mb4 collate utf8mb4_general_ci"],
  [
    ["/*!40101 SET @OLD=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */"],
    "set @`old` = @@sql_mode, session sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
    "set @`old` = null, session sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  ],
  [["set @old = @@sql_mode, sql_mode = ''", "set sql_mode = @old"], "set @`old` = @@sql_mode", "set @`old` = null"],
  [
    ["set sql_mode = (select replace(@@sql_mode, 'STRICT_TRANS_TABLES', ''))"],
    "set session sql_mode = (select replace(@@sql_mode, 'STRICT_TRANS_TABLES', ''))",
    "set session sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  ],
  [
    ["set names utf8mb4", "set @saved = @@character_set_client", "set character_set_client = utf8"],
    "set names utf8mb4, @`saved` = 'utf8mb4', session character_set_client = 'utf8'",
    "set names utf8mb4 collate utf8mb4_general_ci, @`saved` = null",
  ],
])("%j is sent again as %s", (texts, before, behind) => {
  expect(sent(...texts)).toEqual({ before: [before], after: [behind] });
});

test.each<[string[]]>([[["set foreign_key_checks = 0", "set foreign_key_checks = 1"]], [["set global max_connections = 5"]], [["select 1", "set role x"]]])(
  "%j leaves nothing set",
  (texts) => expect(sent(...texts)).toBeUndefined(),
);

test.each([
  "set @x = (select max(id) from t)",
  "set @x = uuid()",
  "set @x = current_timestamp",
  "set @x = last_insert_id()",
  "set @x = @@last_insert_id",
  "select max(id) into @y, @x from t",
  "select @x := 1",
  "call p(@x)",
])("%s gives a value that is lost", (text) => expect(after(text).get("@x")).toBeNull());

test("a routine may change what was set", () => expect(after("set @x = 1", "call p()").get("@x")).toBeNull());
test("what is computed from a lost value is lost", () => expect(after("set @x = uuid()", "set @y = @x").get("@y")).toBeNull());

const rulesOf = (...texts: readonly string[]): readonly string[] =>
  lostValues({ kind: "statements", statements: texts.map(statement), undo: null }, version).map(({ subject }) => subject.name);

test("a lost value is refused where another step needs it, and nowhere else", () => {
  const max = "set @x = (select max(id) from t)";
  const made = "create table n (a int)";
  expect(rulesOf(max, "insert into n values (@x)")).toEqual([]);
  expect(rulesOf(max, made, "insert into n values (1)")).toEqual([]);
  expect(rulesOf(max, made, "insert into n values (@x)")).toEqual(["insert into n values (@x)"]);
  expect(rulesOf("insert into n values (1)", "set @x = last_insert_id()", "insert into n values (@x)")).toEqual([]);
  expect(rulesOf(max, made, "set @x = 1", "insert into n values (@x)")).toEqual([]);
  expect(rulesOf("set sql_mode = (select x from y)", made)).toEqual([made]);
  expect(rulesOf(max, "create procedure p() select @x")).toEqual([]);
});

test("a SET goes with what follows it, and within a transaction stays where it stands", () => {
  const { groups } = groupsOf(
    [
      "set foreign_key_checks = 0",
      "create table n (a int)",
      "set @x = 1",
      "insert into n values (@x)",
      "set @x = 2",
      "drop table n",
      "set foreign_key_checks = 1",
    ].map(statement),
    version,
  );
  expect(
    groups.map(({ statements, first, count, values }) => [statements.map(({ text }) => text.slice(0, 11)), first, count, Object.fromEntries(values)]),
  ).toEqual([
    [["create tabl"], 1, 2, { foreign_key_checks: "0" }],
    [["set @x = 1", "insert into", "set @x = 2"], 2, 3, { foreign_key_checks: "0" }],
    [["drop table "], 5, 2, { foreign_key_checks: "0", "@x": "2" }],
  ]);
});
