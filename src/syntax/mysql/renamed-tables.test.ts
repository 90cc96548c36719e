import { expect, test } from "vitest";
import { renamedTables } from "./renamed-tables.ts";
import { wordsOf } from "./words.ts";

const renames = (text: string) =>
  renamedTables(wordsOf(text))?.map(({ from, to }) => [from, to].map(({ schema, name }) => (schema === null ? name : `${schema}.${name}`)).join(" to ")) ??
  null;

test.each([
  ["rename table a to b", ["a to b"]],
  ["rename tables a to b, x.`c d` to y.e", ["a to b", "x.c d to y.e"]],
  ["rename table if exists a to b", ["a to b"]],
  ["rename table a wait 5 to b, c nowait to d", ["a to b", "c to d"]],
  ["rename table wait to nowait", ["wait to nowait"]],
  ["rename table a as b", null],
  ["rename table a", null],
])("%s", (text, expected) => expect(renames(text)).toEqual(expected));
