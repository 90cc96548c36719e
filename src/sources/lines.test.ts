import fc from "fast-check";
import { expect, test } from "vitest";
import { diffLines, excerptOf } from "./lines.ts";

test("both texts can be read off the difference, which keeps what it can", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (a, b) => {
      const lines = diffLines(a, b);
      const side = (mark: string) => lines.filter((line) => line.mark !== mark).map((line) => line.text);
      expect(side("+").join("\n")).toBe(a);
      expect(side("-").join("\n")).toBe(b);
      if (a === b) expect(lines.every(({ mark }) => mark === " ")).toBe(true);
    }),
  );
});

test("an excerpt shows changes with their neighbours", () => {
  const before = ["1", "2", "3", "4", "5", "6", "7"].join("\n");
  expect(excerptOf(diffLines(before, before.replace("4", "four")), 1)).toBe("…\n  3\n- 4\n+ four\n  5");
  expect(excerptOf(diffLines("a\n".repeat(3000), "b\n".repeat(3000)), 1, 3).split("\n")).toHaveLength(4);
});
