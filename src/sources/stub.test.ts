import { expect, test } from "vitest";
import { phases } from "../step/phase.ts";
import { splitFile } from "../syntax/postgres/split.ts";
import { migrationName, migrationText, slug } from "./stub.ts";

test.each([
  ["Split users' names", "split_users_names"],
  ["  Größe: ändern!  ", "große_andern"],
  ["ユーザー 追加", "ユーザー_追加"],
  ["--", ""],
  ["a".repeat(80), "a".repeat(60)],
])("the slug of %j is %j", (title, expected) => expect(slug(title)).toBe(expected));

const at = new Date("2026-11-22T14:30:59Z");

test("a name is the minute and the slug, and sorts after those of its minute", () => {
  expect(migrationName("b", at, [])).toBe("20261122T1430_b");
  expect(migrationName("b", at, ["20261122T1430_a"])).toBe("20261122T1430_b");
  expect(migrationName("b", at, ["20261122T1430_c", "20261122T1431_x"])).toBe("20261122T1432_b");
  expect(migrationName("b", at, ["20261122T1430_b", "zzz"])).toBe("20261122T1431_b");
});

test("the SQL to begin with is an empty migration", () => expect(splitFile(migrationText("sql"), phases).statements).toEqual([]));
