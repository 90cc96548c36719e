// What is known of column types: which comparison sees every change of a value, what a value becomes when it is stored, and which value
// can stand for "not given".

import { momentOf, secondsOf } from "./moment.ts";

/** How values of a type are compared. */
type Family = "integer" | "decimal" | "float" | "double" | "temporal" | "characters" | "bytes" | "members" | "bit" | "json" | "geometry" | "other";

const families: readonly (readonly [Family, RegExp])[] = [
  ["integer", /^(tinyint|smallint|mediumint|int|integer|bigint|bool|boolean|int1|int2|int3|int4|int8|middleint|serial|year)\b/],
  ["decimal", /^(decimal|dec|numeric|fixed|number)\b/],
  ["double", /^(double|real|float8|float\((2[5-9]|[345]\d)\))/],
  ["float", /^float/],
  ["temporal", /^(date|datetime|timestamp|time)\b/],
  ["characters", /^(char|character|nchar|national|varchar|nvarchar|varchar2|varcharacter|tinytext|text|mediumtext|longtext|long|clob)\b/],
  ["bytes", /^(binary|varbinary|raw|tinyblob|blob|mediumblob|longblob)\b/],
  ["members", /^(enum|set)\b/],
  ["bit", /^bit\b/],
  ["json", /^json\b/],
  ["geometry", /^(geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection|geomcollection)\b/],
];

export const isEnum = (type: string): boolean => /^enum\b/i.test(type.trim());

const lower = (type: string): string => type.trim().toLowerCase();

const membersOf = (type: string): readonly string[] => type.slice(type.indexOf("(")).match(/'(?:[^']|'')*'/g) ?? [];

/**
 * The number of a value of an ENUM or SET that has two values which read the same: '' is an ENUM's value of an error, 0, and a SET's of no
 * member at all, and either may have a member ''. Null for every other type. With 64 members `+` makes a negative number or a DOUBLE of a SET,
 * and a cast says a note (MariaDB 10.11.19, MySQL 9.7.4).
 */
export function numberOf(type: string, value: string): string | null {
  if (isEnum(type)) return `${value} + 0`;
  return /^set\b/.test(lower(type)) && membersOf(type).includes("''") ? `${value} | 0` : null;
}

/** A value for a second column of its type. From an ENUM to another the server takes the number by itself; of a SET it takes the text. */
export const copied = (type: string, value: string): string => (isEnum(type) ? value : (numberOf(type, value) ?? value));

const familyOf = (type: string): Family => families.find(([, pattern]) => pattern.test(lower(type)))?.[0] ?? "other";

/**
 * What stands on both sides of `<=>` so that it misses no change. Measured on MariaDB 10.11.19 by
 * test/scenario/mysql-sync/types.test.ts:
 *
 * | change | `<=>` | cast as binary | hex |
 * |---|---|---|---|
 * | letter case, accents, spaces at the end of characters | missed | seen | seen |
 * | FLOAT 1.1 → 1.1000001, 16777216 → 16777218 | seen | missed, it prints 6 digits | missed, it rounds to an integer |
 * | DOUBLE 0.3 → 0.30000000000000004 | seen | seen | missed |
 * | DECIMAL 1.2 → 1.20000000000000000001 | seen | seen | missed |
 * | TIMESTAMP, 02:30 → 02:30 in the hour that comes twice | seen | missed, it prints the writer's clock | missed |
 * | TIME(6), DATETIME(6), YEAR, UUID, INET6 | seen | seen | seen |
 * | BIT, BINARY, BLOB, geometry | seen | seen | seen |
 * | JSON, spaces in its text | seen | seen | seen |
 * | ENUM, the member '' → the value of an error | missed | missed | missed; seen as a number |
 * | SET, the member '' → no member | missed | missed | missed; seen as a number |
 *
 * 0 → -0 is no change: MariaDB 10.11 gives back 0 for both, whoever asks; 11.8 and MySQL keep the sign, which no comparison sees.
 */
export function image(type: string, value: string): string {
  switch (familyOf(type)) {
    case "characters":
      return `cast(${value} as binary)`;
    // MySQL compares JSON by its meaning: 1 and 1.0 are equal to it.
    case "json":
      return `cast(cast(${value} as char) as binary)`;
    case "members": {
      const number = numberOf(type, value);
      return number === null ? `cast(${value} as binary)` : `(${number})`;
    }
    case "geometry":
      return `cast(${value} as binary)`;
    default:
      return value;
  }
}

/** True where two values of one type are the same in all that can be read again; never null. */
export const equals = (type: string, a: string, b: string): string => `${image(type, a)} <=> ${image(type, b)}`;
export const differs = (type: string, a: string, b: string): string => `not (${equals(type, a, b)})`;

const limits = (type: string): string => /\(\s*\d+(?:\s*,\s*\d+)?\s*\)/.exec(type)?.[0] ?? "";
const fraction = (type: string): string => (/\(\s*\d\s*\)/.exec(type)?.[0] ?? "").replaceAll(/\s/g, "");

/**
 * A value as an expression gives it, made such that storing it says nothing. Rounding a DECIMAL and cutting a DATETIME to a DATE are
 * legal, yet say a note of SQLSTATE 01000, which a handler for SQLWARNING takes for a failure (MariaDB 10.11.19).
 */
export function fitted(type: string, value: string): string {
  const family = familyOf(type);
  if (family === "decimal") return `cast(${value} as decimal${limits(type) || "(10,0)"})`;
  return lower(type) === "date" ? `cast(${value} as date)` : value;
}

/** True for a stored value and an expression whose value it is not, after all that storing does to a value; never null. */
export function isNot(type: string, stored: string, value: string): string {
  switch (familyOf(type)) {
    case "integer":
      return `not (${stored} <=> round(cast(${value} as decimal(65,10))))`;
    case "float":
      // Six digits are what every FLOAT keeps.
      return `not (${stored} <=> cast(${value} as float))`;
    case "double":
      return `not (${stored} <=> cast(${value} as double))`;
    case "decimal":
      return `not (${stored} <=> ${fitted(type, value)})`;
    case "temporal": {
      const word = /^[a-z]+/.exec(lower(type))?.[0] ?? "";
      return `not (${stored} <=> cast(${value} as ${word === "timestamp" ? "datetime" : word}${fraction(type)}))`;
    }
    case "characters": {
      const [a, b] = [text(stored), text(value)];
      // CHAR drops the spaces at its end.
      return /^(char|character|nchar|national char|national character)\b(?! varying)/.test(lower(type))
        ? `not (${a} <=> ${text(`trim(trailing ' ' from ${value})`)})`
        : `not (${a} <=> ${b})`;
    }
    // Stored by the member that it means, whatever its letters, its order, or that it is the member's number.
    case "members":
      return `not (${stored} <=> ${/^enum/.test(lower(type)) ? value : inOrder(type, value)})`;
    case "json":
      return `not (${text(stored)} <=> ${text(value)})`;
    case "bit":
      return `not (${stored} + 0 <=> (${value}) + 0)`;
    case "bytes":
    case "geometry":
      return `not (cast(${stored} as binary) <=> cast(${value} as binary))`;
    case "other":
      return `not (${stored} <=> ${value})`;
  }
}

/** The members of a SET that a text names, in the order of the type. */
function inOrder(type: string, value: string): string {
  return `if(${value} is null, null, concat_ws(',', ${membersOf(type)
    .map((member) => `if(find_in_set(${member}, ${value}), ${member}, null)`)
    .join(", ")}))`;
}

/** Characters of whatever character set as bytes that can be compared. */
const text = (value: string): string => `cast(convert(${value} using utf8mb4) as binary)`;

const isTimestamp = (type: string): boolean => /^timestamp\b/.test(lower(type));

/**
 * True where a value is not this literal, which stands in a column's definition; never null. A TIMESTAMP is compared by its seconds, since the
 * writer's clock would read the literal.
 */
export function isNotLiteral(type: string, stored: string, literal: string): string {
  const seconds = isTimestamp(type) ? secondsOf(literal) : null;
  if (seconds !== null) return `not (unix_timestamp(${stored}) <=> ${seconds})`;
  const family = familyOf(type);
  if (family === "characters" || family === "members" || family === "json") {
    const exact = `${text(stored)} <=> ${text(literal)}`;
    // Bytes that are equal are so by any collation, and asking that first costs next to nothing. MySQL's JSON is compared by its meaning.
    return family !== "json" && literal.startsWith("'") ? `not (${stored} <=> ${literal} and ${exact})` : `not (${exact})`;
  }
  // A literal is a DOUBLE: 1.1 is not the FLOAT 1.1.
  return family === "float" ? `not (${stored} <=> cast(${literal} as float))` : `not (${stored} <=> ${literal})`;
}

/** A default of this type as a statement assigns it, whoever sends that: what the column's definition would give. */
export const assignable = (type: string, text: string): string => (isTimestamp(type) ? momentOf(text) : text);

/** True where MariaDB stores the present for NULL in a column that is NOT NULL. */
export const nullIsPresent = isTimestamp;

/** True for a default that would be another moment to each writer, and that this program cannot read. */
export const isUnreadMoment = (type: string, text: string): boolean =>
  isTimestamp(type) && /^\(?\s*(timestamp\s*)?['"\d]/i.test(text) && secondsOf(text) === null;

/** Where the server checks a value only after the triggers: true for a value that it would then refuse. */
export const refusedLater = (type: string, value: string): string | null => (familyOf(type) === "json" ? `coalesce(json_valid(${value}) = 0, false)` : null);

const integers: Readonly<Record<string, readonly [signed: string, unsigned: string]>> = {
  tinyint: ["-128", "255"],
  smallint: ["-32768", "65535"],
  mediumint: ["-8388608", "16777215"],
  int: ["-2147483648", "4294967295"],
  integer: ["-2147483648", "4294967295"],
  bigint: ["-9223372036854775808", "18446744073709551615"],
};

const nines = (type: string): string => {
  const [digits = 10, scale = 0] = (limits(type).match(/\d+/g) ?? []).map(Number);
  const fractional = scale > 0 ? `.${"9".repeat(scale)}` : "";
  return `${"9".repeat(digits - scale) || "0"}${fractional}`;
};

/** Of a DOUBLE with limits a whole number: fifteen digits are what each reads back as it was written. */
function leastDouble(type: string): string | null {
  const [digits, scale] = (/,/.test(limits(type)) ? (limits(type).match(/\d+/g) ?? []) : []).map(Number);
  if (digits === undefined || scale === undefined) return "-1.7976931348623157e308";
  return digits > scale ? `-${"9".repeat(Math.min(digits - scale, 15))}` : null;
}

const lastAddresses: Readonly<Record<string, string>> = {
  uuid: "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
  inet6: "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'",
  inet4: "'255.255.255.255'",
};

/**
 * A default, as text of SQL, that nobody means and that so can say "not given" in a column that is NOT NULL. Null where the type has none
 * to spare: two members, a few bits, a year; a FLOAT, whose extremes do not read back as they were written.
 * @param longDefaults whether TEXT, BLOB and JSON can have a literal.
 */
export function sentinel(type: string, longDefaults: boolean): string | null {
  const word = /^[a-z]+/.exec(lower(type))?.[0] ?? "";
  const unsigned = /\bunsigned\b/.test(lower(type));
  const size = Number(/\d+/.exec(limits(type))?.[0] ?? 1);
  const mark = "hotstick: not given";
  if (Object.hasOwn(integers, word)) return word === "tinyint" ? null : (integers[word]?.[unsigned ? 1 : 0] ?? null);
  switch (familyOf(type)) {
    case "decimal":
      return unsigned ? nines(type) : `-${nines(type)}`;
    case "double":
      return unsigned ? null : leastDouble(type);
    case "temporal":
      return { date: "'1000-01-01'", datetime: "'1000-01-01 00:00:00'", timestamp: "'1970-01-01 00:00:01'", time: "'-838:59:59'" }[word] ?? null;
    case "characters":
      if (/text|long|clob/.test(word)) return longDefaults ? `'${mark}'` : null;
      return size >= mark.length ? `'${mark}'` : null;
    case "bytes":
      if (/blob/.test(word)) return longDefaults ? `'${mark}'` : null;
      return word !== "binary" && size >= mark.length ? `'${mark}'` : null;
    case "json":
      return longDefaults ? `'"${mark}"'` : null;
    case "other":
      return lastAddresses[/^[a-z]+\d*/.exec(lower(type))?.[0] ?? ""] ?? null;
    default:
      return null;
  }
}

/** What the server puts into a column that it sets by itself: the time at which the statement began. */
export const present = (type: string): string => `current_timestamp${fraction(type)}`;

/**
 * What the server stores for NULL in a column that is NOT NULL where it lets it pass: in a session that is not strict, and for IGNORE. Of an
 * ENUM its first member (measured on MariaDB 10.11.19); on MySQL (9.7.4) the value of an error, which no variable can hold. Null for that,
 * and where nobody has looked.
 */
export function implicit(type: string, mariadb: boolean): string | null {
  const word = /^[a-z]+/.exec(lower(type))?.[0] ?? "";
  switch (familyOf(type)) {
    case "integer":
    case "decimal":
    case "float":
    case "double":
    case "bit":
      return "0";
    case "characters":
    case "bytes":
      return "''";
    case "members":
      if (word === "set") return "''";
      return mariadb ? (/'(?:[^']|'')*'/.exec(type)?.[0] ?? null) : null;
    case "temporal":
      return { date: "'0000-00-00'", datetime: "'0000-00-00 00:00:00'", timestamp: present(type), time: "'00:00:00'" }[word] ?? null;
    default:
      return null;
  }
}

/** True where `coalesce` of a column and what is implicit is what a column of this type would hold, and reads as it would. */
export function isPlain(type: string): boolean {
  const family = familyOf(type);
  return family === "characters" || (family === "integer" && !/^year|\bzerofill\b/.test(lower(type)));
}

/** A local variable's type, so that it holds and compares what a column does. JSON is no type of MariaDB's variables, but text. */
export function variableType(type: string, collation: string, binaryJson: boolean): string {
  const family = familyOf(type);
  if (family === "json" && !binaryJson) return "longtext collate utf8mb4_bin";
  // The members of an ENUM may hold these words too.
  const bare = type.replaceAll(/('(?:[^'\\]|''|\\.)*')|\s+(?:character set|charset|collate)\s+\S+|\s+compressed(?:=\w+)?/gi, (_, member = "") => member).trim();
  // MySQL takes no collation here without its character set, with which every collation's name begins.
  const text = family === "characters" || family === "members";
  return text ? `${bare} character set ${collation.split("_")[0]} collate ${collation}` : bare;
}
