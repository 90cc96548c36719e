import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesHash, canonicalJson, contentHash } from "./hash.ts";

test("the hash of bytes is SHA-256", () => expect(bytesHash(Buffer.from("abc"))).toMatch(/^ba7816bf/));

test("the order of keys says nothing, the order of operations does", () => {
  const a = { operations: [{ kind: "x", table: "t" }, { kind: "y" }], parents: null, accept: [] };
  expect(contentHash({ accept: [], parents: null, operations: [{ table: "t", kind: "x" }, { kind: "y" }] })).toBe(contentHash(a));
  expect(contentHash({ ...a, operations: a.operations.toReversed() })).not.toBe(contentHash(a));
});

test("stated parents differ from none stated, their order does not", () => {
  const hash = (parents: readonly string[] | null) => contentHash({ operations: [], parents, accept: [] });
  expect(hash([])).not.toBe(hash(null));
  expect(hash(["a", "b"])).toBe(hash(["b", "a"]));
});

test("canonical JSON is the value, and the same for every order of keys", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const shuffled = JSON.parse(JSON.stringify(value), (_, item: unknown) =>
        typeof item === "object" && item !== null && !Array.isArray(item) ? Object.fromEntries(Object.entries(item).reverse()) : item,
      ) as unknown;
      expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
