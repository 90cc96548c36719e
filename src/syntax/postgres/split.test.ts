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
  ["-- only; a comment\n/* and; /* nested; */ one; */", []],
  ["select ';' , 'it''s;';x", ["select ';' , 'it''s;'", "x"]],
  ["select E'a\\';b';x", ["select E'a\\';b'", "x"]],
  ["select e'\\\\';x", ["select e'\\\\'", "x"]],
  ["select 'a\\';x", ["select 'a\\'", "x"]],
  ["select E'a'\n -- c\n 'b\\';';x", ["select E'a'\n -- c\n 'b\\';'", "x"]],
  ["select U&'\\0061;', U&\"\\0061;b\";x", ["select U&'\\0061;', U&\"\\0061;b\"", "x"]],
  ['select "a;""b";x', ['select "a;""b"', "x"]],
  ["select $$a;b$$, $t$ $$;$t$;x", ["select $$a;b$$, $t$ $$;$t$", "x"]],
  ["select a$b$c; select $1;x", ["select a$b$c", "select $1", "x"]],
  ["select $é$;$é$;x", ["select $é$;$é$", "x"]],
  ["select 1--;\n;x", ["select 1", "x"]],
  ["select 1 -- ;\n + 2;x", ["select 1 -- ;\n + 2", "x"]],
  ["select 4/*;*/-3;x", ["select 4/*;*/-3", "x"]],
  ["select 1*/**/2;x", ["select 1*/**/2", "x"]],
  ["create rule r as on insert to t do (select 1; select 2);x", ["create rule r as on insert to t do (select 1; select 2)", "x"]],
  ["\uFEFFselect 1", ["select 1"]],
  ["select 1\r\n;\r\nselect 2", ["select 1", "select 2"]],
])("splits %j", (sql, expected) => {
  expect(texts(sql)).toEqual(expected);
});

test("semicolons inside BEGIN ATOMIC … END end nothing, also with CASE and columns called end", () => {
  const routine =
    "create or replace function f(x int default 1) returns int begin atomic select case when true then 1 else 2 end as end, t.end from t; select 2; end";
  expect(texts(`${routine}; select 3`)).toEqual([routine, "select 3"]);
  expect(texts("begin; select 1; end; create table atomic(a int); x")).toEqual(["begin", "select 1", "end", "create table atomic(a int)", "x"]);
});

test("line and offset are those of the statement's first character", () => {
  const sql = "-- é😀\n\n  select 1;\n/* a\n b */ select\n2;";
  const { statements } = splitFile(sql);
  expect(statements.map(({ line, offset }) => [line, sql.slice(offset, offset + 6)])).toEqual([
    [3, "select"],
    [5, "select"],
  ]);
});

test("COPY … FROM stdin keeps its data", () => {
  const { statements } = splitFile(
    'copy t (a, b) from stdin with (format csv);\n1;\'\n\\.x\n"2"\n\\.\nselect 1; copy t to stdout; copy (select 1 from stdin) to stdout;',
  );
  expect(statements.map(({ kind, data, line }) => [kind, data, line])).toEqual([
    ["copy", '1;\'\n\\.x\n"2"\n', 1],
    ["sql", null, 6],
    ["sql", null, 6],
    ["sql", null, 6],
  ]);
  expect(splitFile("copy t from stdin;\r\n1\r\n\\.\r\n").statements[0]?.data).toBe("1\n");
  expect(splitFile("copy t from stdin;\n\\.").statements[0]?.data).toBe("");
  expect(problem(() => splitFile("copy t from stdin;\n1\n")).message).toContain("never ends");
  expect(problem(() => splitFile("copy t from stdin")).message).toContain("never ends");
  expect(problem(() => splitFile("copy t from stdin; select 1;\n\\.\n")).message).toContain("follows COPY");
});

test.each([
  ["select 1;\n\\connect other\nselect 2", 2, "\\connect"],
  ["select 1 \\gx", 1, "\\gx"],
  ["\n\n\\restrict abc", 3, "\\restrict"],
])("refuses the psql command in %j", (sql, line, command) => {
  const { code, message } = problem(() => splitFile(sql));
  expect(code).toBe("psql-command");
  expect(message).toContain(`Line ${line} `);
  expect(message).toContain(command);
});

test.each(["select 1;\n 'abc", 'select 1;\n "abc', "select 1;\n /* /* */", "select 1;\n $x$ $$", "select 1;\n E'\\'"])(
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
  ["-- hotstick:", "no key"],
  ["-- hotstick: parents", "no migration"],
  ["-- hotstick: parents a\n-- hotstick: parents b", "twice"],
  ["-- hotstick: accept Drop Table", "Drop Table"],
  ["-- hotstick: phase contract", "contract"],
  ["-- hotstick: undo", "after the statements"],
  ["select 1;\n-- hotstick: phase drop\n-- hotstick: undo", "of its phase"],
  ["select 1; -- hotstick: phase drop", "begin its line"],
  ["select\n-- hotstick: phase drop\n1", "inside a statement"],
  ["select 1;\n-- hotstick: accept a", "first statement"],
  ["select 1;\n-- hotstick: undo it", "no value"],
])("refuses the directive in %j", (sql, part) => {
  const { code, message, hint } = problem(() => splitFile(sql));
  expect(code).toBe("bad-directive");
  expect(`${message} ${hint}`).toContain(part);
  expect(hint).toContain("phase expand|backfill");
});

const piece = fc.oneof(
  fc.constantFrom(
    "a",
    "select",
    "'x;''y'",
    '"q;""q"',
    "$$;$$",
    "$t$;'$t$",
    "(1;2)",
    "E'\\';'",
    "1.5e3",
    "::int",
    "/* ; /* ' */ */",
    "-- ;'\n",
    "+-",
    "B'01'",
    "$1",
  ),
  fc.string({ unit: "grapheme", maxLength: 8 }).map((text) => `'${text.replaceAll("'", "''")}'`),
);
const statement = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => ["select", ...pieces].join(" "));

test("statements joined by semicolons come back, whatever their quotes hold", () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 5 }), (list) => {
      const sql = list.join("\n;\n");
      const found = splitFile(sql).statements;
      expect(found.length).toBe(list.length);
      found.forEach((one, i) => {
        expect(list[i]?.startsWith(one.text)).toBe(true);
        expect(sql.startsWith(one.text, one.offset)).toBe(true);
        expect(one.line).toBe(sql.slice(0, one.offset).split("\n").length);
      });
    }),
  );
}, 30_000);

test("a large file splits in well under a second", () => {
  const sql = "insert into t values (1, 'a;b', $$c$$); -- x\n".repeat(20_000);
  const started = performance.now();
  expect(splitFile(sql).statements.length).toBe(20_000);
  expect(performance.now() - started).toBeLessThan(3000);
});
