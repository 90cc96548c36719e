// A TIMESTAMP in text. It is stored as a moment, and every text of it is read, and shown, by the clock of a session: the definition of a
// column by ours, which is at +00:00, and a trigger's by the writer's. So generated code names moments by their seconds.

const written = /^\(?(?:timestamp\s*)?'(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:\s+|T)(\d{1,2}):(\d{1,2})(?::(\d{1,2})(\.\d{1,6})?)?)?'\)?$/i;
const zero = "'0000-00-00 00:00:00'";

/**
 * The seconds since 1970 that UNIX_TIMESTAMP gives for a column whose default is this literal; 0 for the zero date, as the server has it. Null
 * for what is no literal of a date, or one that is written in another way.
 */
export function secondsOf(literal: string): string | null {
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = ""] = written.exec(literal.trim()) ?? [];
  if (year === undefined) return null;
  if (Number(year) + Number(month) + Number(day) === 0) return "0";
  const seconds = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) / 1000;
  return `${seconds}${/[1-9]/.test(fraction) ? fraction : ""}`;
}

/** A text that may be such a literal, as a value that whoever stores it stores the same. The zero date is the same on every clock. */
export function momentOf(text: string): string {
  const seconds = secondsOf(text);
  if (seconds === null) return text;
  return seconds === "0" ? zero : `from_unixtime(${seconds})`;
}
