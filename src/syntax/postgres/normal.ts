// When two trees are the same.
import type { Node } from "./parser.ts";
import { isTree, type Tree, unwrap } from "./tree.ts";

/** Fields that say where in the text a node stood, not what it is. */
const places = new Set(["location", "stmt_location", "stmt_len", "rexpr_list_start", "rexpr_list_end", "list_start", "list_end"]);

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** A tree as text that is equal for equal trees: places left out, fields in one order. */
export const treeKey = (tree: unknown): string =>
  JSON.stringify(tree, (_, value: unknown) => {
    if (!isTree(value)) return value;
    const fields = Object.entries(value).filter(([key]) => !places.has(key));
    return Object.fromEntries(fields.sort(byKey));
  });

/** `(a AND b) AND c` is read as one AND of three. */
function flat(fields: Tree): Tree {
  const [first, ...others] = Array.isArray(fields["args"]) ? (fields["args"] as unknown[]) : [];
  const inner = unwrap(first);
  const joins = inner?.kind === "BoolExpr" && inner.fields["boolop"] === fields["boolop"] && fields["boolop"] !== "NOT_EXPR";
  return joins ? { ...fields, args: [...(inner.fields["args"] as unknown[]), ...others] } : fields;
}

/** Minus before a number is read as a negative number. */
function negated(fields: Tree): Tree | null {
  const name = Array.isArray(fields["name"]) ? unwrap(fields["name"][0])?.fields["sval"] : undefined;
  const constant = unwrap(fields["rexpr"]);
  if (fields["kind"] !== "AEXPR_OP" || fields["lexpr"] !== undefined || name !== "-" || constant?.kind !== "A_Const") return null;
  const { ival, fval } = constant.fields;
  if (isTree(ival)) return { A_Const: { ...constant.fields, ival: ival["ival"] === undefined ? {} : { ival: -Number(ival["ival"]) } } };
  if (!isTree(fval)) return null;
  const digits = String(fval["fval"]);
  return { A_Const: { ...constant.fields, fval: { fval: digits.startsWith("-") ? digits.slice(1) : `-${digits}` } } };
}

function below(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(below);
  if (!isTree(value)) return value;
  const tree = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, below(child)]));
  const node = unwrap(tree);
  if (node?.kind === "BoolExpr") return { BoolExpr: flat(node.fields) };
  return node?.kind === "A_Expr" ? (negated(node.fields) ?? tree) : tree;
}

/** A tree that was put together from others, as the grammar would have built it from their text. */
export const normal = (tree: Node): Node => below(tree) as Node;
