import { expect, test } from "vitest";
import { momentOf, secondsOf } from "./moment.ts";
import { assignable, isNotLiteral, isUnreadMoment } from "./types.ts";

test.each([
  ["'1970-01-01 00:00:01'", "1"],
  ["'2024-01-01'", "1704067200"],
  ["('2024-01-01 12:30')", "1704112200"],
  ["timestamp'2024-01-01T12:30:01'", "1704112201"],
  ["'2024-01-01 00:00:00.000'", "1704067200"],
  ["'2024-01-01 00:00:00.250'", "1704067200.250"],
  ["'0000-00-00 00:00:00'", "0"],
  ["current_timestamp()", null],
  ["20240101", null],
])("the seconds of %s are %s", (literal, seconds) => {
  expect(secondsOf(literal)).toBe(seconds);
});

test("no clock of a session has a part in what is generated", () => {
  expect(isNotLiteral("timestamp(3)", "new.at", "'2024-01-01 00:00:00.000'")).toBe("not (unix_timestamp(new.at) <=> 1704067200)");
  expect(isNotLiteral("timestamp", "new.at", "current_timestamp()")).toBe("not (new.at <=> current_timestamp())");
  expect(isNotLiteral("datetime", "new.at", "'2024-01-01'")).toBe("not (new.at <=> '2024-01-01')");
  expect([momentOf("'2024-01-01'"), momentOf("'0000-00-00'"), momentOf("now()")]).toEqual(["from_unixtime(1704067200)", "'0000-00-00 00:00:00'", "now()"]);
  expect([assignable("timestamp", "'2024-01-01'"), assignable("datetime", "'2024-01-01'")]).toEqual(["from_unixtime(1704067200)", "'2024-01-01'"]);
});

test("a literal that only the server can read is told from one that is read, and from a call", () => {
  const texts = ["'2024^01^01'", "20240101", "'24-01-01'", "'2024-01-01'", "current_timestamp", "(now())"];
  expect(texts.filter((text) => isUnreadMoment("timestamp", text))).toEqual(["'2024^01^01'", "20240101", "'24-01-01'"]);
  expect(isUnreadMoment("datetime", "20240101")).toBe(false);
});
