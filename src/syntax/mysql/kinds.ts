// Kinds of values, as far as they decide whether an expression can raise, and whether a session's settings show in it.

export type ValueKind =
  | "text"
  /** Bytes: BINARY, BLOB, BIT. */
  | "binary"
  /** Whole, of at most 64 bits. */
  | "integer"
  | "decimal"
  /** FLOAT and DOUBLE. */
  | "double"
  | "date"
  | "datetime"
  | "time"
  /** TIMESTAMP: shown in the session's time zone wherever it is used as a value. */
  | "timestamp"
  | "json"
  | "null"
  | "unknown";

const byWord: readonly (readonly [RegExp, ValueKind])[] = [
  [/^(tiny|small|medium|big)?int(eger)?\b|^int\d\b|^(bool(ean)?|year|serial)\b|^(un)?signed\b/, "integer"],
  [/^(decimal|dec|numeric|fixed|number)\b/, "decimal"],
  [/^(float|double|real)/, "double"],
  [/^(var)?binary\b|^raw\b|^(tiny|medium|long)?blob\b|^bit\b|^char byte\b/, "binary"],
  [/^(n|national )?(var)?char|^character|^(tiny|medium|long)?text\b|^varchar2\b|^clob\b|^(enum|set)\b|^long\b|^(uuid|inet[46])\b/, "text"],
  [/^datetime\b/, "datetime"],
  [/^date\b/, "date"],
  [/^timestamp\b/, "timestamp"],
  [/^time\b/, "time"],
  [/^json\b/, "json"],
];

/** The kind of the values of a column type, as the server or a person writes it. */
export const kindOfType = (type: string): ValueKind => byWord.find(([pattern]) => pattern.test(type.trim().toLowerCase()))?.[1] ?? "unknown";

/** Kinds that are compared as what they are, without converting one of them. */
const families: Readonly<Partial<Record<ValueKind, string>>> = {
  text: "text",
  binary: "text",
  integer: "number",
  decimal: "number",
  double: "number",
  date: "moment",
  datetime: "moment",
  time: "time",
  json: "json",
};

/** Whether values of these kinds are compared without a conversion that can raise. */
export function comparable(kinds: readonly ValueKind[]): boolean {
  const found = new Set(kinds.filter((kind) => kind !== "null").map((kind) => families[kind] ?? kind));
  return found.size <= 1 && !found.has("unknown");
}

/** The kind of a value that is one of several. */
export function common(kinds: readonly ValueKind[]): ValueKind {
  const found = new Set(kinds.filter((kind) => kind !== "null"));
  const [only] = found;
  if (found.size <= 1) return only ?? "null";
  if ([...found].every((kind) => families[kind] === "number")) return found.has("double") ? "double" : "decimal";
  if (found.size === 2 && found.has("date") && found.has("datetime")) return "datetime";
  if (found.size === 2 && found.has("text") && found.has("binary")) return "binary";
  // What may be a TIME has to be known as one: beside a date it takes the day of the call.
  if (found.has("time") && !found.has("text") && !found.has("binary")) return "time";
  // Whatever joins bytes or a text becomes that.
  if (found.has("binary")) return "binary";
  return found.has("text") && !found.has("unknown") && !found.has("timestamp") ? "text" : "unknown";
}
