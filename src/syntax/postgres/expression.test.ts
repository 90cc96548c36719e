import fc from "fast-check";
import { expect, test } from "vitest";
import { Problem } from "../../problem.ts";
import { columnNode, columnsOf, parseExpression, substitute } from "./expression.ts";
import { normal, treeKey } from "./normal.ts";
import { loadPostgresSyntax } from "./parser.ts";
import { enclosed } from "./printer.ts";
import { qualify } from "./qualify.ts";

const syntax = await loadPostgresSyntax();
const tree = (text: string, row: string | null = null) => parseExpression(syntax, text, row).tree;
const reprint = (text: string): string => syntax.print(tree(text));
const qualified = (text: string): string => syntax.print(qualify(tree(text)));

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
  ["", "no expression"],
  ["-- nothing", "no expression"],
  ["a, b", "not one expression"],
  ["a b", "not one expression"],
  ["a as b", "not one expression"],
  ["a from t", "not one expression"],
  ["a; drop table t", "not one expression"],
  ["a where true", "not one expression"],
  ["distinct a", "not one expression"],
  ["all a", "not one expression"],
  ["a into b", "not one expression"],
  ["a limit 1", "not one expression"],
  ["a union select 1", "not one expression"],
  ["(select 1)", "subquery"],
  ["exists (select 1)", "subquery"],
  ["array(select 1)", "subquery"],
  ["a in (select 1)", "subquery"],
  ["$1 + a", "parameter"],
  ["*", "*"],
  ["t.*", "*"],
  ["row(t.*)", "*"],
  ["count(*)", "*"],
  ["rank() over ()", "window function"],
  ["default", "DEFAULT"],
  ["u.a", 'names "u.a"'],
  ["s.t.a", 'names "s.t.a"'],
])("refuses %j", (text, part) => {
  const { code, message } = problem(() => parseExpression(syntax, text, "t"));
  expect(code).toBe("bad-expression");
  expect(message).toContain(part);
});

test.each([
  ["a +", 1, 4],
  ["a\n + + )", 2, 6],
  ["a) + (b", 1, 2],
  ["'é😀' || )", 1, 9],
])("%j does not parse, and the place is in the text that was written", (text, line, column) => {
  const { code, message } = problem(() => parseExpression(syntax, text, null));
  expect(code).toBe("bad-sql");
  expect(message).toContain(`at ${line}:${column}: `);
  expect(message).not.toContain("SELECT");
});

test("columns stand in the tree without the row's name, and are listed once", () => {
  const parsed = parseExpression(syntax, 't."First" || \' \' || t.last || coalesce(t."First", (addr).city) -- note', "t");
  expect(parsed.columns).toEqual(["First", "last", "addr"]);
  expect(syntax.print(parsed.tree)).toBe(`((("First" || ' ') || last) || COALESCE("First", (addr).city))`);
  expect(columnsOf(parsed.tree)).toEqual(parsed.columns);
  expect(parseExpression(syntax, "(t).a", "t").columns).toEqual(["t"]);
});

const oddNames = ["order", 'we"ird', "a.b", "Größe", "😀", "x".repeat(63), "new", "$x", "1st", "current_date", "coalesce", "  "];

test.each(oddNames)("a column called %j is replaced and printed", (name) => {
  const quoted = `"${name.replaceAll('"', '""')}"`;
  const parsed = parseExpression(syntax, `f(${quoted}, other)`, null);
  expect(parsed.columns).toEqual([name, "other"]);
  const result = syntax.print(substitute(parsed.tree, (column) => (column === name ? columnNode("new", name) : null)));
  expect(treeKey(tree(result, "new"))).toBe(treeKey(parsed.tree));
  expect(result).toMatch(/^f\(new\./);
});

test("replacing is not repeated in what was put in, so columns can be swapped", () => {
  const swapped = substitute(tree("a - b"), (column) => columnNode(column === "a" ? "b" : "a"));
  expect(syntax.print(swapped)).toBe("(b - a)");
});

test("an expression put in for a column keeps its own precedence", () => {
  const result = substitute(tree("a * 2 and c"), (column) => (column === "a" ? tree("x + y or z") : null));
  expect(syntax.print(result)).toBe("((((x + y) OR z) * 2) AND c)");
  expect(syntax.print(substitute(tree("a and b"), () => tree("x and y")))).toBe("(x AND y AND (x AND y))");
  expect(syntax.print(substitute(tree("- a"), () => tree("5")))).toBe("-5");
  expect(syntax.print(substitute(tree("a[1]"), () => tree("x || y")))).toBe("(x || y)[1]");
  expect(syntax.print(substitute(tree("a::text"), () => tree("-1")))).toBe("CAST(-1 AS text)");
});

test.each([
  ["(a or b) is null", "((a OR b) IS NULL)"],
  ["(not a) in (true)", "((NOT (a)) IN (true))"],
  ["a between 1 and (b and c)", "(a BETWEEN 1 AND (b AND c))"],
  ["(array[1,2])[1]", "(ARRAY[1, 2])[1]"],
  ["a at local", "(a AT LOCAL)"],
  ["timezone('UTC', a)", "\"timezone\"('UTC', a)"],
  ["xmlparse(content a preserve whitespace)", "XMLPARSE (CONTENT a PRESERVE WHITESPACE)"],
  [
    "json_value(a, '$.x' passing 1 as \"Y\" returning int default 0 on empty error on error)",
    "JSON_VALUE(a, '$.x' PASSING 1 AS \"Y\" RETURNING int DEFAULT 0 ON EMPTY ERROR ON ERROR)",
  ],
  ["json_query(a, '$' with conditional wrapper)", "JSON_QUERY(a, '$' WITH CONDITIONAL WRAPPER)"],
  ["a::pg_catalog.text", "a::pg_catalog.text"],
  ["-1 ^ 2", "(-1 ^ 2)"],
  [`e'a\\\\b'`, `E'a\\\\b'`],
])("%s is printed as %s", (text, expected) => {
  expect(reprint(text)).toBe(expected);
});

test.each([
  ["a + 1", "(a OPERATOR(pg_catalog.+) 1)"],
  ["lower(a)", "pg_catalog.lower(a)"],
  ["app.f(a) operator(app.@@) b", "(app.f(a) OPERATOR(app.@@) b)"],
  ["a::text", "a::pg_catalog.text"],
  ["a::integer", "a::int"],
  ["a::app.mood[]", "a::app.mood[]"],
  ['a::"char"', "a::pg_catalog.char"],
  ['a collate "C"', '(a COLLATE pg_catalog."C")'],
  ["a like 'x'", "(a OPERATOR(pg_catalog.~~) 'x')"],
  ["a not ilike 'x'", "(a OPERATOR(pg_catalog.!~~*) 'x')"],
  ["a similar to 'x'", "(a OPERATOR(pg_catalog.~) pg_catalog.similar_to_escape('x'))"],
  ["a in (1, 2)", "((a OPERATOR(pg_catalog.=) 1) OR (a OPERATOR(pg_catalog.=) 2))"],
  ["a not in (1)", "(a OPERATOR(pg_catalog.<>) 1)"],
  ["a between 1 and 2", "((a OPERATOR(pg_catalog.>=) 1) AND (a OPERATOR(pg_catalog.<=) 2))"],
  ["a = any (array[1])", "(a OPERATOR(pg_catalog.=) ANY (ARRAY[1]))"],
  ["nullif(a, 0)", "CASE WHEN (a OPERATOR(pg_catalog.=) 0) THEN NULL ELSE a END"],
  ["case a when 1 then b end", "CASE WHEN (a OPERATOR(pg_catalog.=) 1) THEN b END"],
  ["a is distinct from b", "(NOT (COALESCE((a OPERATOR(pg_catalog.=) b), (pg_catalog.num_nulls(a, b) OPERATOR(pg_catalog.=) 2))))"],
  ["row(a) = row(b)", "(ROW(a) OPERATOR(pg_catalog.=) ROW(b))"],
  ["to_tsvector('english'::regconfig, a)", "pg_catalog.to_tsvector('pg_catalog.english'::pg_catalog.regconfig, a)"],
  ["nextval('app.s'::regclass)", "pg_catalog.nextval('app.s'::pg_catalog.regclass)"],
  ["a at time zone 'UTC'", "(a AT TIME ZONE 'UTC')"],
  ["timezone('UTC', a)", '"pg_catalog"."timezone"(\'UTC\', a)'],
  ["extract(epoch from a)", "EXTRACT(EPOCH FROM a)"],
  ["coalesce(a, current_date)", "COALESCE(a, CURRENT_DATE)"],
])("%s is qualified as %s", (text, expected) => {
  expect(qualified(text)).toBe(expected);
  expect(treeKey(normal(qualify(tree(expected))))).toBe(treeKey(normal(tree(expected))));
});

test("enclosed() is not fooled by quotes", () => {
  expect(["(a)", "((a) + (b))", "(')')", '("(")'].map(enclosed)).toEqual([true, true, true, true]);
  expect(["a", "(a) + (b)", "(a", "a)"].map(enclosed)).toEqual([false, false, false, false]);
});

const { expression } = fc.letrec<{ expression: string }>((again) => {
  const operand = again("expression");
  return {
    expression: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom("a", "b", '"c d"', "1", "-2", "1.5", "'x''y'", "null", "true"),
      fc
        .tuple(operand, fc.constantFrom("+", "-", "*", "^", "||", "=", "<", "<>", "->", "and", "or", "@>"), operand)
        .map((parts) => `(${parts[0]}) ${parts[1]} (${parts[2]})`),
      fc.tuple(fc.constantFrom("-", "not", "~", "@"), operand).map(([operator, value]) => `${operator} (${value})`),
      fc
        .tuple(
          operand,
          fc.constantFrom(
            "is null",
            "is not true",
            "::text",
            '::app."T"[]',
            'collate "C"',
            "in (1, a)",
            "not between 1 and 2",
            "like 'x'",
            "is distinct from b",
            "at time zone 'UTC'",
            "[1]",
            ".f",
            "is json",
          ),
        )
        .map(([value, suffix]) => `(${value}) ${suffix}`),
      fc.tuple(fc.constantFrom("f", "app.g", "coalesce", "nullif"), operand, operand).map(([name, one, two]) => `${name}(${one}, ${two})`),
      fc.tuple(operand, operand, operand).map(([condition, one, two]) => `case when ${condition} then ${one} else ${two} end`),
      fc.tuple(operand, operand).map(([one, two]) => `array[${one}, ${two}]`),
    ),
  };
});

test("printing gives the same tree, and so does putting columns in and out again", () => {
  fc.assert(
    fc.property(expression, (text) => {
      const before = tree(text);
      expect(treeKey(normal(tree(syntax.print(before))))).toBe(treeKey(normal(before)));
      const moved = substitute(before, (column) => columnNode("new", column));
      expect(treeKey(tree(syntax.print(moved), "new"))).toBe(treeKey(normal(before)));
      const twice = qualify(qualify(before));
      expect(treeKey(twice)).toBe(treeKey(qualify(before)));
      expect(treeKey(normal(tree(syntax.print(twice))))).toBe(treeKey(normal(twice)));
    }),
    { numRuns: 100 },
  );
}, 30_000);
