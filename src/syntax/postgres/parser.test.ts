import { expect, test } from "vitest";
import { Problem } from "../../problem.ts";
import { loadPostgresSyntax } from "./parser.ts";

const syntax = await loadPostgresSyntax();

function problem(text: string): Problem {
  try {
    syntax.parse(text);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("no Problem was thrown");
}

test("gives each statement with its text and place", () => {
  const sql = "select 'é😀';\n-- note\n  create table é(a int);;\nselect 2";
  const statements = syntax.parse(sql);
  expect(statements.map(({ node }) => Object.keys(node)[0])).toEqual(["SelectStmt", "CreateStmt", "SelectStmt"]);
  expect(statements[1]?.text).toBe("create table é(a int)");
  for (const { text, offset } of statements) expect(sql.startsWith(text, offset)).toBe(true);
  expect(syntax.parse(" \n")).toEqual([]);
  expect(syntax.parse("-- nothing")).toEqual([]);
});

test("an error names line and column in characters and points at the place", () => {
  const { code, message } = problem('select 1;\nselect "éé😀", slect from x y z;');
  expect(code).toBe("bad-sql");
  expect(message).toContain("at 2:30: ");
  const [, line = "", caret = ""] = message.split("\n");
  expect([...line][caret.length - 1]).toBe("z");
});

test("an error at the end of the text points behind it", () => {
  expect(problem("select 1 +").message).toContain("at 1:11");
});

test("a long line is cut around the place", () => {
  const message = problem(`select ${"a, ".repeat(200)} from from t`).message;
  const [, line = "", caret = ""] = message.split("\n");
  expect(line.length).toBeLessThan(140);
  expect(line.slice(caret.length - 1)).toMatch(/^from/);
});

test("a NUL is refused, for the parser would stop there", () => {
  expect(problem("select 1\0; drop table t").message).toContain("NUL");
});

test("what cannot be read back as the same tree is not printed", () => {
  expect(() => syntax.print({ ColumnRef: { fields: [{ Integer: { ival: 1 } }] } })).toThrow(Problem);
});
