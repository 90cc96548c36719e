import { expect, test } from "vitest";
import { didYouMean, nearest } from "./nearest.ts";

const known = ["lockBudget", "migrations", "url", "directUrl"];

test.each([
  ["lockbudget", "lockBudget"],
  ["lockBuget", "lockBudget"],
  ["migratoins", "migrations"],
  ["ulr", "url"],
  ["", null],
  ["password", null],
])("nearest to %j is %j", (word, expected) => expect(nearest(word, known)).toBe(expected));

test("a guess is a sentence, no guess is nothing", () => {
  expect(didYouMean("migration", known)).toBe(' Did you mean "migrations"?');
  expect(didYouMean("zzz", known)).toBe("");
});
