import { describe, expect, test } from "vitest";
import { judgeReading, misread, seededValue } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import { freshName, nameOf } from "./names.ts";
import { asName, asSplit, down, up, type Value } from "./split.ts";

const old = (name: string | null): Value => ({ side: "old", name });
const fresh = (first: string, last: string | null): Value => ({ side: "new", first, last });

describe("names", () => {
  const names = Array.from({ length: 20_000 }, (_, i) => nameOf(i + 1));
  const some = (what: (name: string) => boolean): number => names.filter((name) => name !== null && what(name)).length;

  test("are the same whoever asks", () => expect(nameOf(4711)).toBe(nameOf(4711)));
  test.each<[string, (name: string) => boolean]>([
    ["joined emoji", (name) => name.includes("\u200d")],
    ["one word", (name) => name !== "" && !name.includes(" ")],
    ["right to left", (name) => /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(name)],
    ["combining marks", (name) => /\p{Mn}/u.test(name) && !name.includes("\ufe0f")],
    ["quotes", (name) => name.includes("'") || name.includes('"')],
    ["60 characters", (name) => [...name].length === 60],
    ["blanks at an end", (name) => name !== name.trim()],
    ["nothing", (name) => name === ""],
  ])("hold %s", (_, what) => expect(some(what)).toBeGreaterThan(10));
  test("are NULL now and then", () => expect(names.filter((name) => name === null).length).toBeGreaterThan(100));
  test("fit the column, and are whole characters", () => expect(some((name) => [...name].length > 150 || /\p{Surrogate}/u.test(name))).toBe(0));
  test("of a write are told from all others, and keep their odd ends", () => {
    expect(freshName(7, "a")).not.toBe(freshName(7, "b"));
    const trailing = Array.from({ length: 5000 }, (_, i) => i).find((i) => nameOf(i)?.endsWith(" "));
    expect(freshName(trailing ?? 0, "x")).toMatch(/^x·.* $/);
  });
});

test.each<[string | null, string, string | null]>([
  [null, "", null],
  ["", "", null],
  [" ", "", null],
  ["Prince", "Prince", null],
  ["Ada ", "Ada", null],
  [" Lovelace", "", "Lovelace"],
  ["Ada  Lovelace", "Ada", " Lovelace"],
  ["Ada Maria Lovelace", "Ada", "Maria Lovelace"],
  ["👩‍👩‍👧 Kiss\u00a0me", "👩‍👩‍👧", "Kiss\u00a0me"],
])("%j is split into %j and %j", (name, first, last) => expect(up(name)).toEqual({ first, last }));

test("parts make a name, and nothing makes none", () => {
  expect(down({ first: "Ada Maria", last: "Lovelace" })).toBe("Ada Maria Lovelace");
  expect(down({ first: "", last: "Lovelace" })).toBe(" Lovelace");
  expect(down({ first: "", last: null })).toBeNull();
});

test("each side sees what the other wrote through the expressions, and what it wrote itself as it is", () => {
  expect(asName(old("Ada "))).toBe("Ada ");
  expect(asSplit(old("Ada Maria Lovelace"))).toEqual({ first: "Ada", last: "Maria Lovelace" });
  expect(asSplit(fresh("Ada Maria", "Lovelace"))).toEqual({ first: "Ada Maria", last: "Lovelace" });
  expect(asName(fresh("Ada Maria", "Lovelace"))).toBe("Ada Maria Lovelace");
});

describe("ledger", () => {
  test("the last revision wins in whatever order answers come, and a deleted row stays deleted", () => {
    const ledger = new Ledger();
    ledger.note(1, { revision: 3, value: old("c") });
    ledger.note(1, { revision: 2, value: old("b") });
    expect(ledger.get(1)).toEqual({ revision: 3, value: old("c") });
    ledger.note(1, { revision: 0, value: null });
    ledger.note(1, { revision: 4, value: old("d") });
    expect(ledger.gone()).toEqual([1]);
  });
  test("when the new shape is given up, its values live on as names", () => {
    const ledger = new Ledger();
    ledger.merge([
      [1, { revision: 1, value: fresh("Ada Maria", "Lovelace") }],
      [2, { revision: 1, value: null }],
    ]);
    ledger.fold();
    expect(ledger.entries()).toEqual([
      [1, { revision: 1, value: old("Ada Maria Lovelace") }],
      [2, { revision: 1, value: null }],
    ]);
  });
});

describe("reading", () => {
  const row = { id: 8, revision: 2, name: "x" };
  const reading = { id: 8, row, before: undefined, after: undefined, mayBeGone: false, seeded: true };
  const entry = (revision: number, name: string) => ({ revision, value: old(name) });

  test("what was written is what is read", () => {
    expect(judgeReading({ ...reading, after: entry(2, "x") })).toBeNull();
    expect(judgeReading({ ...reading, after: entry(2, "y") })).toContain('name is "x" and not "y"');
  });
  test("an older revision than the one that was acknowledged is a lost write", () =>
    expect(judgeReading({ ...reading, before: entry(3, "z"), after: entry(3, "z") })).toContain("revision 2"));
  test("a newer one may be another's", () => expect(judgeReading({ ...reading, before: entry(1, "w"), after: entry(1, "w") })).toBeNull());
  test("a row that nobody may delete must be there", () => {
    expect(judgeReading({ ...reading, row: undefined })).toBe("row 8 is not there");
    expect(judgeReading({ ...reading, row: undefined, mayBeGone: true })).toBeNull();
  });
  test("a row that nobody wrote shows its first value", () => {
    expect(judgeReading({ ...reading, row: { id: 8, revision: 0, name: nameOf(8) } })).toBeNull();
    expect(judgeReading({ ...reading, row: { id: 8, revision: 0, name: "someone else" } })).toContain("someone else");
  });
  test("both shapes are looked at", () => {
    const { first, last } = asSplit(seededValue(8));
    expect(misread({ id: 8, revision: 0, name: nameOf(8), first, last }, seededValue(8))).toBeNull();
    expect(misread({ id: 8, revision: 0, name: nameOf(8), first, last: "nobody" }, seededValue(8))).toContain("first and last name");
  });
});
