import fc from "fast-check";
import { expect, test } from "vitest";
import { Problem } from "../../problem.ts";
import { parseExpression, substitute } from "./expression.ts";
import type { Node } from "./tree.ts";
import { quoteName, quoteString } from "./written.ts";

function problem(action: () => unknown): Problem {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("no Problem was thrown");
}

/** The tree with every operator in parentheses. */
const shape = ({ form, name, parts, value }: Node): string => {
  if (form === "column") return name;
  if (form === "literal") return name === "text" ? `'${value}'` : (value ?? name);
  return `${form === "operator" ? "" : `${form} `}${name}(${parts.map(shape).join(", ")})`;
};
const tree = (text: string): string => shape(parseExpression(text, "t").tree);

test.each([
  ["", "no expression"],
  ["-- nothing", "no expression"],
  ["a, b", "not one expression"],
  ["a b", "not one expression"],
  ["a as b", "not one expression"],
  ["a from t", "not one expression"],
  ["a; drop table t", "not one expression"],
  ["a limit 1", "not one expression"],
  ["select 1", "not one expression"],
  ["a) + (b", "not one expression"],
  ["(a, b)", "a row"],
  ["interval 1 day", "an interval"],
  ["(select 1)", "subquery"],
  ["((select 1) + 1)", "subquery"],
  ["exists (select 1)", "subquery"],
  ["a in (select 1)", "subquery"],
  ["a = any (select 1)", "subquery"],
  ["(with x as (select 1) select * from x)", "subquery"],
  ["? + a", "parameter"],
  ["*", "*"],
  ["t.*", "*"],
  ["count(*)", "many rows"],
  ["group_concat(a order by b separator ',')", "many rows"],
  ["rank() over ()", "many rows"],
  ["f(a) over (order by a)", "window function"],
  ["default", "DEFAULT"],
  ["default(a)", "DEFAULT()"],
  ["@x", "@x"],
  ["@x := 1", "@x"],
  ["a := 1", "assigns"],
  ["@@sql_mode", "@@sql_mode"],
  ["match(a) against ('x')", "MATCH"],
  ["next value for s", "sequence"],
  ["a || b", "||"],
  ["u.a", 'names "u.a"'],
  ["s.t.a", 'names "s.t.a"'],
  ["a /*!50000 + 1 */", "versioned"],
])("refuses %j", (text, part) => {
  const { code, message } = problem(() => parseExpression(text, "t"));
  expect(code).toBe("bad-expression");
  expect(message).toContain(part);
});

test.each([
  ["a +", 1, 4],
  ["a\n + * )", 2, 4],
  ["'é😀' = )", 1, 8],
  ["case when a then 1", 1, 19],
  ["cast(a)", 1, 7],
  ["a in b", 1, 6],
  ["a between 1", 1, 12],
  ["extract(a from b)", 1, 9],
  ["concat(a b)", 1, 10],
  ["order", 1, 1],
])("%j does not parse, and the place is said", (text, line, column) => {
  const find = (): unknown => parseExpression(text, null);
  if (text.includes("* )")) expect(problem(find).message).toContain("holds a *");
  else {
    const { code, message } = problem(find);
    expect(code).toBe("bad-sql");
    expect(message).toContain(`at ${line}:${column}: `);
  }
});

test.each([
  ["a + b * c - d", "-(+(a, *(b, c)), d)"],
  ["a or b and not c = d xor e", "or(a, xor(and(b, not(=(c, d))), e))"],
  ["a && b", "and(a, b)"],
  ["not a in (1, 2) or b is not null", "or(not(in(a, 1, 2)), is null(b))"],
  ["a not between 1 and 2 and b", "and(between(a, 1, 2), b)"],
  ["a like 'x%' escape '#' = b", "=(like(a, 'x%', '#'), b)"],
  ["a not rlike 'x' collate utf8mb4_bin", "regexp(a, collate('x'))"],
  ["-a ^ 2 + ~b", "+(^(unary -(a), 2), ~(b))"],
  ["a div 2 mod 3 % 4", "%(%(div(a, 2), 3), 4)"],
  ["mod(a, 2)", "call mod(a, 2)"],
  ["case a when 1 then 'x' else null end", "case case(=(a, 1), 'x', null)"],
  ["case when a then b end + 1", "+(case case(a, b), 1)"],
  ["cast(a as decimal(10, 2))", "cast decimal(10,2)(a)"],
  ["convert(a, char(10) character set utf8mb4)", "cast char(10)character set utf8mb4(a)"],
  ["convert(a using latin1)", "cast using latin1(a)"],
  ["binary a = b", "=(cast binary(a), b)"],
  ["a + interval 1 + 1 day", "+(a, interval day(+(1, 1)))"],
  ["interval(1) day + a", "+(interval day(1), a)"],
  ["interval(a, 1, 2)", "call interval(a, 1, 2)"],
  ["date_add(a, interval '1:2' minute_second)", "call date_add(a, interval minute_second('1:2'))"],
  ["trim(both 'x' from a)", "call trim(a, 'x')"],
  ["trim(leading from a)", "call trim(a)"],
  ["substring(a from 1 for 2)", "call substring(a, 1, 2)"],
  ["position('x' in a)", "call position('x', a)"],
  ["extract(year_month from a)", "call extract(a)"],
  ["timestampdiff(day, a, b)", "call timestampdiff(a, b)"],
  ["char(65, 66 using utf8mb4)", "call char(65, 66)"],
  ["date '2026-01-01' < a", "<(2026-01-01, a)"],
  ["_utf8mb4'a' 'b' \"c\"", "'abc'"],
  ["true", "1"],
  ["current_timestamp", "call current_timestamp()"],
  ["left(a, 1)", "call left(a, 1)"],
  ["if(a, b, c)", "call if(a, b, c)"],
  ["app.f(a)", "call app.f(a)"],
  ["a->>'$.x'", "->>(a, '$.x')"],
  ["row(a, b) = (1, 2)", "=(row row(a, b), row row(1, 2))"],
  ["a sounds like b", "sounds like(a, b)"],
])("%s is read as %s", (text, expected) => {
  expect(tree(text)).toBe(expected);
});

test("columns are listed once, whatever their case, and each place is known", () => {
  const parsed = parseExpression("t.`First` + concat(LAST, `t`.last, first) /* last */ -- last", "t");
  expect(parsed.columns).toEqual(["First", "LAST"]);
  expect(parsed.functions).toEqual(["concat"]);
  expect(substitute(parsed, (name) => `NEW.${quoteName(name)}`)).toBe("NEW.`First` + concat(NEW.`LAST`, NEW.`last`, NEW.`first`)");
  expect(substitute(parsed, () => null)).toBe("t.`First` + concat(LAST, `t`.last, first)");
});

test("what is put in is not looked into again, so columns can be swapped", () => {
  expect(substitute(parseExpression("a - b", null), (column) => (column === "a" ? "b" : "a"))).toBe("b - a");
});

const odd = ["order", "we`ird", "a.b", "Größe", "x".repeat(64), "new", "$x", "1st", "0x1", "current_date", "concat", "(", "--", "/*", "'", '"', "\\"];

test.each(odd)("a column called %j is found and replaced", (name) => {
  const parsed = parseExpression(`f(${quoteName(name)}, other)`, null);
  expect(parsed.columns).toEqual([name, "other"]);
  expect(substitute(parsed, (column) => `NEW.${quoteName(column)}`)).toBe(`f(NEW.${quoteName(name)}, NEW.\`other\`)`);
});

const leaf = fc.oneof(
  fc.constantFrom("a", "`b c`", "t.a", "1", "1.5e3", "null", "x'00'", "date'2026-01-01'"),
  fc.string({ unit: "grapheme", maxLength: 6 }).map(quoteString),
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc
      .tuple(tie("expression"), fc.constantFrom("+", "=", "and", "or", "like", "<=>", "/*x*/-", "div"), tie("expression"))
      .map((parts) => `(${parts.join(" ")})`),
    fc.tuple(fc.constantFrom("concat", "coalesce", "left"), tie("expression"), tie("expression")).map(([f, a, b]) => `${f}(${a}, ${b})`),
    tie("expression").map((a) => `case when ${a} then ${a} else -${a} end`),
    tie("expression").map((a) => `cast(${a} as char(10))`),
    tie("expression").map((a) => `(${a} is not null)`),
  ),
}));

test("replacing columns and replacing them back gives the same text", () => {
  fc.assert(
    fc.property(expression, (text) => {
      const parsed = parseExpression(text, "t");
      const there = parseExpression(
        substitute(parsed, (name) => `NEW.${quoteName(name)}`),
        "new",
      );
      expect(there.columns).toEqual(parsed.columns);
      expect(shape(there.tree)).toBe(shape(parsed.tree));
    }),
  );
}, 30_000);

test("any text gives an expression or a Problem", () => {
  const bit = fc.constantFrom(
    ..."a t . ( ) , + - * ' \" ` case when then else end in is not null like between and interval day cast as char :: := @ ? 1 'x' select".split(" "),
  );
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 10 }), (bits) => {
      try {
        parseExpression(bits.join(" "), "t");
      } catch (error) {
        expect(error).toBeInstanceOf(Problem);
      }
    }),
    { numRuns: 3000 },
  );
}, 30_000);
