// What a table has room for, as the server counts it. Each number was tried to the byte on MariaDB 10.11.19 and MySQL 9.7.4.

import { isMariadb } from "./capabilities.ts";
import { bytesOfCharacter } from "./characters.ts";

/** What of a column decides how much room it takes. */
export interface Occupant {
  /** As the server prints it, or as somebody wrote it. */
  readonly type: string;
  /** Null: not of characters, or unknown. */
  readonly charset: string | null;
  readonly notNull: boolean;
  readonly virtual: boolean;
}

/** Of any table of InnoDB's; errors 1118, 1117 (on MariaDB 1005) and 1069. */
export const room = {
  /** Bytes of a row, TEXT and BLOB by their pointers. @see https://dev.mysql.com/doc/refman/8.4/en/column-count-limit.html */
  row: 65_535,
  columns: 1017,
  keys: 64,
} as const;

/** How a column is stored: always this long, up to so long, or elsewhere with a pointer and a length in the row. */
type Storage = { readonly fixed: number } | { readonly upTo: number } | { readonly elsewhere: number };

const whole: Readonly<Record<string, number>> = {
  tinyint: 1,
  bool: 1,
  boolean: 1,
  smallint: 2,
  mediumint: 3,
  int: 4,
  integer: 4,
  bigint: 8,
  double: 8,
  real: 8,
  date: 3,
  year: 1,
  uuid: 16,
  inet4: 4,
  inet6: 16,
};

/** Bytes without fractions of a second; two digits of those take one byte. */
const moments: Readonly<Record<string, number>> = { datetime: 5, timestamp: 4, time: 3 };

/** Bytes of the length that stands before the pointer. */
const lengths: Readonly<Record<string, number>> = {
  tinytext: 1,
  tinyblob: 1,
  text: 2,
  blob: 2,
  mediumtext: 3,
  mediumblob: 3,
  longtext: 4,
  longblob: 4,
  json: 4,
};
const pointer = 8;

const geometry = /^(geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection|geomcollection)$/;

/** Nine digits are packed into four bytes, what is left over into these. */
const leftover = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];
const digits = (count: number): number => Math.floor(count / 9) * 4 + (leftover[count % 9] ?? 0);

const members = (type: string): number => type.match(/'(?:[^'\\]|''|\\.)*'/g)?.length ?? 0;
const bits = (count: number): number => (count <= 8 ? 1 : count <= 16 ? 2 : count <= 24 ? 3 : count <= 32 ? 4 : 8);

/** Null for a type that nobody knows here: it is taken for nothing, so that the server has the last word. */
function storageOf({ type, charset }: Occupant): Storage | null {
  const [, word = "", first, second] = /^\s*([a-z0-9_]+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?/.exec(type.toLowerCase()) ?? [];
  const size = first === undefined ? null : Number(first);
  const wide = charset === null ? 1 : (bytesOfCharacter(charset) ?? 1);
  if (word in whole) return { fixed: whole[word] ?? 0 };
  if (word in moments) return { fixed: (moments[word] ?? 0) + Math.ceil((size ?? 0) / 2) };
  if (word in lengths) return { elsewhere: pointer + (lengths[word] ?? 0) };
  if (geometry.test(word)) return { elsewhere: pointer + 4 };
  switch (word) {
    case "float":
      return { fixed: size !== null && second === undefined && size > 24 ? 8 : 4 };
    case "decimal":
    case "numeric":
    case "dec":
      return { fixed: digits((size ?? 10) - Number(second ?? 0)) + digits(Number(second ?? 0)) };
    case "bit":
      return { fixed: Math.ceil((size ?? 1) / 8) };
    case "enum":
      return { fixed: members(type) > 255 ? 2 : 1 };
    case "set":
      return { fixed: bits(members(type)) };
    case "binary":
      return { fixed: size ?? 1 };
    case "char":
      // Of characters of several bytes blanks at the end are left out.
      return wide === 1 ? { fixed: size ?? 1 } : { upTo: (size ?? 1) * wide };
    case "varchar":
      return { upTo: (size ?? 0) * wide };
    case "varbinary":
      return { upTo: size ?? 0 };
    default:
      return null;
  }
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const nulls = (columns: readonly Occupant[]): number => Math.ceil(columns.filter(({ notNull }) => !notNull).length / 8);

/** Bytes of a row by the server's own count, which is the same for every engine. */
export function rowBytes(columns: readonly Occupant[]): number {
  const each = columns.map((column) => {
    const storage = storageOf(column);
    if (storage === null) return 0;
    if ("fixed" in storage) return storage.fixed;
    if ("elsewhere" in storage) return storage.elsewhere;
    // CHAR has no length of its own there.
    return storage.upTo + (/^\s*char/i.test(column.type) ? 0 : storage.upTo > 255 ? 2 : 1);
  });
  return sum(each) + nulls(columns);
}

export type RowFormat = "dynamic" | "compact";

/** What stands in the page of a value that is long: a pointer of 20 bytes, in COMPACT its first 768 bytes too. */
const reference = 20;
const prefix = 768;
/** From here on MySQL may store any value elsewhere; MariaDB only what can have more than 255 bytes. */
const shortest = 40;

/** Bytes that a stored column takes at most in its page. */
export function inPage(column: Occupant, version: number, format: RowFormat): number {
  const storage = storageOf(column);
  if (storage === null) return 0;
  if ("fixed" in storage && storage.fixed <= 255) return storage.fixed;
  const most = "upTo" in storage ? storage.upTo : "fixed" in storage ? storage.fixed : Number.POSITIVE_INFINITY;
  if (format === "compact") return most > prefix + reference ? prefix + reference + 2 : most + (most > 255 ? 2 : 1);
  if (isMariadb(version)) return most > 255 ? reference + 1 : most + 1;
  return Math.min(most, shortest) + 1;
}

/** Bytes before the columns: the record's header, transaction and roll pointer; a row number where there is no key. */
const header = 5 + 6 + 7;
const rowNumber = 6;

/** Bytes that a row takes at most in its page; what is computed when it is read takes none. */
export function pageBytes(
  columns: readonly Occupant[],
  { version, format, keyed }: { readonly version: number; readonly format: RowFormat; readonly keyed: boolean },
): number {
  const stored = columns.filter(({ virtual }) => !virtual);
  return header + (keyed ? 0 : rowNumber) + nulls(stored) + sum(stored.map((column) => inPage(column, version, format)));
}

/** Half of what an empty page has room for, so that two rows fit; one byte is kept. `page`: innodb_page_size, bytes. */
export const pageRoom = (page: number): number => Math.min(Math.floor((page - 132) / 2), 16_383) - 1;
