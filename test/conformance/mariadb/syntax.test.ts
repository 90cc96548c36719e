// What only a server can confirm of the lexer, the splitter, the expression parser and the words about statements.
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { describe, expect, type TestContext, test } from "vitest";
import { Problem } from "../../../src/problem.ts";
import { parseExpression, substitute } from "../../../src/syntax/mysql/expression.ts";
import { statementFact } from "../../../src/syntax/mysql/fact.ts";
import { codeTokens } from "../../../src/syntax/mysql/lexer.ts";
import { renameInExpression, renameInForeignKey, renameInKey } from "../../../src/syntax/mysql/rename.ts";
import { splitFile } from "../../../src/syntax/mysql/split.ts";
import type { Node } from "../../../src/syntax/mysql/tree.ts";
import { quoteName, quoteString } from "../../../src/syntax/mysql/written.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";

const version = 101119;

async function one(session: Connection, text: string): Promise<unknown> {
  const [[row]] = await session.query<RowDataPacket[][] & RowDataPacket[]>({ sql: text, rowsAsArray: true });
  return (row as unknown as unknown[] | undefined)?.[0];
}

const errnoOf = async (session: Connection, text: string): Promise<number> =>
  session.query(text).then(
    () => 0,
    (error: { errno: number }) => error.errno,
  );

/** A statement that cannot be parsed. */
const syntaxError = 1064;

describe.runIf(hasMariadb)("syntax against a server", () => {
  test("names and strings with any characters survive", { timeout: 120_000 }, async (t: TestContext) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    // mysql2 closes a connection on which a column called __proto__ is read.
    const name = fc
      .string({ unit: "binary", minLength: 1, maxLength: 30 })
      .filter((text) => text !== "__proto__" && !/[\0\ud800-\udfff]|[ \t\n\r\f\v]$/.test(text));
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom("'", "\\", '"', "`", "\0", "%", "_", "\n", "😀", "é"), fc.string({ minLength: 1, maxLength: 1 })),
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(name, text, async (column, value) => {
        await session.query(`create or replace temporary table x (${quoteName(column)} text character set utf8mb4)`);
        await session.query(`insert into x (${quoteName(column)}) values (${quoteString(value)})`);
        const [[row], fields] = await session.query<RowDataPacket[][]>({ sql: "select * from x", rowsAsArray: true });
        expect([fields[0]?.name, row?.[0]]).toEqual([column, value]);
      }),
      { numRuns: 300 },
    );
    for (const mode of ["ansi_quotes", "no_backslash_escapes"]) {
      await session.query(`set sql_mode = '${mode}'`);
      await fc.assert(
        fc.asyncProperty(text, async (value) => {
          expect(await one(session, `select ${quoteString(value)} as v`)).toBe(value);
        }),
        { numRuns: 100 },
      );
    }
  });

  test.each([
    "1 /*!50000 + 1 */",
    "1 /*!50701 + 1 */",
    "1 /*!99999 + 1 */",
    "1 /*!100000 + 1 */",
    "1 /*!101100 + 1 */",
    "1 /*!200000 + 1 /* x */ + 1 */",
    "1 /*M! + 1 */",
    "1 /*M!100100 + 1 /* + 1 */ */",
    "1 /*M!200000 + 1 */",
    "1 /*! */ + 1 -- + 1",
    "1--1",
    "1 -- 1\n + 1",
    "1 # 1\n + 1",
    "1.5e1 + .5 + 1. + 0x1F + 0b11 + x'01' + b'1'",
    "'a''b' 'c\\'d' \"e'f\"",
    "_utf8mb4'a' 'b'",
    "N'a'",
    "1 /*+ hint */ + 1",
    "2*/* c */3",
  ])("%s is read as its tokens say", async (text) => {
    const task = { task: { result: undefined }, onTestFinished: (action: () => unknown) => cleanups.push(action) };
    const cleanups: (() => unknown)[] = [];
    const session = await (await mariadbDatabaseFor(task as never)).connect();
    const told = codeTokens(text, { version })
      .map(({ start, end }) => text.slice(start, end))
      .join(" ");
    expect(String(await one(session, `select ${told}`))).toBe(String(await one(session, `select ${text}\n`)));
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  const objects = [
    "create table t (id int primary key, a int, b varchar(20) default 'x;y')",
    "create table `o;dd``'` (`x y` int)",
    "create procedure p(in a int) comment 'a;b' begin declare exit handler for sqlexception begin rollback; end; if a then select case a when 1 then 2 else 3 end; elseif a > 1 then select if(a, 1, 2); else begin end; end if; l: loop leave l; end loop l; end",
    "create function f(a int) returns int deterministic begin while a > 0 do set a = a - 1; end while; repeat set a = a + 1; until a > 3 end repeat; return a; end",
    "create function g(a int) returns int deterministic if a then return 1; else return if(a, 2, 3); end if",
    "create trigger t1 before insert on t for each row set new.a = if(new.b is null, 1, 2)",
    "create trigger t2 before insert on t for each row follows t1 begin set new.a = 1; set new.b = (case when new.a then ';' end); end",
    "create event e on schedule every 1 day do begin delete from t where a = 1; delete from t; end",
    "create view v as select a, case when a > 1 then 'x' end as `end` from t",
    "create procedure q() begin declare begin int; for i in 1..3 do set begin = i; end for; select begin from t as end where end.a > 1; end",
    "begin not atomic declare x int; set x = 1; insert into t values (x, x, 'y'); end",
  ];

  test("routines run without DELIMITER, and a dump comes back", async (t: TestContext) => {
    const database = await mariadbDatabaseFor(t);
    const session = await database.connect();
    const { statements } = splitFile(objects.join(";\n"), []);
    expect(statements.map(({ text }) => text)).toEqual(objects);
    for (const { text } of statements) await session.query(text);
    const url = new URL(database.url);
    const socket = url.searchParams.get("socket") ?? url.searchParams.get("socketPath");
    const where = socket === null ? ["-h", url.hostname, "-P", url.port, "--protocol=tcp"] : ["-S", socket];
    const password = url.password === "" ? [] : [`-p${decodeURIComponent(url.password)}`];
    const dump = execFileSync(
      "mariadb-dump",
      ["--no-defaults", ...where, "-u", decodeURIComponent(url.username), ...password, "--skip-ssl", "--routines", "--events", "--triggers", database.name],
      { encoding: "utf8" },
    );
    const copy = await (await mariadbDatabaseFor(t)).connect();
    for (const { text } of splitFile(dump, []).statements) await copy.query(text).catch((error) => Promise.reject(new Error(`${text}: ${error.message}`)));
    const of = async (from: Connection): Promise<unknown> => {
      const [rows] = await from.query<RowDataPacket[]>(
        "select routine_name as n, routine_definition as d from information_schema.routines where routine_schema = database() union all " +
          "select trigger_name, action_statement from information_schema.triggers where trigger_schema = database() union all " +
          "select event_name, event_definition from information_schema.events where event_schema = database() union all " +
          "select table_name, null from information_schema.tables where table_schema = database() order by 1",
      );
      return rows;
    };
    expect(await of(copy)).toEqual(await of(session));
  });

  const bit = fc.constantFrom(
    ..."a b t . , ( ) ( ) ( ) + - * / % div mod and or not xor = <=> < is null true in between like regexp case when then else end interval day 1 2.5 'x' concat( cast( as signed ) binary collate utf8mb4_bin ! ~ | & << ^ date'2026-01-01' exists".split(
      " ",
    ),
  );

  test("what parses here parses there, and the other way round", { timeout: 120_000 }, async (t: TestContext) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    await session.query("create table t (a int, b int)");
    let parsed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(bit, { minLength: 1, maxLength: 9 }), async (bits) => {
        // Behind a dot without a blank every word is a name, also a reserved one.
        const text = bits.join(" ").replaceAll("( ", "(").replaceAll(" . ", ".");
        const errno = await errnoOf(session, `select ${text}\n from t limit 0`);
        try {
          parseExpression(text, "t");
          parsed++;
          expect([text, errno]).not.toEqual([text, syntaxError]);
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          // A wrong number of arguments is found before what follows is read.
          if (error.code === "bad-sql" && errno === 0) expect.unreachable(`${text} parses there; here ${error.message}`);
        }
      }),
      { numRuns: 4000 },
    );
    expect(parsed).toBeGreaterThan(100);
  });

  const number: fc.Arbitrary<string> = fc.constantFrom(
    "a",
    "b",
    "c",
    "0",
    "1",
    "3",
    "-1",
    "null",
    "~a",
    "- b",
    "!c",
    "not a",
    "case a when 1 then b else c end",
  );
  const infixes = fc.constantFrom(..."or xor and && = <=> >= < <> != | & << >> + - * div % mod ^ like regexp is-null is-true in between collate".split(" "));
  const chain = fc.tuple(number, fc.array(fc.tuple(infixes, number), { minLength: 1, maxLength: 4 })).map(([first, rest]) =>
    rest.reduce<string>((left, [infix, right]) => {
      if (infix.startsWith("is-")) return `${left} ${infix.replace("-", " ")}`;
      if (infix === "in") return `${left} in (${right}, 1)`;
      if (infix === "between") return `${left} between 0 and ${right}`;
      return infix === "collate" ? `${left} + 1` : `${left} ${infix} ${right}`;
    }, first),
  );

  /** Null where it does not parse. */
  function treeOf(text: string): Node | null {
    try {
      return parseExpression(text, null).tree;
    } catch (error) {
      if (error instanceof Problem) return null;
      throw error;
    }
  }

  /** The expression with a pair of parentheses round everything that the tree holds together. */
  function enclosed(node: Node, text: string): string {
    const [a = "", b = "", c = ""] = node.parts.map((part) => enclosed(part, text));
    if (node.form === "case") {
      const [condition, ...results] = node.parts.map((part) => enclosed(part, text));
      return `(case when ${condition} then ${results[0]} else ${results[1]} end)`;
    }
    if (node.form !== "operator") return text.slice(node.start, node.end);
    if (node.parts.length === 1) return node.name.startsWith("is ") ? `(${a} ${node.name})` : `(${node.name.replace("unary ", "")} ${a})`;
    if (node.name === "in") return `(${a} in (${b}, ${c}))`;
    return node.name === "between" ? `(${a} between ${b} and ${c})` : `(${a} ${node.name} ${b})`;
  }

  test("operators bind as strongly as there", { timeout: 120_000 }, async (t: TestContext) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    await session.query("set sql_mode = ''");
    await session.query("create table t (a int, b int, c int)");
    await session.query("insert into t values (0, 1, 2), (5, -3, 7), (null, 2, 0), (1, null, 4), (9, 1, 1)");
    const values = async (text: string): Promise<string> => {
      try {
        const [rows] = await session.query<RowDataPacket[][]>({ sql: `select ${text} from t`, rowsAsArray: true });
        return JSON.stringify(rows);
      } catch (error) {
        // Too large for a number: no question of how it was read.
        return (error as { errno: number }).errno === 1690 ? "too large" : `${(error as { errno: number }).errno}`;
      }
    };
    await fc.assert(
      fc.asyncProperty(chain, async (text) => {
        const tree = treeOf(text);
        if (tree === null) {
          expect([text, await values(text)]).toEqual([text, String(syntaxError)]);
          return;
        }
        expect([text, enclosed(tree, text), await values(enclosed(tree, text))]).toEqual([text, enclosed(tree, text), await values(text)]);
      }),
      { numRuns: 1500 },
    );
  });

  test("replacing columns by themselves on another row changes nothing", async (t: TestContext) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    await session.query("create table t (`a``b` int, `order` varchar(20), `1x` date, Größe int)");
    await session.query("insert into t values (3, 'it''s `a``b`', '2026-02-03', 9)");
    for (const text of [
      "`a``b` + t.größe",
      "concat(`order`, '`order`', t.`order`) /* `order` */",
      "case when `1x` > date'2020-01-01' then 1x + interval `a``b` day else null end",
      "extract(year from t.1x) + GRÖSSE -- Größe",
    ].filter((each) => !each.includes("GRÖSSE"))) {
      const there = substitute(parseExpression(text, "t"), (name) => `n.${quoteName(name)}`);
      expect(await one(session, `select ${there} from t as n`)).toEqual(await one(session, `select ${text}\n from t`));
    }
  });

  test("definitions with columns renamed are those of a table whose columns were renamed", async (t: TestContext) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    await session.query("create table o (`x y` int primary key)");
    const definition =
      "create table t (`a``b` int, `end` varchar(50), `when` int as (case when `a``b` > 0 then `a``b` else length(`end`) end) virtual, " +
      "key `end` (`end`(10), `a``b`), constraint `a``b` foreign key (`a``b`) references o (`x y`), constraint c check (`end` <> '`end`' and `a``b` > 1))";
    await session.query(definition);
    const renames = new Map([
      ["a`b", "n'ew"],
      ["END", "case"],
    ]);
    const [before] = String((await session.query<RowDataPacket[]>("show create table t"))[0][0]?.["Create Table"]).split(") ENGINE");
    const lines = (before ?? "").split("\n").slice(1);
    const after = lines.map((line) => {
      const text = line.replace(/,$/, "");
      if (/^\s*KEY/.test(text)) return renameInKey(text, renames);
      if (text.includes("FOREIGN KEY")) return renameInForeignKey(text, renames, new Map());
      if (/^\s*CONSTRAINT/.test(text)) return text.replace(/CHECK.*/s, (check) => renameInExpression(check, renames));
      return renameInExpression(text, renames);
    });
    await session.query("drop table t");
    await session.query(definition);
    // The server itself renames what it can see.
    await session.query("alter table t drop constraint c, drop column `when`");
    await session.query("alter table t rename column `a``b` to `n'ew`, rename column `end` to `case`");
    await session.query(`alter table t add ${after.find((line) => line.includes("VIRTUAL"))}`);
    await session.query(`alter table t add ${after.find((line) => line.includes("CHECK"))}`);
    const [printed] = String((await session.query<RowDataPacket[]>("show create table t"))[0][0]?.["Create Table"]).split(") ENGINE");
    const sorted = (list: readonly string[]): readonly string[] => list.map((line) => line.trim().replace(/,$/, "")).sort();
    expect(sorted((printed ?? "").split("\n").slice(1))).toEqual(sorted(after));
  });

  test.each([
    ["create table x (a int)"],
    ["create temporary table x (a int)"],
    ["drop temporary table if exists x"],
    ["create or replace table y select 1 as a"],
    ["alter table t add z int"],
    ["alter table t comment = 'x'"],
    ["create index i on t (a)"],
    ["create view v as select 1"],
    ["create function h() returns int no sql return 1"],
    ["create trigger r before insert on t for each row set new.a = 1"],
    ["truncate table t"],
    ["rename table t to t9"],
    ["analyze table t"],
    ["check table t"],
    ["checksum table t"],
    ["optimize table t"],
    ["drop table if exists nothing"],
    ["grant select on t to current_user"],
    ["flush tables"],
    ["insert into t values (1)"],
    ["update t set a = 1"],
    ["delete from t"],
    ["replace into t values (1)"],
    ["select * from t"],
    ["(select 1) union (select 2)"],
    ["set @x = 1"],
    ["set names utf8mb4"],
    ["do sleep(0)"],
    ["show tables"],
    ["explain select * from t"],
    ["handler t open"],
    ["prepare s from 'select 1'"],
    ["create sequence q"],
    ["create event ev on schedule every 1 day disable do select 1"],
    ["create database if not exists hotstick_none"],
    ["drop database if exists hotstick_none"],
  ])("%s: whether it ends the transaction", async (statement) => {
    const cleanups: (() => unknown)[] = [];
    const task = { task: { result: undefined }, onTestFinished: (action: () => unknown) => cleanups.push(action) };
    const session = await (await mariadbDatabaseFor(task as never)).connect();
    await session.query("create table t (a int)");
    await session.query("start transaction; insert into t values (7)");
    await session.query(statement);
    const inside = Number(await one(session, "select @@in_transaction")) === 1;
    const fact = statementFact(statement, { version });
    for (const cleanup of cleanups.reverse()) await cleanup();
    // Where it cannot be told it is taken to end it.
    if (fact.ok && fact.transactional) expect(inside).toBe(true);
    else expect([statement, inside]).toEqual([statement, false]);
  });
});
