// Whether a value of one type can be stored in another without being refused, cut or rounded, in strict mode.

/** A type as the server prints it, with its collation where it holds text. */
export interface Stored {
  readonly type: string;
  readonly collation: string | null;
}

/** Bits of an integer type. */
const bits: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64 };
/** Bytes that each holds; of the short ones the number in parentheses counts characters. */
const longest: Readonly<Record<string, number>> = {
  tinytext: 255,
  text: 65_535,
  mediumtext: 16_777_215,
  longtext: 4_294_967_295,
  tinyblob: 255,
  blob: 65_535,
  mediumblob: 16_777_215,
  longblob: 4_294_967_295,
};

const wordOf = (type: string): string => /^\w+/.exec(type)?.[0] ?? "";
const numbersOf = (type: string): readonly number[] => (/\(([\d,\s]+)\)/.exec(type)?.[1] ?? "").split(",").map(Number);
const unsigned = (type: string): boolean => /\bunsigned\b/.test(type);

function integerFits(from: string, to: string): boolean {
  const [small = 0, large = 0] = [bits[wordOf(from)], bits[wordOf(to)]];
  if (unsigned(to)) return unsigned(from) && small <= large;
  return unsigned(from) ? small < large : small <= large;
}

/** Digits before and behind the point. */
function digits(type: string): readonly [whole: number, fraction: number] {
  const [precision = 10, scale = 0] = numbersOf(type);
  return [precision - scale, scale];
}

/** The most digits that an integer of so many bits has. */
const digitsOfBits: Readonly<Record<number, number>> = { 8: 3, 16: 5, 24: 8, 32: 10, 64: 20 };

function decimalFits(from: string, to: string): boolean {
  const [whole, fraction] = digits(to);
  if (unsigned(to) && !unsigned(from)) return false;
  const size = bits[wordOf(from)];
  if (size !== undefined) return (digitsOfBits[size] ?? 99) <= whole;
  const [needed, behind] = digits(from);
  return wordOf(from) === "decimal" && needed <= whole && behind <= fraction;
}

const charsetOf = (collation: string | null): string => collation?.split("_")[0] ?? "";
/** Every character of these is in utf8mb4, so nothing is lost on the way there. */
const holds = (from: Stored, to: Stored): boolean => charsetOf(to.collation) === "utf8mb4" || charsetOf(from.collation) === charsetOf(to.collation);

/** The most characters of a text, in its own character set; 0 where it is no text. */
function characters(type: string): number {
  const word = wordOf(type);
  if (word === "varchar" || word === "char") return numbersOf(type)[0] ?? 1;
  return word.endsWith("text") ? (longest[word] ?? 0) : 0;
}

const isLong = (type: string): boolean => wordOf(type).endsWith("text");

function textFits(from: Stored, to: Stored): boolean {
  const word = wordOf(to.type);
  // CHAR drops the spaces at the end, and text of unknown length may be too long for anything but the longest.
  if (word === "char" || !holds(from, to) || !/^(?:var)?char|text$/.test(wordOf(from.type))) return false;
  if (isLong(from.type) && isLong(to.type) && charsetOf(from.collation) === charsetOf(to.collation))
    return (longest[wordOf(from.type)] ?? 0) <= (longest[word] ?? 0);
  // A character of utf8mb4 takes up to four bytes, whatever it took before.
  const room = word === "varchar" ? (numbersOf(to.type)[0] ?? 0) : Math.floor((longest[word] ?? 0) / 4);
  return characters(from.type) <= room;
}

function bytesFit(from: string, to: string): boolean {
  const size = (type: string): number => longest[wordOf(type)] ?? numbersOf(type)[0] ?? 0;
  return /^varbinary$|blob$/.test(wordOf(from)) && size(from) <= size(to);
}

const fraction = (type: string): number => numbersOf(type)[0] || 0;

/** Whether two collations are of one character set. */
export const sameCharacters = (a: string | null, b: string | null): boolean => charsetOf(a) === charsetOf(b);

/** True only where every value of the one type is a value of the other. */
export function storesWithoutFail(from: Stored, to: Stored): boolean {
  if (from.type === "binary(0)") return true;
  const [source, target] = [wordOf(from.type), wordOf(to.type)];
  // The same length in other characters may be too long.
  if (from.type === to.type && charsetOf(from.collation) === charsetOf(to.collation)) return true;
  if (bits[target] !== undefined) return bits[source] !== undefined && integerFits(from.type, to.type);
  switch (target) {
    case "decimal":
      return decimalFits(from.type, to.type);
    case "double":
      return source === "double" || source === "float" || (bits[source] ?? 64) <= 32;
    case "datetime":
      return source === "date" || (source === "datetime" && fraction(from.type) <= fraction(to.type));
    case "time":
    case "timestamp":
      return source === target && fraction(from.type) <= fraction(to.type);
    case "varchar":
    case "tinytext":
    case "text":
    case "mediumtext":
    case "longtext":
      return textFits(from, to);
    case "varbinary":
    case "tinyblob":
    case "blob":
    case "mediumblob":
    case "longblob":
      return bytesFit(from.type, to.type);
    default:
      return false;
  }
}
