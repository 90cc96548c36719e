// How much an expression's value depends on anything but its row.
import type { TreeNode, TreeValue } from "./node-tree.ts";
import { numberOf, typeOf, walkTree } from "./node-tree.ts";

export type Volatility = "immutable" | "stable" | "volatile";

/** What the catalog says of a function. */
export interface FunctionInfo {
  /** `lower(text)`, without a schema where it is the system's own. */
  readonly signature: string;
  readonly volatility: "i" | "s" | "v";
}

/** Fields that hold the function of a node. */
const functionFields = ["funcid", "opfuncid"] as const;

/** Every function that an expression calls by itself or through an operator. */
export function functionsOf(tree: TreeValue): ReadonlySet<number> {
  const oids = new Set<number>();
  walkTree(tree, (node) => {
    for (const field of functionFields) {
      const oid = numberOf(node, field);
      if (oid !== 0) oids.add(oid);
    }
  });
  return oids;
}

/**
 * Types whose text is the same under every setting: bool, bpchar, "char", int2, int4, int8, json, jsonb, name, numeric, oid, text, uuid, varchar.
 * The catalog calls the text of a float or of a bytea immutable too, though extra_float_digits and bytea_output change it.
 */
const plainTypes: ReadonlySet<number> = new Set([16, 1042, 18, 21, 23, 20, 114, 3802, 19, 1700, 26, 25, 2950, 1043]);
export const isPlain = (type: number): boolean => plainTypes.has(type);

/** Nodes that are pure themselves; what they call or hold is judged on its own. */
const pure: ReadonlySet<string> = new Set([
  "VAR",
  "CONST",
  "FUNC",
  "OP",
  "DISTINCT",
  "NULLIF",
  "SCALARARRAYOP",
  "BOOL",
  "RELABELTYPE",
  "ARRAYCOERCE",
  "CONVERTROWTYPE",
  "COLLATE",
  "CASE",
  "CASEWHEN",
  "WHEN",
  "CASETEST",
  "ARRAY",
  "ROW",
  "ROWCOMPARE",
  "COALESCE",
  "MINMAX",
  "NULLTEST",
  "BOOLEANTEST",
  "COERCETODOMAIN",
  "FIELDSELECT",
  "SUBSCRIPTINGREF",
  "NAMEDARG",
]);

function ownVolatility(node: TreeNode): Volatility {
  if (pure.has(node.kind)) return "immutable";
  if (node.kind === "COERCEVIAIO") return isPlain(typeOf(node.fields.get("arg"))) && isPlain(numberOf(node, "resulttype")) ? "immutable" : "stable";
  return node.kind === "NEXTVALUE" ? "volatile" : "stable";
}

const rank: Readonly<Record<Volatility, number>> = { immutable: 0, stable: 1, volatile: 2 };
const byLetter: Readonly<Record<FunctionInfo["volatility"], Volatility>> = { i: "immutable", s: "stable", v: "volatile" };

/** The most volatile of everything in the expression; a function the catalog does not tell of counts as volatile. */
export function volatilityOf(tree: TreeValue, functions: ReadonlyMap<number, FunctionInfo>): Volatility {
  const found: Volatility[] = [...functionsOf(tree)].map((oid) => byLetter[functions.get(oid)?.volatility ?? "v"]);
  walkTree(tree, (node) => found.push(ownVolatility(node)));
  return found.reduce((worst, each) => (rank[each] > rank[worst] ? each : worst), "immutable");
}
