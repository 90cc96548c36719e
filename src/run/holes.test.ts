import { expect, test } from "vitest";
import { literally } from "../step/step.ts";
import { unopened } from "../store/fold.ts";
import { fill, holesOf } from "./holes.ts";

test("holes are filled with the marks of their own group", () => {
  const state = { ...unopened, groups: { a: { generation: 2, settled: "77", archived: "80" } } };
  expect(fill("{{run}} {{generation}} {{settled}} {{archived}}", holesOf(5, state, "a"))).toBe("5 2 77 80");
  expect(fill("{{generation}} {{settled}}", holesOf(5, state, "b"))).toBe("0 0");
});

test.each(["{{run}}", "{{{run}}}", "{{braces}}", "{{name}}", "{{", "{{run", "{{ run }}"])("%s is sent as it is where it is meant literally", (text) => {
  expect(fill(literally(`select '${text}'`), holesOf(5, unopened, null))).toBe(`select '${text}'`);
});

test("a user's own double braces are left alone, and so is a dollar", () => {
  expect(fill("select '{{name}} {{toString}}' where {{after}}", { after: "a > '$1 $& {{run}}'" })).toBe(
    "select '{{name}} {{toString}}' where a > '$1 $& {{run}}'",
  );
});
