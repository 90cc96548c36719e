// The canonical form: two schemas that mean the same give the same JSON, whatever order things were created or read in.
import type { ObjectName, Schema } from "./model.ts";
import { keyOf, sameName } from "./names.ts";

/** A JSON value whose objects have sorted keys. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface CanonicalOptions {
  /** Only these tables, with their sequences and statistics; everything else is left out. */
  readonly tables?: readonly ObjectName[];
  /** Keep engine and version, which say nothing about the schema and change with every update of the server. */
  readonly server?: boolean;
}

/** Lists of named things become objects by name, so that their order does not count and a difference names what differs. */
const byName: ReadonlySet<string> = new Set(["columns", "constraints", "indexes", "triggers", "policies", "rules"]);
/** Lists whose order says nothing. */
const unordered: ReadonlySet<string> = new Set(["mentions", "uses", "updateOf", "roles", "operations", "schemas", "tables", "grants", "unmodelled"]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value !== "object") return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const named = (value: unknown): value is { readonly name: string } => isObject(value) && typeof value["name"] === "string";

/** A column may be called `__proto__`, which an assignment would take for something else. */
function set(record: Record<string, Json>, key: string, value: Json): void {
  if (key === "__proto__") Object.defineProperty(record, key, { value, enumerable: true });
  else record[key] = value;
}

/** Thousands of columns have the same fields: their order is sorted once. Larger objects are maps, each with keys of its own. */
const orders = new Map<string, readonly string[]>();
const shapes = { keys: 32, kept: 1_000 };

function sortedKeys(object: object): readonly string[] {
  const keys = Object.keys(object);
  if (keys.length > shapes.keys) return keys.sort(ascending);
  const shape = keys.join("\0");
  let order = orders.get(shape);
  if (order === undefined) {
    order = keys.sort(ascending);
    if (orders.size >= shapes.kept) orders.clear();
    orders.set(shape, order);
  }
  return order;
}

const sortedValues = (values: readonly Json[]): readonly Json[] =>
  values
    .map((value): [string, Json] => [JSON.stringify(value), value])
    .sort(([a], [b]) => ascending(a, b))
    .map(([, value]) => value);

function canonicalList(key: string, items: readonly unknown[]): Json {
  if (byName.has(key) && items.every(named)) {
    const record: Record<string, Json> = {};
    const sorted = [...items].sort((a, b) => ascending(a.name, b.name));
    for (let at = 0; at < sorted.length; ) {
      const { name = "" } = sorted[at] ?? {};
      const values: Json[] = [];
      for (; sorted[at]?.name === name; at += 1) values.push(canonicalObject(sorted[at] ?? {}, "name"));
      // A check and a key may share a name on engines where each kind has names of its own.
      set(record, name, values.length === 1 ? (values[0] ?? null) : sortedValues(values));
    }
    return record;
  }
  const values = items.map((item) => canonicalValue("", item));
  return unordered.has(key) ? sortedValues(values) : values;
}

/** What is null or empty is left out, so that a field the model gains later changes no fingerprint where it is not used. */
function canonicalObject(object: Readonly<Record<string, unknown>>, without?: string): Json {
  const record: Record<string, Json> = {};
  for (const key of sortedKeys(object)) {
    const value = object[key];
    if (key === without || isEmpty(value)) continue;
    // Position is a fact of its own: see columnOrder.
    if (key === "position" && typeof object["notNull"] === "boolean") continue;
    // A check's columns come in their physical order, which says nothing; a key's come in key order.
    const asSet = key === "columns" && object["kind"] === "check";
    set(record, key, canonicalValue(asSet ? "mentions" : key, value));
  }
  return record;
}

function canonicalValue(key: string, value: unknown): Json {
  if (Array.isArray(value)) return canonicalList(key, value);
  return isObject(value) ? canonicalObject(value) : (value as Json);
}

/** A view's columns are what its definition lists, in that order; a table's are a set. */
const keepOrder = <T extends { readonly columns: unknown }>(view: T): unknown => ({ ...view, columns: undefined, lists: view.columns });

/** The server lists what statistics are over in the physical order of the columns, which says nothing. */
function sortedStatistics(definition: string): string {
  const [, head, list, tail] = /^(.*? ON )(.*)( FROM .*)$/s.exec(definition) ?? [];
  if (head === undefined || list === undefined || tail === undefined) return definition;
  const items: string[] = [""];
  let depth = 0;
  let quoted = false;
  for (const character of list) {
    if (character === '"') quoted = !quoted;
    if (!quoted && character === "(") depth += 1;
    if (!quoted && character === ")") depth -= 1;
    if (character === "," && depth === 0 && !quoted) items.push("");
    else items[items.length - 1] += character;
  }
  return `${head}${items
    .map((item) => item.trim())
    .sort(ascending)
    .join(", ")}${tail}`;
}

const orderless = (statistics: Schema["statistics"]): Schema["statistics"] =>
  Object.fromEntries(Object.entries(statistics).map(([key, each]) => [key, { ...each, definition: sortedStatistics(each.definition) }]));

const pick = <T>(map: Readonly<Record<string, T>>, wanted: (value: T) => boolean): Record<string, T> =>
  Object.fromEntries(Object.entries(map).filter(([, value]) => wanted(value)));

/** The canonical form of a schema, or of some of its tables. */
export function canonical(schema: Schema, options: CanonicalOptions = {}): Json {
  const { engine, version, views, statistics: written, ...others } = schema;
  const statistics = orderless(written);
  const rest = { ...others, statistics };
  const server = options.server === true ? { engine, version } : {};
  if (options.tables === undefined) {
    return canonicalObject({ ...server, ...rest, views: Object.fromEntries(Object.entries(views).map(([key, view]) => [key, keepOrder(view)])) });
  }
  const { tables } = options;
  const wanted = (name: ObjectName | undefined): boolean => name !== undefined && tables.some((table) => sameName(table, name));
  return canonicalObject({
    ...server,
    tables: pick(schema.tables, (table) => wanted(table.name)),
    sequences: pick(schema.sequences, (sequence) => wanted(sequence.ownedBy?.table)),
    statistics: pick(statistics, (each) => wanted(each.table)),
  });
}

/** The order of the columns of each table, which the canonical form leaves out: `select *` and COPY show it. */
export const columnOrder = (schema: Schema): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.values(schema.tables).map((table) => [keyOf(table.name), [...table.columns].sort((a, b) => a.position - b.position).map((column) => column.name)]),
  );
