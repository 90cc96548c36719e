import fc from "fast-check";
import parser from "libpg-query";
import { expect, test } from "vitest";
import { nameOf, nextToken, tokens } from "./lexer.ts";

await parser.loadModule();

/** How a string, a quoted name or a comment begins. */
const opening = /^(?:[eEbBxX]?'|[uU]&['"]|"|--|\/\*|\$(?:[a-zA-Z_é😀]+)?\$)/u;

/** Where the server's own scanner sees strings, quoted names and comments; null where it sees an error. */
function scanned(text: string): string[] | null {
  try {
    const bytes = Buffer.from(text);
    const unit = (at: number): number => bytes.toString("utf8", 0, at).length;
    return parser
      .scanSync(text)
      .tokens.map(({ start, end }) => ({ start: unit(start), end: unit(end) }))
      .filter(({ start }) => opening.test(text.slice(start)))
      .map(({ start, end }) => `${start}-${end}`);
  } catch {
    return null;
  }
}

const quoted = new Set(["quoted", "string", "dollar", "comment", "block-comment"]);
const national = /^[nN]'/;

function found(text: string): string[] {
  // The server's scanner sees the N of N'…' as a token of its own.
  return [...tokens(text)]
    .filter(({ kind }) => quoted.has(kind))
    .map(({ start, end }) => `${national.test(text.slice(start, start + 2)) ? start + 1 : start}-${end}`);
}

const bit = fc.constantFrom(
  ..."' \" $ $$ $a$ a e E' e' U&' u&\" B' x n' \\ \\' -- /* */ * / - + 1 . ; é 😀 ( ) '' \"\" : = 1.5 1e5 $1 @".split(" "),
  "\n",
  "\r",
  "\t",
  " ",
);

test("strings, quoted names and comments end where the server's scanner ends them", () => {
  fc.assert(
    fc.property(fc.array(bit, { minLength: 1, maxLength: 14 }), (bits) => {
      const text = bits.join("");
      const expected = scanned(text);
      if (expected) expect(found(text)).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
}, 30_000);

test.each([
  ["Abc", "abc"],
  ["ÀB", "Àb"],
  ['"A""b.c"', 'A"b.c'],
  ['U&"d\\0061t\\+000061"', "data"],
  ['u&"a\\\\b"', "a\\b"],
])("%s names %s", (text, expected) => {
  const token = nextToken(text, 0);
  expect(token && nameOf(text, token)).toBe(expected);
});
