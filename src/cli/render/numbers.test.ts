import { expect, test } from "vitest";
import { count, plural } from "../../plural.ts";
import { range, ratio, size, time } from "./numbers.ts";

test.each([
  [0, "0 ms"],
  [340.4, "340 ms"],
  [1000, "1 s"],
  [4230, "4.2 s"],
  [59_949, "59.9 s"],
  [59_999, "1 min"],
  [200_000, "3 min 20 s"],
  [3_599_900, "1 h"],
  [7_500_000, "2 h 5 min"],
  [86_399_000, "1 d"],
  [273_600_000, "3 d 4 h"],
])("%d ms is %s", (ms, text) => expect(time(ms)).toBe(text));

test.each([
  [0, "1 MB"],
  [840_400_000, "840 MB"],
  [999_600_000, "1 GB"],
  [12_345_000_000, "12.3 GB"],
])("%d bytes are %s", (bytes, text) => expect(size(bytes)).toBe(text));

test("counts are grouped", () => {
  expect([0, 999, 1000, 1234567.4].map(count)).toEqual(["0", "999", "1,000", "1,234,567"]);
  expect([plural(1, "row"), plural(2, "row"), plural(0, "entry", "entries")]).toEqual(["1 row", "2 rows", "0 entries"]);
});

test.each<[[number, number], string]>([
  [[180_000, 300_000], "3–5 min"],
  [[40_000, 120_000], "40 s to 2 min"],
  [[100_000, 110_000], "2 min"],
  [[0, 200], "1 s"],
  [[3_600_000, 10_800_000], "60 min to 3 h"],
])("the range %j is %s", (ends, text) => expect(range(ends)).toBe(text));

test("an estimate never says that all is done", () => expect([ratio(5, 10), ratio(12, 10), ratio(0, 0)]).toEqual([0.5, 0.99, 0]));
