// Functions whose arguments decide whether a session's settings show.
import type { Node } from "./tree.ts";

/** What is wrong and what to write instead; null where nothing is. */
type Wrong = readonly [what: string, instead: string] | null;

const constant = (node: Node | undefined): string | null => (node?.form === "literal" && node.name === "text" ? node.value : null);

/** Formats with names of days or months, in the language of the session. Manual: DATE_FORMAT, lc_time_names. */
const named = /%[abMW]/;

function formatted({ name, parts }: Node): Wrong {
  const format = parts[1];
  // GET_FORMAT holds no names.
  if (format?.form === "call" && format.name === "get_format") return null;
  const text = constant(format);
  if (text === null) return [`calls ${name}() with a format that is no constant`, "Write the format as a text."];
  return named.test(text.replaceAll("%%", ""))
    ? [`calls ${name}() with names of days or months, which are in the writer's lc_time_names`, "Write elt(weekday(column) + 1, 'Monday', …) or use numbers."]
    : null;
}

const offset = /^[+-]\d{2}:\d{2}$/;

const wrong: Readonly<Record<string, (node: Node) => Wrong>> = {
  date_format: formatted,
  time_format: formatted,
  str_to_date: formatted,
  week: ({ parts }) =>
    parts.length < 2 ? ["calls week() without a mode, which is the writer's default_week_format", "Write week(column, 3), or another mode."] : null,
  extract: ({ value }) =>
    value === "week" ? ["extracts a WEEK, which is counted by the writer's default_week_format", "Write week(column, 3), or another mode."] : null,
  format: ({ parts }) =>
    parts.length < 3 ? ["calls format() without a locale, which is the writer's lc_time_names", "Write format(column, 2, 'en_US')."] : null,
  convert_tz: ({ parts }) =>
    parts.slice(1).every((part) => offset.test(constant(part) ?? ""))
      ? null
      : [
          "calls convert_tz() with a zone that is no fixed offset, so that the server's tables decide",
          "Write the offsets, as in convert_tz(column, '+00:00', '+02:00').",
        ],
  unix_timestamp: ({ parts }) =>
    parts.length === 0
      ? ["calls unix_timestamp(), whose value is the moment of the call", "Let the expression use columns only."]
      : [
          "calls unix_timestamp() on what is no TIMESTAMP column, which it reads in the writer's time_zone",
          "Write timestampdiff(second, timestamp'1970-01-01 00:00:00', column) for times kept in UTC.",
        ],
};

/** Why this call depends on the session although its function is known. */
export const specialRefusal = (node: Node): Wrong => wrong[node.name]?.(node) ?? null;
