// Calls of functions, with the grammar that some of them have for themselves.
import { accept, badExpression, demand, nodeFrom, type Reader, saidAt, tokenAt, unexpected, writtenAt } from "./reader.ts";
import type { Node } from "./tree.ts";

/** Units of INTERVAL and EXTRACT. Manual: "Date and Time Units". */
export const units: ReadonlySet<string> = new Set(
  (
    "microsecond second minute hour day week month quarter year second_microsecond minute_microsecond minute_second hour_microsecond hour_second " +
    "hour_minute day_microsecond day_second day_minute day_hour year_month"
  ).split(" "),
);

/** Functions over many rows: their arguments have a grammar of their own. */
const aggregates: ReadonlySet<string> = new Set(
  (
    "avg bit_and bit_or bit_xor count group_concat json_arrayagg json_objectagg max min std stddev stddev_pop stddev_samp sum var_pop var_samp variance " +
    "cume_dist dense_rank first_value lag last_value lead median nth_value ntile percent_rank percentile_cont percentile_disc rank row_number"
  ).split(" "),
);

/** Functions whose names are words of the grammar, which gives each its arguments: `day()` is a syntax error, and no call with too few of them. */
const ofTheGrammar: ReadonlySet<string> = new Set(
  (
    "adddate ascii char charset coalesce collation date date_add date_sub day end format hour if insert interval left microsecond minute mod month quarter " +
    "repeat replace reverse right second subdate time timestamp truncate week year"
  ).split(" "),
);

/** Whether a word is followed by the parenthesis of a call. */
export const isCall = (reader: Reader): boolean => saidAt(reader, 1) === "(";

/** Everything up to the parenthesis that closes the one before, as words with single blanks. */
function typeText(reader: Reader): string {
  const words: string[] = [];
  for (let depth = 0; depth > 0 || saidAt(reader) !== ")"; reader.at++) {
    if (reader.at >= reader.all.length) throw unexpected(reader);
    const written = writtenAt(reader);
    if (written === "(") depth++;
    if (written === ")") depth--;
    words.push(written.toLowerCase());
  }
  if (words.length === 0) throw unexpected(reader);
  return words.join(" ").replace(/ ?([(),]) ?/g, "$1");
}

function cast(reader: Reader, start: number): Node {
  const value = reader.expression(reader);
  demand(reader, "as");
  const type = typeText(reader);
  demand(reader, ")");
  return nodeFrom(reader, start, "cast", type, [value]);
}

function convert(reader: Reader, start: number): Node {
  const value = reader.expression(reader);
  const using = accept(reader, "using", ",");
  if (using === null) throw unexpected(reader);
  const type = typeText(reader);
  demand(reader, ")");
  return nodeFrom(reader, start, "cast", using === "using" ? `using ${type}` : type, [value]);
}

/** A unit before the arguments. */
function unit(reader: Reader, behind: string): string {
  const said = saidAt(reader).replace(/^sql_tsi_/, "");
  if (!units.has(said)) throw unexpected(reader);
  reader.at++;
  demand(reader, behind);
  return said;
}

function trimmed(reader: Reader): readonly Node[] {
  const side = accept(reader, "both", "leading", "trailing");
  if (side !== null && accept(reader, "from") !== null) return [reader.expression(reader)];
  const first = reader.expression(reader);
  return accept(reader, "from") === null ? [first] : [reader.expression(reader), first];
}

function commas(reader: Reader): Node[] {
  if (saidAt(reader) === ")") return [];
  const found = [reader.expression(reader)];
  while (accept(reader, ",") !== null) found.push(reader.expression(reader));
  return found;
}

/** SUBSTRING's arguments may be words apart. */
function pieces(reader: Reader): readonly Node[] {
  const found = [reader.expression(reader)];
  if (accept(reader, "from") === null) {
    while (accept(reader, ",") !== null) found.push(reader.expression(reader));
    return found;
  }
  found.push(reader.expression(reader));
  if (accept(reader, "for") !== null) found.push(reader.expression(reader));
  return found;
}

function characters(reader: Reader): readonly Node[] {
  const found = commas(reader);
  if (accept(reader, "using") !== null) reader.at++;
  return found;
}

/** EXTRACT, whose unit is its node's value. */
function extract(reader: Reader, start: number): Node {
  const said = unit(reader, "from");
  const value = reader.expression(reader);
  demand(reader, ")");
  return nodeFrom(reader, start, "call", "extract", [value], said);
}

/** The arguments up to the closing parenthesis. */
function list(reader: Reader, name: string): readonly Node[] {
  if (saidAt(reader) === ")" && ofTheGrammar.has(name)) throw unexpected(reader);
  switch (name) {
    case "timestampadd":
    case "timestampdiff":
      unit(reader, ",");
      return commas(reader);
    case "get_format":
      reader.at++;
      demand(reader, ",");
      return commas(reader);
    case "trim":
      return trimmed(reader);
    case "substring":
    case "substr":
    case "mid":
      return pieces(reader);
    case "position": {
      // Above the strength of IN.
      const wanted = reader.expression(reader, 7);
      demand(reader, "in");
      return [wanted, reader.expression(reader)];
    }
    case "char":
      return characters(reader);
    default:
      return commas(reader);
  }
}

/** Reads a call whose name was read. @param start where its name begins. */
export function call(reader: Reader, start: number, written: string): Node {
  const name = written.toLowerCase();
  if (aggregates.has(name)) throw badExpression(reader.text, `calls ${name}(), which is over many rows`);
  demand(reader, "(");
  if (name === "cast") return cast(reader, start);
  if (name === "extract") return extract(reader, start);
  if (name === "convert") return convert(reader, start);
  const parts = list(reader, name);
  if (tokenAt(reader).kind === "word" && saidAt(reader) !== ")") throw unexpected(reader);
  demand(reader, ")");
  if (saidAt(reader) === "over") throw badExpression(reader.text, "holds a window function");
  return nodeFrom(reader, start, "call", name, parts);
}
