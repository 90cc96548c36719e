// What can be told of an expression without a server: whether its value is the same in every session, and whether it can raise. A trigger of
// these servers keeps sql_mode and character set of its creator, but everything else is the writer's: time_zone, lc_time_names,
// default_week_format, div_precision_increment, variables. There is no SET clause, so what depends on them is refused.
import type { ParsedExpression } from "./expression.ts";
import { type KnownFunction, knownFunctions, refusedFunctions, type Taken } from "./functions.ts";
import { common, comparable, kindOfType, type ValueKind } from "./kinds.ts";
import { specialRefusal } from "./special.ts";
import type { Node } from "./tree.ts";
import { mariadb } from "./versioned.ts";

export interface Refusal {
  /** Completes `"text" …`. */
  readonly what: string;
  /** What to write instead. */
  readonly instead: string;
  /** UTF-16 index in the expression's text. */
  readonly at: number;
}

export interface Judgement {
  /** Why a trigger may not compute it; empty where it is the same in every session. */
  readonly refusals: readonly Refusal[];
  /** It cannot raise for any row, in strict mode, where a warning is an error; storing the result is not counted. */
  readonly total: boolean;
  readonly gives: ValueKind;
  /** Session variables that can change the value and are taken to be at their defaults. */
  readonly assumes: readonly string[];
}

export interface JudgedOn {
  /** The kind of a column's values; `unknown` where it is not known, which makes most operators able to raise. */
  readonly kindOf: (column: string) => ValueKind;
  /** As `Schema.version`; without it functions of one server only are known for both. */
  readonly version?: number;
  /** What it will be stored in, for a TIMESTAMP reads its value in the session's time zone. */
  readonly target?: ValueKind;
}

interface Value {
  readonly gives: ValueKind;
  readonly total: boolean;
}

interface Judging extends JudgedOn {
  readonly refusals: Refusal[];
  readonly assumes: Set<string>;
}

const refuse = (judging: Judging, node: Node, what: string, instead: string): void => {
  judging.refusals.push({ what, instead, at: node.start });
};

const inUtc = "Write timestampadd(second, unix_timestamp(column), timestamp'1970-01-01 00:00:00'), which is UTC in every session; or copy the column as it is.";

const meets = (taken: Taken, kind: ValueKind): boolean => {
  if (kind === "null" || taken === "any" || taken === "same") return true;
  switch (taken) {
    case "text":
      return kind === "text" || kind === "binary";
    case "moment":
      return kind === "date" || kind === "datetime";
    case "time":
      return kind === "time" || kind === "datetime" || kind === "date";
    case "integer":
      return kind === "integer";
    default:
      return kind === "integer" || kind === "decimal" || kind === "double";
  }
};

/** A value used for something: a TIMESTAMP becomes what the session's time zone shows. */
function used(judging: Judging, node: Node): Value {
  const value = evaluated(judging, node);
  if (value.gives === "timestamp")
    refuse(judging, node, `uses the TIMESTAMP ${node.form === "column" ? `column ${node.name}` : "value"}, which is shown in the writer's time_zone`, inUtc);
  return value;
}

/** Kinds beside which a TIME becomes a date: that of the day. What is not known may be one. */
const dates: ReadonlySet<ValueKind> = new Set(["date", "datetime", "unknown"]);

/** Values that are compared with each other, or of which one becomes the result. */
function meeting(judging: Judging, node: Node, kinds: readonly ValueKind[]): void {
  if (kinds.includes("time") && kinds.some((kind) => dates.has(kind)))
    refuse(judging, node, "brings a TIME together with a date, which adds the date of the call", "Cast both to TIME, or both to CHAR.");
}

const applies = (known: KnownFunction, version: number | undefined): boolean =>
  version === undefined ||
  ((known.only === undefined || (known.only === "mariadb") === version >= mariadb) &&
    (known.until === undefined || version >= mariadb || version < known.until));

/** Functions to which a time of day alone would be completed with the day of the call. */
function todaysDate(judging: Judging, node: Node, values: readonly Value[], takes: readonly Taken[]): void {
  if (values.some(({ gives }, i) => gives === "time" && (takes[i] ?? takes.at(-1)) === "moment"))
    refuse(judging, node, `gives a TIME to ${node.name}(), which adds the date of the call`, "Add the time to a date of the row with timestamp(date, time).");
}

/** The kind of a temporal value that was moved in time: the first of these that is one. */
function moved(kinds: readonly ValueKind[]): ValueKind {
  const kind = kinds.find((each) => each === "date" || each === "datetime" || each === "time");
  return kind === "date" ? "datetime" : (kind ?? "unknown");
}

/** What STR_TO_DATE makes by a format. */
function formatted(format: string | null | undefined): ValueKind {
  const date = /%[abcDdejMmUuVvWwXxYy]/.test(format ?? "");
  return date && !/%[fHhIiklprSsT]/.test(format ?? "") ? "date" : date ? "datetime" : "time";
}

function givenBy(gives: KnownFunction["gives"], kinds: readonly ValueKind[], same: readonly ValueKind[], format: string | null | undefined): ValueKind {
  switch (gives) {
    case "same":
      return common(same);
    case "first":
      return kinds[0] ?? "unknown";
    case "moved":
      return moved(kinds);
    case "added":
      // A text or number is read as a time of day.
      return kinds[0] === "date" || kinds[0] === "datetime" ? "datetime" : "time";
    case "rounded":
      return kinds[0] === "time" || kinds[0] === "date" || kinds[0] === "datetime" ? kinds[0] : "decimal";
    case "format":
      return formatted(format);
    case "joined":
      return kinds.includes("binary") || kinds.includes("unknown") ? "binary" : "text";
    default:
      return gives;
  }
}

/** What only MySQL raises for: some kinds of some functions, and bytes that it makes characters of because others beside them are. */
function raisesThere({ version }: Judging, { raisesOnMysql = [] }: KnownFunction, kinds: readonly ValueKind[]): boolean {
  if (version !== undefined && version >= mariadb) return false;
  const mixed = kinds.includes("binary") && kinds.some((kind) => kind !== "binary" && kind !== "null");
  return mixed || kinds.some((kind) => raisesOnMysql.includes(kind));
}

function called(judging: Judging, node: Node): Value {
  const { name, parts } = node;
  const refused = refusedFunctions.get(name);
  const known = knownFunctions.get(name);
  if (refused) refuse(judging, node, `calls ${name}(), ${refused.refused}`, refused.instead);
  else if (!known || !applies(known, judging.version))
    refuse(
      judging,
      node,
      known ? `calls ${name}(), which this server does not have` : `calls ${name}(), which is not known to give the same value in every session`,
      "Use the server's own functions of columns and constants; write what a stored function does in their place.",
    );
  if (name === "unix_timestamp" && parts.length === 1 && parts[0] && evaluated(judging, parts[0]).gives === "timestamp")
    return { gives: "decimal", total: true };
  const special = specialRefusal(node);
  if (special && !refused) refuse(judging, node, ...special);
  const values = parts.map((part) => used(judging, part));
  if (!known) return { gives: "unknown", total: false };
  if (known.assumes !== undefined) judging.assumes.add(known.assumes);
  const { takes, gives, total } = known;
  todaysDate(judging, node, values, takes);
  const same = values.filter((_, i) => (takes[i] ?? takes.at(-1)) === "same").map((value) => value.gives);
  meeting(judging, node, same);
  const fits = values.every((value, i) => value.total && meets(takes[i] ?? takes.at(-1) ?? "any", value.gives)) && comparable(same);
  const kinds = values.map((value) => value.gives);
  return { gives: givenBy(gives, kinds, same, parts[1]?.value), total: total && fits && !raisesThere(judging, known, kinds) };
}

function casted(judging: Judging, node: Node): Value {
  const [part] = node.parts;
  const { gives: from, total } = part ? used(judging, part) : { gives: "unknown" as const, total: false };
  const to = node.name.startsWith("using ") ? "text" : kindOfType(node.name);
  if (from === "time" && (to === "date" || to === "datetime" || to === "timestamp"))
    refuse(judging, node, "turns a TIME into a date, which is the day of the call", "Add the time to a date of the row with timestamp(date, time).");
  if (/\butf8\b/.test(node.name)) refuse(judging, node, "names the character set utf8, which is utf8mb3 or utf8mb4 by the writer's old_mode", "Write utf8mb4.");
  // Bytes that are no characters raise; what is cut short does too.
  const whole = !node.name.includes("(") && (to === "binary" || (to === "text" && from !== "binary" && from !== "unknown"));
  const fits = whole || (to === "double" && meets("number", from)) || ((to === "date" || to === "datetime") && from === "date");
  return { gives: to, total: total && (fits || (node.name === "using utf8mb4" && from === "text")) };
}

const conditions: ReadonlySet<string> = new Set(["and", "or", "xor", "not", "!", "is true", "is false"]);
const comparisons: ReadonlySet<string> = new Set(["=", "<=>", "<", ">", "<=", ">=", "<>", "!=", "in", "between"]);

const divides = (judging: Judging, node: Node, values: readonly Value[]): void => {
  if (!values.some(({ gives }) => gives === "double"))
    refuse(
      judging,
      node,
      "divides exact numbers with /, whose digits are the writer's div_precision_increment",
      "Write a DIV b for whole numbers, or cast(a as double) / b.",
    );
};

/** A constant that is not zero, so that a remainder can be taken. */
const nonZero = (node: Node | undefined): boolean => node?.form === "literal" && meets("number", node.name as ValueKind) && Number(node.value) !== 0;

function operated(judging: Judging, node: Node): Value {
  const { name, parts } = node;
  // Whether a value is NULL is the same in every zone.
  if (name === "is null") return { gives: "integer", total: parts.every((part) => evaluated(judging, part).total) };
  const values = parts.map((part) => used(judging, part));
  const total = values.every((value) => value.total);
  const kinds = values.map(({ gives }) => gives);
  const numeric = kinds.every((kind) => meets("number", kind));
  // MariaDB 11.8 makes 64 bits of what XOR is given, and says so of a DOUBLE that has more.
  const small = name !== "xor" || kinds.every((kind) => meets("integer", kind));
  if (conditions.has(name)) return { gives: "integer", total: total && numeric && small };
  if (comparisons.has(name)) {
    meeting(judging, node, kinds);
    return { gives: "integer", total: total && comparable(kinds) };
  }
  switch (name) {
    case "/":
      divides(judging, node, values);
      return { gives: "double", total: false };
    case "%":
      return { gives: common(kinds), total: total && numeric && nonZero(parts[1]) };
    case "unary +":
      // It does nothing, so a TIME stays one.
      return { gives: kinds[0] ?? "unknown", total: total && numeric };
    case "+":
    case "-":
    case "*":
    case "unary -": {
      const dated = parts.some(({ form }) => form === "interval");
      const literal = parts.length === 1 && parts[0]?.form === "literal";
      return { gives: dated ? moved(kinds) : numeric ? common(kinds) : "unknown", total: literal && total && numeric };
    }
    case "like":
    case "sounds like":
      return { gives: "integer", total };
    case "regexp":
      judging.assumes.add("default_regex_flags");
      return { gives: "integer", total: false };
    case "collate":
      return { gives: "text", total: total && kinds[0] === "text" };
    case "->":
    case "->>":
      return { gives: "text", total: false };
    default:
      return { gives: "integer", total: false };
  }
}

function chosen(judging: Judging, node: Node): Value {
  const { parts, conditions: count = 0 } = node;
  const values = parts.map((part) => used(judging, part));
  const results = values.slice(count).map(({ gives }) => gives);
  const total = values.every((value) => value.total) && values.slice(0, count).every(({ gives }) => meets("condition", gives));
  meeting(judging, node, results);
  return { gives: common(results), total };
}

function evaluated(judging: Judging, node: Node): Value {
  switch (node.form) {
    case "column":
      return { gives: judging.kindOf(node.name), total: true };
    case "literal":
      return { gives: node.name as ValueKind, total: true };
    case "call":
      return called(judging, node);
    case "operator":
      return operated(judging, node);
    case "cast":
      return casted(judging, node);
    case "case":
      return chosen(judging, node);
    case "interval":
    case "row": {
      const values = node.parts.map((part) => used(judging, part));
      return { gives: "unknown", total: values.every(({ total, gives }) => total && meets("number", gives)) };
    }
  }
}

/** Each once, for the same node may have been looked at twice. */
const distinct = (refusals: readonly Refusal[]): readonly Refusal[] => [
  ...new Map(refusals.map((refusal) => [JSON.stringify([refusal.at, refusal.what]), refusal])).values(),
];

/** Judges an expression that is to be computed by every writer's session. */
export function judge(expression: ParsedExpression, on: JudgedOn): Judgement {
  const judging: Judging = { ...on, refusals: [], assumes: new Set() };
  const { gives, total } = evaluated(judging, expression.tree);
  const { target } = on;
  if (target !== undefined && gives !== "null" && (gives === "timestamp") !== (target === "timestamp")) {
    if (gives === "timestamp") refuse(judging, expression.tree, "stores a TIMESTAMP as another type, which takes the writer's time_zone", inUtc);
    else refuse(judging, expression.tree, "is stored in a TIMESTAMP, which reads it in the writer's time_zone", "Give the new column the type DATETIME.");
  }
  if (gives === "time" && (target === "date" || target === "datetime" || target === "timestamp"))
    refuse(
      judging,
      expression.tree,
      "is a TIME and stored as a date, which is the day of the call",
      "Add the time to a date of the row with timestamp(date, time).",
    );
  return { refusals: distinct(judging.refusals), total, gives, assumes: [...judging.assumes] };
}
