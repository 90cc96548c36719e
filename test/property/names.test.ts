// Names: any that a server can store is written and read back the same, and derived ones fit and never meet.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { derivedName, keyOf, nameFor, parseName } from "../../src/schema/names.ts";

/** What tends to break: quotes, dots, spaces of all kinds, reserved words, characters beyond the first plane. */
const awkward = fc.constantFrom(
  '"',
  '""',
  ".",
  " ",
  "\u00a0",
  "\u3000",
  "\ufeff",
  "\t",
  "\n",
  "'",
  "\\",
  "$",
  "ß",
  "İ",
  "👩‍👩‍👧",
  "é",
  "select",
  "Ünï",
  "%",
  "{{run}}",
  ";",
  "--",
);
const name = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
    fc.array(fc.oneof(awkward, fc.string({ maxLength: 3 })), { minLength: 1, maxLength: 6 }).map((parts) => parts.join("")),
  )
  .filter((text) => text !== "" && !text.includes("\0"));

describe("keys of names", () => {
  test("are read back as the name", () => {
    fc.assert(
      fc.property(name, name, (schema, table) => void expect(parseName(keyOf({ schema, name: table }), "elsewhere")).toEqual({ schema, name: table })),
      { numRuns: 2000 },
    );
  });

  test("of two names differ", () => {
    fc.assert(
      fc.property(name, name, name, name, (a, b, c, d) => {
        fc.pre(a !== c || b !== d);
        expect(keyOf({ schema: a, name: b })).not.toBe(keyOf({ schema: c, name: d }));
      }),
    );
  });

  test("need no namespace to be given where they have one, and take it where they have none", () => {
    fc.assert(
      fc.property(
        name,
        (table) => void expect(parseName(keyOf({ schema: "s", name: table }).slice("s.".length), "home")).toEqual({ schema: "home", name: table }),
      ),
    );
  });
});

describe("derived names", () => {
  const pieces = fc.array(
    fc.oneof(
      name,
      name.map((text) => text.repeat(8)),
    ),
    { minLength: 1, maxLength: 4 },
  );
  const bytes = (text: string): number => Buffer.byteLength(text);

  test("fit, and are cut at a character", () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 20, max: 63 }), (parts, limit) => {
        const derived = derivedName(parts, limit);
        expect(bytes(derived)).toBeLessThanOrEqual(limit);
        expect(Buffer.from(derived).toString()).toBe(derived);
        if (bytes(parts.join("_")) <= limit) expect(derived).toBe(parts.join("_"));
      }),
      { numRuns: 1000 },
    );
  });

  test("of two different texts differ, however much of them is the same", () => {
    fc.assert(
      fc.property(
        name,
        fc.integer({ min: 60, max: 200 }),
        fc.string({ minLength: 1, maxLength: 5 }),
        fc.string({ minLength: 1, maxLength: 5 }),
        (head, length, a, b) => {
          fc.pre(a !== b);
          const long = head.repeat(Math.ceil(length / head.length));
          expect(derivedName(["hotstick_old", long + a])).not.toBe(derivedName(["hotstick_old", long + b]));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("of a name that was derived itself is not the name", () => {
    const long = "a".repeat(80);
    expect(derivedName([derivedName([long])])).toBe(derivedName([long]));
    expect(derivedName(["x", derivedName([long])])).not.toBe(derivedName(["x", long]));
  });
});

describe("names for what is a user's", () => {
  // Few letters, so that joined texts meet often.
  const names = fc.array(fc.stringMatching(/^[ab_]{1,4}$/), { minLength: 1, maxLength: 4 });

  test("differ where the names do, though both read the same", () => {
    expect(nameFor("archived", ["user", "profile_name"])).not.toBe(nameFor("archived", ["user_profile", "name"]));
    fc.assert(
      fc.property(names, names, fc.integer({ min: 30, max: 63 }), (one, other, limit) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(nameFor("archived_{{run}}", one, limit)).not.toBe(nameFor("archived_{{run}}", other, limit));
      }),
      { numRuns: 2000 },
    );
  });

  test("fit, and say of whom they are", () => {
    expect(nameFor("archive_{{run}}", ["public", "users"])).toBe("archive_{{run}}_public_users");
    expect(nameFor("archive_{{run}}", ["public", "old_users"])).toMatch(/^archive_\{\{run\}\}_public_old_users_[0-9a-f]{8}$/);
    for (const long of ["a".repeat(90), "a_".repeat(45), "ö_".repeat(30)]) {
      const made = nameFor("archive_{{run}}", ["public", long]);
      expect(Buffer.byteLength(made)).toBeLessThanOrEqual(63);
      expect(Buffer.from(made).toString()).toBe(made);
      expect(made).not.toBe(nameFor("archive_{{run}}", ["public", `${long}b`]));
    }
  });
});
