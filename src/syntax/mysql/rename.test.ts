import { expect, test } from "vitest";
import { namesColumn, renameInExpression, renameInForeignKey, renameInKey } from "./rename.ts";

const renames = new Map([
  ["a", "n`ew"],
  ["end", "finish"],
]);

test.each([
  ["`a` + `t`.`A` + a('a', 1)", "`n``ew` + `t`.`n``ew` + a('a', 1)"],
  ["case when `end` > 0 then 'a' else `a` end", "case when `finish` > 0 then 'a' else `n``ew` end"],
  ["`a`.`b` = concat(`ab`,_utf8mb4'`a`') collate a", "`a`.`b` = concat(`ab`,_utf8mb4'`a`') collate a"],
])("in %s", (text, expected) => {
  expect(renameInExpression(text, renames)).toBe(expected);
});

test.each([
  ["KEY `a` (`a`)", "KEY `a` (`n``ew`)"],
  ["UNIQUE KEY `i` (a(10) DESC,`b`, `end`) USING BTREE COMMENT 'a'", "UNIQUE KEY `i` (`n``ew`(10) DESC,`b`, `finish`) USING BTREE COMMENT 'a'"],
  ["KEY `i` ((lower(`a`)), (case when 1 then 2 end), `a`)", "KEY `i` ((lower(`n``ew`)), (case when 1 then 2 end), `n``ew`)"],
  ["(`a`)", "(`n``ew`)"],
])("in the key %s", (text, expected) => {
  expect(renameInKey(text, renames)).toBe(expected);
});

test("in a foreign key each side has its own names", () => {
  const text = "CONSTRAINT `a` FOREIGN KEY (`a`, b) REFERENCES `app`.`a` (`a`, `b`) ON DELETE CASCADE";
  expect(renameInForeignKey(text, renames, new Map([["b", "c"]]))).toBe(
    "CONSTRAINT `a` FOREIGN KEY (`n``ew`, b) REFERENCES `app`.`a` (`a`, `c`) ON DELETE CASCADE",
  );
  expect(renameInForeignKey(text, new Map(), renames)).toContain("FOREIGN KEY (`a`, b) REFERENCES `app`.`a` (`n``ew`, `b`)");
});

test("two columns can take each other's names", () => {
  const swap = new Map([
    ["a", "b"],
    ["b", "a"],
  ]);
  expect(renameInExpression("`a` - `b`", swap)).toBe("`b` - `a`");
});

test("whether a definition names a column", () => {
  expect(namesColumn("KEY k (`Größe`(3), 'x')", "größe")).toBe(true);
  expect(namesColumn("KEY k (`Größe`(3), 'x')", "x")).toBe(false);
});
