import fc from "fast-check";
import { expect, test } from "vitest";
import { codeTokens, type Lexing, tokens } from "./lexer.ts";
import { nameOf, quoteName, quoteString, stringValue } from "./written.ts";

const written = (text: string, lexing?: Lexing): string[] => [...tokens(text, lexing)].map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);

test.each([
  ['a$1 `b``c` "d""e" \'f\\\'g\'', ["word a$1", "quoted `b``c`", 'string "d""e"', "string 'f\\'g'"]],
  [
    "N'x' X'0a' b'01' _utf8mb4'x' _latin1 'y' _other",
    ["string N'x'", "string X'0a'", "string b'01'", "introducer _utf8mb4", "string 'x'", "introducer _latin1", "string 'y'", "word _other"],
  ],
  ["'a' 'b'", ["string 'a'", "string 'b'"]],
  ["1 1.5 .5 1. 1e5 1.5e-3 0x1F 0b01", ["number 1", "number 1.5", "number .5", "number 1.", "number 1e5", "number 1.5e-3", "number 0x1F", "number 0b01"]],
  ["1a 0xZ 0X1 1e 1e5x", ["word 1a", "word 0xZ", "word 0X1", "word 1e", "number 1e5", "word x"]],
  ["t.1e5 `t`.2 t . 5", ["word t", "punctuation .", "word 1e5", "quoted `t`", "number .2", "word t", "punctuation .", "number 5"]],
  ["1..3", ["number 1.", "number .3"]],
  [
    "@a.b @'c d' @`e` @@f @@session.g @@`h` root@localhost",
    [
      "variable @a.b",
      "variable @'c d'",
      "variable @`e`",
      "system-variable @@f",
      "system-variable @@session.g",
      "system-variable @@`h`",
      "word root",
      "variable @localhost",
    ],
  ],
  [
    "a<=>b->'$.x'->>'$.y':=c||d&&e!=f",
    [
      "word a",
      "operator <=>",
      "word b",
      "operator ->",
      "string '$.x'",
      "operator ->>",
      "string '$.y'",
      "operator :=",
      "word c",
      "operator ||",
      "word d",
      "operator &&",
      "word e",
      "operator !=",
      "word f",
    ],
  ],
  ["1--1 -- x\n--\n?", ["number 1", "operator -", "operator -", "number 1", "comment -- x", "comment --", "placeholder ?"]],
  ["#x\n/* ' */ /*+ y */", ["comment #x", "block-comment /* ' */", "hint /*+ y */"]],
  ["Größe 😀", ["word Größe", "word 😀"]],
])("cuts %j", (text, expected) => {
  expect(written(text)).toEqual(expected);
});

test("ANSI_QUOTES makes names of double quotes; NO_BACKSLASH_ESCAPES makes backslashes plain", () => {
  expect(written('"a\\" b', { ansiQuotes: true })).toEqual(['quoted "a\\"', "word b"]);
  expect(written("'a\\' b", { noBackslashEscapes: true })).toEqual(["string 'a\\'", "word b"]);
});

test.each<[string, number | undefined, string[]]>([
  ["a /*! b */ c", 101119, ["a", "b", "c"]],
  ["a /*!50003 b*/ c", 101119, ["a", "b", "c"]],
  ["a /*!50701 b */ c", 101119, ["a", "c"]],
  ["a /*!50701 b */ c", 80403, ["a", "b", "c"]],
  ["a /*!80404 b /* x */ y */ c", 80403, ["a", "c"]],
  ["a /*!100100 b */ c", 101119, ["a", "b", "c"]],
  ["a /*M!100100 b */ c", 101119, ["a", "b", "c"]],
  ["a /*M!120000 b */ c", 101119, ["a", "c"]],
  ["a /*M! b */ c", 80403, ["a", "c"]],
  ["a /*!99999 b /* x */ y */ c", undefined, ["a", "b", "y", "c"]],
  ["a /*!50003 b*/* c", 101119, ["a", "b", "*", "c"]],
])("%s on %s is %j", (text, version, expected) => {
  expect(codeTokens(text, version === undefined ? {} : { version }).map(({ start, end }) => text.slice(start, end))).toEqual(expected);
});

const bit = fc.constantFrom(
  ..."' \" ` '' \\ \\' -- # /* */ /*! /*!50003 /*M!100100 /*+ * / - + 1 0x1 1e5 . ; é 😀 ( ) @ @@ @a _utf8 n' x' ? := = $ a e".split(" "),
  "\n",
  "\r",
  "\t",
  " ",
  "\0",
);

test("tokens follow each other, and only white space lies between", () => {
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 16 }), fc.constantFrom<Lexing>({}, { version: 101119 }, { version: 80403, ansiQuotes: true }), (bits, lexing) => {
      const text = bits.join("");
      let at = 0;
      try {
        for (const token of tokens(text, lexing)) {
          expect(text.slice(at, token.start)).toMatch(/^[ \t\n\r\f\v]*$/);
          expect(token.end).toBeGreaterThan(token.start);
          at = token.end;
        }
      } catch (error) {
        expect((error as { code?: string }).code).toBe("bad-sql");
        return;
      }
      expect(text.slice(at)).toMatch(/^[ \t\n\r\f\v]*$/);
    }),
    { numRuns: 3000 },
  );
}, 30_000);

const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((text) => !/[\0\ud800-\udfff]|\s$/.test(text));

test("any name and any string survive quoting", () => {
  fc.assert(
    fc.property(name, fc.string({ unit: "binary", maxLength: 20 }), (column, value) => {
      const text = `${quoteName(column)} ${quoteString(value)}`;
      const [first, second, third, ...more] = codeTokens(text);
      expect(first && nameOf(text, first)).toBe(column);
      expect(more).toEqual([]);
      const string = third ?? second;
      if (string && third === undefined) expect(stringValue(text, string)).toBe(value);
      else expect(Buffer.from(text.slice((string?.start ?? 0) + 2, (string?.end ?? 0) - 1), "hex").toString()).toBe(Buffer.from(value).toString());
    }),
    { numRuns: 300 },
  );
}, 30_000);

test.each([
  ["'a''b\\'c\\n\\%\\_\\q\\0'", "a'b'c\n\\%\\_q\0"],
  ['"a""b\'\'c"', "a\"b''c"],
  ["N'x'", "x"],
  ["x'41'", null],
])("%s says %j", (text, expected) => {
  const [token] = codeTokens(text);
  expect(token && stringValue(text, token)).toBe(expected);
});

test.each(["", "a ", "a\0", "😀"])("%j cannot be a name", (text) => {
  expect(() => quoteName(text)).toThrow("cannot be a name");
});
