import fc from "fast-check";
import { expect, test } from "vitest";
import { Problem } from "../../problem.ts";
import { splitFile as split } from "./split.ts";

const phases = ["expand", "backfill", "switch", "retire", "drop"] as const;
const splitFile = (sql: string) => split(sql, phases);
const texts = (sql: string): string[] => splitFile(sql).statements.map((statement) => statement.text);

function problem(action: () => unknown): Problem {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("no Problem was thrown");
}

test.each([
  ["select 1; select 2", ["select 1", "select 2"]],
  [";;; select 1;;\n;", ["select 1"]],
  ["-- only; a comment\n# and; another\n/* and; one */", []],
  ["select ';' , 'it''s;';x", ["select ';' , 'it''s;'", "x"]],
  ["select 'a\\';b';x", ["select 'a\\';b'", "x"]],
  ["select '\\\\';x", ["select '\\\\'", "x"]],
  ['select "a\\";b"";";x', ['select "a\\";b"";"', "x"]],
  ["select `a;``b\\`;x", ["select `a;``b\\`", "x"]],
  ["select n'a;', x'3b', b'1', _utf8mb4';';x", ["select n'a;', x'3b', b'1', _utf8mb4';'", "x"]],
  ["select 1--;\n1;x", ["select 1--", "1", "x"]],
  ["select 1-- ;\n;x", ["select 1", "x"]],
  ["select 1 -- ;\n + 2;x", ["select 1 -- ;\n + 2", "x"]],
  ["select 4/*;*/-3 # ;\n;x", ["select 4/*;*/-3", "x"]],
  ["select 1*/**/2;x", ["select 1*/**/2", "x"]],
  ["select /*+ max_execution_time(9); */ 1;x", ["select /*+ max_execution_time(9); */ 1", "x"]],
  ["/*!40101 SET NAMES utf8 */;\n/*!50003 SET x = ';' */;x", ["/*!40101 SET NAMES utf8 */", "/*!50003 SET x = ';' */", "x"]],
  ["/*M!100616 select 1; */ ;x", ["/*M!100616 select 1; */", "x"]],
  ["\uFEFFselect 1", ["select 1"]],
  ["select 1\r\n;\r\nselect 2", ["select 1", "select 2"]],
])("splits %j", (sql, expected) => {
  expect(texts(sql)).toEqual(expected);
});

const bodies = [
  "create procedure p() begin select case when a then 1 else 2 end from t; select if(a, 1, 2); if a then select 1; elseif b then set @x = 1; else begin end; end if; end",
  "create or replace definer=`a`@'%' procedure p(in a int) comment 'x' begin declare exit handler for sqlexception begin rollback; end; l: loop leave l; end loop l; end",
  "create function f(a int) returns int deterministic return if(a, 1, 2)",
  "create function f(a int) returns int no sql begin while a > 0 do set a = a - 1; end while; repeat set a = repeat('x', 2); until a end repeat; return a; end",
  "create trigger t before insert on data for each row set new.a = if(new.b, 1, 2)",
  "create trigger t before insert on x for each row if new.a is null then set new.a = 1; set new.b = 2; end if",
  "create definer=root@localhost trigger t before update on x for each row follows y begin case new.a when 1 then set new.b = 1; else set new.b = (case when 1 then 2 end); end case; end",
  "create event e on schedule every 1 day starts '2026-01-01' ends '2027-01-01' do begin delete from a; delete from b; end",
  "alter event e do begin delete from a; delete from b; end",
  "begin not atomic declare a int; for i in 1..3 do set a = i; end for; end",
  "create procedure p() begin select begin, end from t where end > begin; update t set end = 1, begin = 2; select t.end; drop table if exists t; end",
  "create procedure p() begin declare c cursor for select a from t; open c; select 1 for update; end",
  "create trigger t before insert on x for each row set new.s = case when new.a is null then if(new.b > 0, 'p', 'n') else 'z' end",
  "create function f(a int) returns int deterministic return case when a > 1 then 1 else if(a > 2, 3, 4) end",
  "create procedure p() begin set @v = (select case when 1 then repeat('1', 2) end); select @v; end",
  "create trigger t before insert on x for each row follows y if new.a is null then set new.a = 1; set new.b = 2; end if",
  "create function f(a int) returns varchar(9) charset utf8mb4 if a then return 1; else return 2; end if",
  "create procedure p(end int) begin insert into x (end) values (3) on duplicate key update end = values(end); if end > 3 then select a end from x; end if; end",
  "create procedure p() begin select case when start > 1 then end else start end from x; alter table x add column y int after end; select 2; end",
  "set statement max_statement_time = 9 for begin not atomic select 1; select 2; end",
  "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN set new.a = 1; set new.b = 2; END */",
];

test.each(bodies)("semicolons in the body of %j end nothing", (body) => {
  expect(texts(`${body}; select 3;`)).toEqual([body, "select 3"]);
});

test.each([
  ["select 1;\ncreate procedure p()\nbegin\n  if 1 then select 1; end;\nend;\ndrop table y;", "neither its own word"],
  ["select 1;\ncreate procedure p()\nbegin\n  case when 1 then select 1; end if;\nend;\ndrop table y;", "neither its own word"],
  ["select 1;\ncreate procedure p() begin select 1; end p drop table y;", "neither its own word"],
  ["select 1;\ncreate procedure p()\nbegin\n  select 1;\n\ndrop table y;\n", "begins in line 3"],
  ["create procedure p()\n\nbegin\n  while 1 do select 1;\nend while;\ndrop table y;\n", "begins in line 3"],
])("a body that does not end where it seems to is refused in %j: nothing behind it is taken along", (sql, part) => {
  const { code, message } = problem(() => splitFile(sql));
  expect(code).toBe("bad-sql");
  expect(message).toContain(part);
  // There the file itself says where a statement ends.
  expect(texts(`delimiter //\n${sql}//\nselect 3//`)).toEqual([sql.replace(/;\n?$/, ""), "select 3"]);
});

test("a transaction is no body, and words of bodies elsewhere are names", () => {
  expect(texts("begin; select 1; commit; start transaction; create table `begin` (end int, `if` int); x")).toHaveLength(6);
  expect(texts("select case a when 1 then 2 end; create view v as select if(a, b, c) from t; x")).toHaveLength(3);
});

test("DELIMITER lines hold until the next one, at any character", () => {
  const sql =
    "delimiter //\ncreate procedure p() begin select 1; end //\nselect 1; select 2;//\nDELIMITER $$\r\nselect a$$ create trigger t end$$\ndelimiter ;\nselect 3; x";
  expect(texts(sql)).toEqual(["create procedure p() begin select 1; end", "select 1; select 2", "select a", "create trigger t end", "select 3", "x"]);
  expect(texts("delimiter ;;\nselect ';;' /* ;; */ -- ;;\n, 1;;\nselect 2;\n;;\ndelimiter ;\nx")).toEqual(["select ';;' /* ;; */ -- ;;\n, 1", "select 2", "x"]);
  expect(texts("select delimiter\nfrom t")).toEqual(["select delimiter\nfrom t"]);
});

test.each(["'//'", '"//"', "`//`", "// and more", "  '//' and more", "'//"])("DELIMITER %s is read as the client reads it", (written) => {
  expect(texts(`delimiter ${written}\nselect 1; select 2//\ndelimiter ';'\nselect 3; x`)).toEqual(["select 1; select 2", "select 3", "x"]);
});

test("the first line of a dump is none of its statements", () => {
  expect(texts("/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump\n/*!40101 SET NAMES utf8 */;\nx")).toEqual(["/*!40101 SET NAMES utf8 */", "x"]);
});

test("line and offset are those of the statement's first character", () => {
  const sql = "-- é😀\n\n  select 1;\ndelimiter $\n/* a\n b */ select\n2$";
  const { statements } = splitFile(sql);
  expect(statements.map(({ line, offset }) => [line, sql.slice(offset, offset + 6)])).toEqual([
    [3, "select"],
    [6, "select"],
  ]);
});

test.each([
  ["select 1;\nsource other.sql\n", "Line 2", "source"],
  ["select 1;\n\\. other.sql\n", "Line 2", "\\."],
  ["select 1\\G", "Line 1", "\\G"],
  ["\n\nsystem ls;", "Line 3", "system"],
  ["delimiter", "no delimiter", "DELIMITER"],
  ["load data local infile 'x' into table t;", "Line 1", "LOAD DATA"],
  ["load xml infile 'x' into table t;", "Line 1", "LOAD XML"],
])("refuses the client's command in %j", (sql, place, command) => {
  const { code, message } = problem(() => splitFile(sql));
  expect(code).toBe("client-command");
  expect(message).toContain(place);
  expect(message).toContain(command);
});

test.each(["select 1;\n 'abc\\'", 'select 1;\n "abc', "select 1;\n `abc", "select 1;\n /* abc", "select 1;\n /*!50003 abc"])(
  "names the line where %j begins",
  (sql) => {
    const { code, message } = problem(() => splitFile(sql));
    expect(code).toBe("bad-sql");
    expect(message).toContain("line 2");
  },
);

test("directives: parents and accept for the file, phase and undo for the statements below", () => {
  const file = splitFile(`-- hotstick: parents a_b, c
-- hotstick: accept drop-table, data-loss
select 1;
-- hotstick: phase switch
select 2; -- plain comment
-- hotstick: undo
select 3;
  -- hotstick: phase drop
select 4;`);
  expect(file.parents).toEqual(["a_b", "c"]);
  expect(file.accept).toEqual(["drop-table", "data-loss"]);
  expect(file.statements.map(({ directives }) => directives)).toEqual([
    { phase: null, undo: false },
    { phase: "switch", undo: false },
    { phase: "switch", undo: true },
    { phase: "drop", undo: false },
  ]);
});

test.each([
  ["-- hotstick: parent a\nselect 1", "parents"],
  ["-- hotstick: parents a\n-- hotstick: parents b", "twice"],
  ["-- hotstick: phase contract", "contract"],
  ["select 1;\n-- hotstick: phase drop\n-- hotstick: undo", "of its phase"],
  ["select 1; -- hotstick: phase drop", "begin its line"],
  ["create procedure p() begin select 1;\n-- hotstick: phase drop\nend", "inside a statement"],
  ["select 1;\n-- hotstick: accept a", "first statement"],
])("refuses the directive in %j", (sql, part) => {
  const { code, message, hint } = problem(() => splitFile(sql));
  expect(code).toBe("bad-directive");
  expect(`${message} ${hint}`).toContain(part);
});

const piece = fc.oneof(
  fc.constantFrom(
    "a",
    "'x;''y\\''",
    '"q;""q"',
    "`q;``q`",
    "(1;2)".replace(";", ","),
    "1.5e3",
    "/* ; ' */",
    "-- ;'\n",
    "# ;`\n",
    "+-",
    "b'01'",
    "@x",
    "?",
    "if(a, b, c)",
  ),
  fc.string({ unit: "grapheme", maxLength: 8 }).map((text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`),
  fc.constantFrom(...bodies).map((body) => `; ${body}; select 1`),
);
const statement = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => ["select", ...pieces].join(" "));

test("splitting what was split and joined again gives the same, with semicolons and with another delimiter", () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 5 }), (list) => {
      const sql = list.join("\n;\n");
      const found = splitFile(sql).statements;
      for (const one of found) {
        expect(sql.startsWith(one.text, one.offset)).toBe(true);
        expect(one.line).toBe(sql.slice(0, one.offset).split("\n").length);
      }
      const all = found.map(({ text }) => text);
      expect(texts(all.join("\n;\n"))).toEqual(all);
      expect(texts(`delimiter <<>>\n${all.join("\n<<>>\n")}`)).toEqual(all);
    }),
  );
}, 30_000);

test("a large file splits in well under a second", () => {
  const sql = "insert into t values (1, 'a;b', \"c\"); -- x\n".repeat(20_000);
  const started = performance.now();
  expect(splitFile(sql).statements.length).toBe(20_000);
  expect(performance.now() - started).toBeLessThan(3000);
});
