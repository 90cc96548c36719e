// Values of key columns: how they are read, and how they are written so that a comparison with the column is a range of its index.
import { quoteLiteral, quoteName } from "./quoting.ts";

/** The first word of a type. */
const wordOf = (type: string): string => /^[a-z]+/.exec(type.trim().toLowerCase())?.[0] ?? "";

/** These are numbers to an index, and sort as such; their text would compare as text. */
const numbered: ReadonlySet<string> = new Set(["enum", "set", "bit"]);
const exact: ReadonlySet<string> = new Set(["tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year", "decimal", "numeric", "dec", "fixed"]);
const approximate: ReadonlySet<string> = new Set(["float", "double", "real"]);
const bytes: ReadonlySet<string> = new Set(["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"]);

/** A key column as text that `bound` understands. A FLOAT prints six digits, which are not its value. */
export function readKey(type: string, name: string): string {
  const word = wordOf(type);
  const column = quoteName([name]);
  if (numbered.has(word)) return `cast(${column} + 0 as char)`;
  if (approximate.has(word)) return `cast(${column} as double)`;
  if (bytes.has(word)) return `concat('0x', hex(${column}))`;
  return exact.has(word) ? `cast(${column} as char)` : column;
}

/** The server printed it a moment ago, so this is a defect of ours. */
const bad = (type: string, value: string): TypeError => new TypeError(`${JSON.stringify(value)} is no value of a key of type ${type}`);

/**
 * A value of a key column as a literal. A number in quotes would be compared with a BIGINT as a DOUBLE, which has fewer digits; characters
 * are compared by the column's own collation, since a literal yields to it.
 * @throws TypeError for text that is no value of the type.
 */
export function bound(type: string, value: string): string {
  const word = wordOf(type);
  if (exact.has(word) || numbered.has(word)) {
    if (!/^-?\d+(\.\d+)?$/.test(value)) throw bad(type, value);
    return value;
  }
  if (approximate.has(word)) {
    if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)) throw bad(type, value);
    return /e/i.test(value) ? value : `${value}e0`;
  }
  if (bytes.has(word)) {
    if (!/^0x([0-9a-f]{2})*$/i.test(value)) throw bad(type, value);
    return `x'${value.slice(2)}'`;
  }
  return quoteLiteral(value);
}
