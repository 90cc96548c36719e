// The server's own syntax trees (pg_node_tree) as data: what an expression really became, after names, types and casts were resolved.

/** A node: its kind without the suffix EXPR, which newer servers add, and its fields. */
export interface TreeNode {
  readonly kind: string;
  readonly fields: ReadonlyMap<string, TreeValue>;
}

/** Null stands for `<>`. */
export type TreeValue = TreeNode | readonly TreeValue[] | string | null;

export const isNode = (value: TreeValue | undefined): value is TreeNode => typeof value === "object" && value !== null && !Array.isArray(value);
export const isList = (value: TreeValue | undefined): value is readonly TreeValue[] => Array.isArray(value);

/** Brackets stand alone; anything else goes to the next blank or bracket, and a backslash takes the next character as it is. */
const token = /[(){}]|(?:\\[\s\S]|[^\s(){}\\])+/g;

/** Reads the text of a pg_node_tree; nodes/read.c has the format. */
export function parseNodeTree(text: string): TreeValue {
  const tokens = text.match(token) ?? [];
  let at = 0;

  const list = (): readonly TreeValue[] => {
    const items: TreeValue[] = [];
    while (at < tokens.length && tokens[at] !== ")") items.push(value());
    at += 1;
    return items;
  };

  const node = (): TreeNode => {
    const kind = (tokens[at] ?? "").replace(/EXPR$/, "");
    at += 1;
    const fields = new Map<string, TreeValue>();
    while (at < tokens.length && tokens[at] !== "}") {
      const name = (tokens[at] ?? "").slice(1);
      at += 1;
      const values: TreeValue[] = [];
      // A constant's bytes are several tokens under one name.
      while (at < tokens.length && tokens[at] !== "}" && !isFieldName(tokens[at] ?? "")) values.push(value());
      fields.set(name, values.length === 1 ? (values[0] ?? null) : values);
    }
    at += 1;
    return { kind, fields };
  };

  function value(): TreeValue {
    const next = tokens[at] ?? "";
    at += 1;
    if (next === "{") return node();
    if (next === "(") return list();
    return next === "<>" ? null : next.replaceAll(/\\([\s\S])/g, "$1");
  }
  return value();
}

const isFieldName = (text: string): boolean => text.length > 1 && text.startsWith(":");

/** Calls `visit` for every node, outer ones first. */
export function walkTree(value: TreeValue | undefined, visit: (node: TreeNode) => void): void {
  if (isList(value)) for (const item of value) walkTree(item, visit);
  else if (isNode(value)) {
    visit(value);
    for (const child of value.fields.values()) walkTree(child, visit);
  }
}

/** A field that is a number: an oid, an attribute's place; 0 where it is missing. */
export const numberOf = (node: TreeNode, field: string): number => {
  const value = node.fields.get(field);
  return typeof value === "string" ? Number(value) : 0;
};

/** The arguments of a function or operator. */
export const argumentsOf = (node: TreeNode): readonly TreeValue[] => {
  const args = node.fields.get("args");
  return isList(args) ? args : [];
};

/** The expression of one output column, counted from 0, of a view whose rule's action this is. */
export function outputExpression(action: TreeValue, column: number): TreeValue {
  const query = isList(action) ? action[0] : undefined;
  const targets = isNode(query) ? query.fields.get("targetList") : undefined;
  const target = isList(targets) ? targets[column] : undefined;
  return isNode(target) ? (target.fields.get("expr") ?? null) : null;
}

/** Under which field each kind of node keeps the type of its result. */
const typeFields = [
  "vartype",
  "consttype",
  "funcresulttype",
  "opresulttype",
  "resulttype",
  "casetype",
  "coalescetype",
  "minmaxtype",
  "array_typeid",
  "row_typeid",
  "refrestype",
  "typeId",
  "type",
];
const boolean = 16;

/** The oid of the type of an expression; kinds that keep none give booleans. */
export function typeOf(value: TreeValue | undefined): number {
  if (!isNode(value)) return 0;
  // A collation changes no type.
  if (value.kind === "COLLATE") return typeOf(value.fields.get("arg"));
  const field = typeFields.find((name) => value.fields.has(name));
  return field === undefined ? boolean : numberOf(value, field);
}

/** The value of a constant integer (int2, int4 or int8), or null where it is not one or is null. */
export function constantInteger(value: TreeValue | undefined): bigint | null {
  if (!isNode(value) || value.kind !== "CONST" || ![20, 21, 23].includes(numberOf(value, "consttype"))) return null;
  const parts = value.fields.get("constvalue");
  if (!isList(parts)) return null;
  const bytes = parts.slice(2, -1).map((part) => BigInt(typeof part === "string" ? part : 0) & 0xffn);
  // Eight bytes of the server's memory; little-endian on every platform that the server is built for today.
  return BigInt.asIntN(
    64,
    bytes.reduceRight((sum, byte) => (sum << 8n) | byte, 0n),
  );
}
