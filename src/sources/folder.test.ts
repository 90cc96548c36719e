import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compareNames, readFolder } from "./folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hotstick-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...files: string[]) => {
  for (const file of files) writeFileSync(join(folder, file), file);
};

test("scripts and SQL count, declarations, tests, dot files and READMEs do not", () => {
  write("2_b.sql", "10_c.ts", "1_a.mjs", "x.d.ts", "1_a.test.ts", ".hidden.sql", "README.md", "README.sql", "notes.txt", "snapshot.json", "d.JS");
  mkdirSync(join(folder, "meta.sql"));
  expect(readFolder(folder).map(({ name, format }) => [name, format])).toEqual([
    ["1_a", "script"],
    ["2_b", "sql"],
    ["10_c", "script"],
  ]);
});

test("two files of one name are refused", () => {
  write("a.ts", "a.sql");
  expect(() => readFolder(folder)).toThrow(expect.objectContaining({ code: "duplicate-migration" }));
});

test("a folder that is not there is a Problem", () => {
  expect(() => readFolder(join(folder, "none"))).toThrow(expect.objectContaining({ code: "no-migrations-folder" }));
});

test("names are in a total order: by leading number, then as text", () => {
  expect(["b", "10", "2_x", "002_a", "20261122T1430_x", "20261122T1429_y", "a"].sort(compareNames)).toEqual([
    "002_a",
    "2_x",
    "10",
    "20261122T1429_y",
    "20261122T1430_x",
    "a",
    "b",
  ]);
  const name = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(200), fc.string({ maxLength: 3 })).map(([n, s]) => `${n}${s}`),
    fc.stringMatching(/^0{0,2}[0-9a-b]{1,3}$/),
  );
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      expect(Math.sign(compareNames(a, b)) + Math.sign(compareNames(b, a))).toBe(0);
      expect(compareNames(a, b) === 0).toBe(a === b);
      if (compareNames(a, b) <= 0 && compareNames(b, c) <= 0) expect(compareNames(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});
