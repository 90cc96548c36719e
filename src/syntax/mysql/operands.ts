// What stands between operators: literals, columns, CASE, INTERVAL, parentheses; calls are next door.
import { call, isCall, units } from "./calls.ts";
import { accept, badExpression, demand, endBefore, nodeFrom, type Reader, readName, reserved, saidAt, tokenAt, unexpected, writtenAt } from "./reader.ts";
import type { Node } from "./tree.ts";
import { sameName, stringValue } from "./written.ts";

/** Functions that are called without parentheses. */
const bare: ReadonlySet<string> = new Set(
  "current_date current_time current_timestamp current_user current_role localtime localtimestamp utc_date utc_time utc_timestamp sysdate".split(" "),
);

/** One or more adjacent strings, which are one. */
function text(reader: Reader): Node {
  const { start } = tokenAt(reader);
  const introduced = tokenAt(reader).kind === "introducer";
  if (introduced) reader.at++;
  let value: string | null = "";
  let bytes = false;
  do {
    const one = stringValue(reader.text, tokenAt(reader), reader.lexing);
    bytes ||= one === null && !introduced;
    value = one === null || value === null ? null : value + one;
    reader.at++;
  } while (tokenAt(reader).kind === "string");
  return nodeFrom(reader, start, "literal", bytes ? "binary" : "text", [], value);
}

function number(reader: Reader): Node {
  const written = writtenAt(reader);
  const { start } = tokenAt(reader);
  reader.at++;
  const kind = /^0[xb]/.test(written) ? "binary" : /e/i.test(written) ? "double" : /^\d{1,18}$/.test(written) ? "integer" : "decimal";
  return nodeFrom(reader, start, "literal", kind, [], written);
}

function interval(reader: Reader): Node {
  const { start } = tokenAt(reader);
  reader.at++;
  const amount = reader.expression(reader);
  if (amount.form === "row") return nodeFrom(reader, start, "call", "interval", amount.parts);
  const unit = saidAt(reader);
  if (!units.has(unit)) throw unexpected(reader);
  reader.at++;
  return nodeFrom(reader, start, "interval", unit, [amount]);
}

/** A comparison of two parts that stand apart in the text. */
const compared = (left: Node, right: Node): Node => ({ ...right, form: "operator", name: "=", parts: [left, right], value: null });

function cases(reader: Reader): Node {
  const { start } = tokenAt(reader);
  reader.at++;
  const chosen = saidAt(reader) === "when" ? null : reader.expression(reader);
  const conditions: Node[] = [];
  const results: Node[] = [];
  while (accept(reader, "when") !== null) {
    const condition = reader.expression(reader);
    conditions.push(chosen === null ? condition : compared(chosen, condition));
    demand(reader, "then");
    results.push(reader.expression(reader));
  }
  if (conditions.length === 0) throw unexpected(reader);
  if (accept(reader, "else") !== null) results.push(reader.expression(reader));
  demand(reader, "end");
  return { ...nodeFrom(reader, start, "case", "case", [...conditions, ...results]), conditions: conditions.length };
}

const wantsSubquery: ReadonlySet<string> = new Set(["select", "with", "values", "table"]);

function parentheses(reader: Reader, row: boolean): Node {
  const { start } = tokenAt(reader);
  demand(reader, "(");
  if (wantsSubquery.has(saidAt(reader)) && saidAt(reader, 1) !== "(" && saidAt(reader, 1) !== ")") throw badExpression(reader.text, "holds a subquery");
  const parts = [reader.expression(reader)];
  while (accept(reader, ",") !== null) parts.push(reader.expression(reader));
  demand(reader, ")");
  const [only] = parts;
  return only && parts.length === 1 && !row ? { ...only, start, end: endBefore(reader) } : nodeFrom(reader, start, "row", "row", parts);
}

function column(reader: Reader): Node {
  const { start } = tokenAt(reader);
  const names = [readName(reader)];
  while (accept(reader, ".") !== null) {
    if (saidAt(reader) === "*") throw badExpression(reader.text, "holds a *");
    names.push(readName(reader));
  }
  if (saidAt(reader) === "(") return call(reader, start, names.join("."));
  const [first = "", second, ...rest] = names;
  if (second !== undefined && (rest.length > 0 || reader.row === null || !sameName(first, reader.row)))
    throw badExpression(
      reader.text,
      `names "${names.join(".")}", but only columns of ${reader.row === null ? "one row, without a table's name" : `"${reader.row}"`} can be named here`,
      "Write the column alone.",
    );
  const name = second ?? first;
  reader.columns.push({ name, start, end: endBefore(reader) });
  return nodeFrom(reader, start, "column", name, []);
}

const temporal: Readonly<Record<string, string>> = { date: "date", time: "time", timestamp: "datetime" };

/** A value that a bare word begins; null where the word is a column. */
function fromWord(reader: Reader, said: string): Node | null {
  const { start } = tokenAt(reader);
  const next = tokenAt(reader, 1).kind;
  const kind = temporal[said];
  if (kind !== undefined && next === "string") {
    // A string behind it is no part of it.
    const value = stringValue(reader.text, tokenAt(reader, 1), reader.lexing);
    reader.at += 2;
    return nodeFrom(reader, start, "literal", kind, [], value);
  }
  switch (said) {
    case "null":
    case "true":
    case "false":
      reader.at++;
      return nodeFrom(reader, start, "literal", said === "null" ? "null" : "integer", [], said === "null" ? null : said === "true" ? "1" : "0");
    case "interval":
      return interval(reader);
    case "case":
      return cases(reader);
    case "binary":
      reader.at++;
      return nodeFrom(reader, start, "cast", "binary", [reader.expression(reader, 15)]);
    case "row":
      if (saidAt(reader, 1) !== "(") return null;
      reader.at++;
      return parentheses(reader, true);
    case "default":
      throw badExpression(reader.text, saidAt(reader, 1) === "(" ? "holds DEFAULT()" : "is DEFAULT, which is no value");
    case "exists":
    case "select":
      throw badExpression(reader.text, saidAt(reader, said === "exists" ? 1 : -1) === "(" ? "holds a subquery" : "is not one expression");
    case "match":
      if (saidAt(reader, 1) === "(") throw badExpression(reader.text, "holds MATCH, which reads an index", "Search with LIKE or REGEXP, or with locate().");
      return null;
    case "next":
    case "previous":
      if (saidAt(reader, 1) === "value") throw badExpression(reader.text, "reads a sequence");
      return null;
  }
  if (bare.has(said) && saidAt(reader, 1) !== "(") {
    reader.at++;
    return nodeFrom(reader, start, "call", said, []);
  }
  return null;
}

/** Reads one value. */
export function operand(reader: Reader): Node {
  const token = tokenAt(reader);
  if (reader.at >= reader.all.length) throw unexpected(reader);
  switch (token.kind) {
    case "number":
      return number(reader);
    case "string":
      return text(reader);
    case "introducer":
      return tokenAt(reader, 1).kind === "string" ? text(reader) : column(reader);
    case "variable":
    case "system-variable":
      throw badExpression(reader.text, `reads the variable ${writtenAt(reader)}, which belongs to the session`);
    case "placeholder":
      throw badExpression(reader.text, "holds a parameter");
    case "quoted":
      return column(reader);
    case "word": {
      const said = saidAt(reader);
      const found = fromWord(reader, said);
      if (found) return found;
      const called = isCall(reader) && (said === "mod" || said === "values");
      if (reserved.has(said) && !called) throw unexpected(reader);
      return column(reader);
    }
    default:
      if (saidAt(reader) === "(") return parentheses(reader, false);
      if (saidAt(reader) === "*") throw badExpression(reader.text, "holds a *");
      throw unexpected(reader);
  }
}
