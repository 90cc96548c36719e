// How values travel: into a statement as literals, out of it as text but for what JavaScript holds without loss.
import type { ConnectionOptions } from "mysql2";
import { quoteLiteral, quoteName } from "../../dialects/mysql/quoting.ts";
import { renderInline, type Sql } from "../../sql/sql.ts";

/**
 * A value as a literal. Values are written into the text because a prepared statement takes two round trips, binds every number as a
 * double, and cannot stand in a packet with others; the session's sql_mode and character set, which quoting depends on, are ours.
 * @throws TypeError for what has no one meaning as a value: dates, arrays, objects, NaN.
 */
export function literalOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return quoteLiteral(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  // An exponent makes a double of what would otherwise be a decimal.
  if (typeof value === "number" && Number.isFinite(value)) return Number.isInteger(value) ? BigInt(value).toString() : value.toExponential();
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString("hex")}'`;
  throw new TypeError(`a value of a statement must be text, a number, true, false, null or bytes, not ${typeof value}`);
}

/** The statement with its values written in. */
export const inlined = (statement: Sql): string =>
  renderInline(
    { parts: statement.parts.map((part) => (part.kind === "value" ? { kind: "text", text: literalOf(part.value) } : part)) },
    { name: quoteName, literal: quoteLiteral, placeholder: () => "?" },
  );

/** Bytes as text, in the form of a literal of the server. */
const hex = (bytes: Buffer | null): string | null => (bytes === null ? null : `0x${bytes.toString("hex")}`);

type TypeCast = Extract<NonNullable<ConnectionOptions["typeCast"]>, (...of: never[]) => unknown>;

/**
 * Integers of up to four bytes, years and doubles come as numbers; decimals, 8-byte integers, times and JSON as the server's text; bytes
 * (binary, blob, bit, geometry) as `0x` with hexadecimal digits. There is no boolean: it is an integer on this engine.
 */
const typeCast: TypeCast = (field, next) => {
  switch (field.type) {
    case "GEOMETRY":
    case "VECTOR" as never:
      return hex(field.buffer());
    // The library adds up the digits itself and can be off by the last bit.
    case "FLOAT":
    case "DOUBLE": {
      const text = field.string();
      return text === null ? null : Number(text);
    }
    // MySQL makes 8 bytes of every expression; MariaDB of those only that may need more than this many characters.
    case "LONGLONG": {
      const text = field.string();
      return text !== null && field.table === "" && field.length <= 11 ? Number(text) : text;
    }
    default: {
      const value = next();
      return Buffer.isBuffer(value) ? hex(value) : value;
    }
  }
};

/** What the library is told about values. */
export const valueOptions: ConnectionOptions = {
  typeCast,
  supportBigNumbers: true,
  bigNumberStrings: true,
  dateStrings: true,
  // MariaDB has no such type, only text; one meaning for both.
  jsonStrings: true,
};
