// Walking and rebuilding syntax trees. Trees are never changed in place: what was parsed once may be used twice.
import type { Node } from "./parser.ts";

/** Any object within a tree: a node's fields, or a wrapper `{Kind: fields}`. */
export type Tree = Readonly<Record<string, unknown>>;

export const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** The kind and the fields of a wrapped node; null for anything else. */
export function unwrap(value: unknown): { readonly kind: string; readonly fields: Tree } | null {
  if (!isTree(value)) return null;
  const keys = Object.keys(value);
  const [kind = ""] = keys;
  const fields = value[kind];
  return keys.length === 1 && /^[A-Z]/.test(kind) && isTree(fields) ? { kind, fields } : null;
}

/** Calls `visit` for every object of a tree, parents first; where it returns false, what is below is left out. */
export function walk(value: unknown, visit: (tree: Tree) => unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
    return;
  }
  if (!isTree(value) || visit(value) === false) return;
  for (const child of Object.values(value)) walk(child, visit);
}

/**
 * A copy of a tree in which `change` was asked about every object, parents first: what it returns takes the object's place and is
 * not looked into again; `undefined` keeps it and goes on below.
 */
export function rebuild<T>(value: T, change: (tree: Tree) => unknown): T {
  if (Array.isArray(value)) return value.map((item: unknown) => rebuild(item, change)) as T;
  if (!isTree(value)) return value;
  const changed = change(value);
  if (changed !== undefined) return changed as T;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, rebuild(child, change)])) as T;
}

/** The texts of a list of String nodes, as names are kept in trees. */
export const strings = (nodes: unknown): string[] =>
  (Array.isArray(nodes) ? nodes : []).flatMap((node: unknown) => {
    const text = isTree(node) && isTree(node["String"]) ? (node["String"]["sval"] ?? "") : undefined;
    return typeof text === "string" ? [text] : [];
  });

export const stringNode = (text: string): Node => ({ String: { sval: text } });
