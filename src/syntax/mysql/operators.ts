// Expressions by precedence. Manual: "Operator Precedence".
import { operand } from "./operands.ts";
import { accept, badExpression, demand, nodeFrom, type Reader, readName, saidAt, unexpected } from "./reader.ts";
import type { Node } from "./tree.ts";

/** How strongly an infix operator binds. */
const strengths: Readonly<Record<string, number>> = {
  or: 1,
  xor: 2,
  and: 3,
  "&&": 3,
  "=": 6,
  "<=>": 6,
  ">=": 6,
  ">": 6,
  "<=": 6,
  "<": 6,
  "<>": 6,
  "!=": 6,
  "|": 7,
  "&": 8,
  "<<": 9,
  ">>": 9,
  "+": 10,
  "-": 10,
  "*": 11,
  "/": 11,
  div: 11,
  "%": 11,
  mod: 11,
  "^": 12,
};
/** IS stands with the comparisons. The manual says the same of LIKE, IN and BETWEEN, but the servers' grammars read `a < b like c` as a < (b like c). */
const comparing = 6;
const predicating = 6.5;
const withinComparison = 7;
const negation = 5;
const sign = 13;
const exclamation = 14;
const collation = 15;
const path = 16;

const prefixes: Readonly<Record<string, number>> = { not: negation, "-": sign, "+": sign, "~": sign, "!": exclamation };

/** Reads one expression whose operators bind at least so strongly. */
export function parse(reader: Reader, least = 0): Node {
  // What was read binds so strongly; a stronger operator behind it would have to take a part of it.
  let most = prefixes[saidAt(reader)] ?? Number.POSITIVE_INFINITY;
  let left = prefixed(reader, least);
  for (let next = infix(reader, left, least, most); next; next = infix(reader, left, least, most)) [left, most] = next;
  return left;
}

function prefixed(reader: Reader, least: number): Node {
  const said = saidAt(reader);
  const strength = prefixes[said];
  if (strength === undefined) return operand(reader);
  // NOT stands before whole comparisons only; ! may stand anywhere.
  if (said === "not" && least > negation) throw unexpected(reader);
  const start = reader.all[reader.at]?.start ?? 0;
  reader.at++;
  return nodeFrom(reader, start, "operator", said === "-" || said === "+" ? `unary ${said}` : said, [parse(reader, strength)]);
}

const operator = (reader: Reader, name: string, ...parts: readonly Node[]): Node => nodeFrom(reader, parts[0]?.start ?? 0, "operator", name, parts);

/** IS [NOT] NULL, TRUE, FALSE, UNKNOWN. */
function isTest(reader: Reader, left: Node): Node {
  accept(reader, "not");
  const tested = accept(reader, "null", "true", "false", "unknown");
  if (tested === null) throw unexpected(reader);
  return operator(reader, `is ${tested === "unknown" ? "null" : tested}`, left);
}

function list(reader: Reader, left: Node): Node {
  if (saidAt(reader) !== "(") throw unexpected(reader);
  const values = operand(reader);
  return operator(reader, "in", left, ...(values.form === "row" ? values.parts : [values]));
}

/** What may follow NOT behind a value, or stand alone there. */
function predicate(reader: Reader, left: Node): Node {
  const said = accept(reader, "in", "between", "like", "regexp", "rlike");
  switch (said) {
    case "in":
      return list(reader, left);
    case "between": {
      const low = parse(reader, withinComparison);
      demand(reader, "and");
      return operator(reader, "between", left, low, parse(reader, predicating));
    }
    case "like": {
      const pattern = parse(reader, withinComparison);
      const escaping = accept(reader, "escape") === null ? [] : [parse(reader, withinComparison)];
      return operator(reader, "like", left, pattern, ...escaping);
    }
    case "regexp":
    case "rlike":
      return operator(reader, "regexp", left, parse(reader, withinComparison));
    default:
      throw unexpected(reader);
  }
}

const predicates: ReadonlySet<string> = new Set(["in", "between", "like", "regexp", "rlike", "not"]);

/** LIKE, IN, BETWEEN and their like, with NOT or without; null where none follows. */
function worded(reader: Reader, left: Node): Node | null {
  const said = saidAt(reader);
  if (predicates.has(said)) {
    accept(reader, "not");
    return predicate(reader, left);
  }
  if (said === "sounds" && saidAt(reader, 1) === "like") {
    reader.at += 2;
    return operator(reader, "sounds like", left, parse(reader, withinComparison));
  }
  if (said === "member" && saidAt(reader, 1) === "of") {
    reader.at += 2;
    return operator(reader, "member of", left, operand(reader));
  }
  return null;
}

/** What was read, and how strongly its operator binds. */
type Bound = readonly [node: Node, strength: number];

function tight(reader: Reader, left: Node, least: number, most: number): Bound | null {
  if (least <= collation && most >= collation && accept(reader, "collate") !== null) {
    // The names of all others end in what they tell apart: utf8mb4_bin, latin1_german1_ci.
    const said = saidAt(reader);
    if (said !== "" && said !== "binary" && !said.includes("_")) throw unexpected(reader);
    const name = readName(reader);
    return [{ ...operator(reader, "collate", left), value: name.toLowerCase() }, collation];
  }
  const arrow = least <= path && most >= path ? accept(reader, "->", "->>") : null;
  return arrow === null ? null : [operator(reader, arrow, left, operand(reader)), path];
}

/** The expression that `left` begins, where an operator of at least this strength follows; else null. */
function infix(reader: Reader, left: Node, least: number, most: number): Bound | null {
  const said = saidAt(reader);
  if (said === "||")
    throw badExpression(reader.text, "holds ||, which is OR to one sql_mode and joins texts in another", "Write concat(a, b), or OR where that is meant.");
  if (said === ":=") throw badExpression(reader.text, "assigns a variable");
  const tighter = tight(reader, left, least, most);
  if (tighter) return tighter;
  if (least <= predicating && most >= predicating) {
    const found = worded(reader, left);
    if (found) return [found, predicating];
  }
  if (least <= comparing && most >= comparing && accept(reader, "is") !== null) return [isTest(reader, left), comparing];
  const strength = strengths[said];
  if (strength === undefined || strength < least || strength > most) return null;
  reader.at++;
  if (strength === comparing && ["any", "all", "some"].includes(saidAt(reader)) && saidAt(reader, 1) === "(")
    throw badExpression(reader.text, "holds a subquery");
  return [
    operator(reader, said === "&&" ? "and" : said === "mod" ? "%" : said, left, parse(reader, strength === comparing ? predicating : strength + 1)),
    strength,
  ];
}
