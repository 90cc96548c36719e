import fc from "fast-check";
import { expect, test } from "vitest";
import { clean, columns, cut, oneLine, width, wrapped } from "./layout.ts";
import { createStyle } from "./style.ts";

const { red } = createStyle({ colour: true });

test.each([
  ["abc", 3],
  ["käse", 4],
  ["日本", 4],
  ["👍", 2],
  ["e\u0301", 1],
  [red("abc"), 3],
])("%j takes %i cells", (text, cells) => expect(width(text)).toBe(cells));

test("a cut text fits, ends in … and closes its colours", () => {
  expect(cut("abcdef", 4)).toBe("abc…");
  expect(cut("abcd", 4)).toBe("abcd");
  expect(cut(red("abcdef"), 4)).toBe("\u001b[31mabc\u001b[39m…");
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 2, max: 30 }), (text, to) => width(cut(text, to)) <= to));
});

test("what steers a terminal does not come through", () => {
  expect(clean("a\u001b[2Jb\u0007\nc\td\u202e")).toBe("a\ufffd[2Jb\ufffd\nc\td\ufffd");
  expect(oneLine("  select\n  1\r\n")).toBe("select 1");
});

test("columns line up, whatever is coloured", () => {
  expect(
    columns([
      ["a", "b"],
      [red("ccc"), "d"],
    ]).map((line) => width(line)),
  ).toEqual([6, 6]);
});

test("text breaks at spaces", () => expect(wrapped("aa bb cc\nd", 5)).toEqual(["aa bb", "cc", "d"]));
