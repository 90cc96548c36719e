// Names in an expression that the server looks up along search_path → names that mean the same under any search_path.
import type { Node } from "./parser.ts";
import { isTree, stringNode, strings, type Tree, unwrap } from "./tree.ts";

const catalog = stringNode("pg_catalog");

/** A name of one part is the catalog's own; a longer one says already where it is. */
const inCatalog = (names: unknown): unknown => (Array.isArray(names) && names.length === 1 ? [catalog, ...(names as Node[])] : names);

const operator = (name: string, lexpr: Node | undefined, rexpr: Node): Node => ({
  A_Expr: { kind: "AEXPR_OP", name: [catalog, stringNode(name)], ...(lexpr ? { lexpr } : {}), rexpr },
});

const join = (boolop: "AND_EXPR" | "OR_EXPR", args: Node[]): Node => (args.length === 1 && args[0] ? args[0] : { BoolExpr: { boolop, args } });
const not = (arg: Node): Node => ({ BoolExpr: { boolop: "NOT_EXPR", args: [arg] } });

const items = (value: unknown): Node[] => {
  const list = unwrap(value);
  return list?.kind === "List" && Array.isArray(list.fields["items"]) ? (list.fields["items"] as Node[]) : [];
};

const rowItems = (node: Node): Node[] | null => ("RowExpr" in node ? (node.RowExpr.args ?? []) : null);

/** `a IS NOT DISTINCT FROM b`, which by itself looks up `=` along search_path. NULL is counted, for `IS NULL` means something else for rows. */
function same(left: Node, right: Node): Node {
  const lefts = rowItems(left);
  const rights = rowItems(right);
  if (lefts && rights && lefts.length === rights.length && lefts.length > 0)
    return join(
      "AND_EXPR",
      lefts.map((item, i) => same(item, rights[i]!)),
    );
  const nulls: Node = { FuncCall: { funcname: [catalog, stringNode("num_nulls")], args: [left, right], funcformat: "COERCE_EXPLICIT_CALL" } };
  return { CoalesceExpr: { args: [operator("=", left, right), operator("=", nulls, { A_Const: { ival: { ival: 2 } } })] } };
}

const between = (value: Node, low: Node, high: Node): Node => join("AND_EXPR", [operator(">=", value, low), operator("<=", value, high)]);
const outside = (value: Node, low: Node, high: Node): Node => join("OR_EXPR", [operator("<", value, low), operator(">", value, high)]);

/** An A_Expr whose operands are qualified already. The server expands the same forms in the same way. */
function expression(fields: Tree): Node {
  const name = strings(fields["name"]);
  const left = fields["lexpr"] as Node;
  const right = fields["rexpr"] as Node;
  const [low, high] = items(right);
  switch (fields["kind"]) {
    case "AEXPR_OP_ANY":
    case "AEXPR_OP_ALL":
      return { A_Expr: { ...fields, name: inCatalog(fields["name"]) as Node[] } };
    case "AEXPR_LIKE":
    case "AEXPR_ILIKE":
    case "AEXPR_SIMILAR":
      return operator(name.at(-1) ?? "", left, right);
    case "AEXPR_NULLIF":
      return { CaseExpr: { args: [{ CaseWhen: { expr: operator("=", left, right), result: { A_Const: { isnull: true } } } }], defresult: left } };
    case "AEXPR_DISTINCT":
      return not(same(left, right));
    case "AEXPR_NOT_DISTINCT":
      return same(left, right);
    case "AEXPR_IN":
      return join(
        name[0] === "<>" ? "AND_EXPR" : "OR_EXPR",
        items(right).map((item) => operator(name[0] ?? "=", left, item)),
      );
    case "AEXPR_BETWEEN":
      return between(left, low!, high!);
    case "AEXPR_NOT_BETWEEN":
      return outside(left, low!, high!);
    case "AEXPR_BETWEEN_SYM":
      return join("OR_EXPR", [between(left, low!, high!), between(left, high!, low!)]);
    case "AEXPR_NOT_BETWEEN_SYM":
      return join("AND_EXPR", [outside(left, low!, high!), outside(left, high!, low!)]);
    default:
      return { A_Expr: { ...fields, name: inCatalog(fields["name"]) as Node[] } };
  }
}

/** Types whose constants are themselves names that are looked up. */
const nameTypes: ReadonlySet<string> = new Set(["regclass", "regproc", "regconfig", "regdictionary", "regcollation"]);
const oneName = /^("([^"]|"")+"|[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*)$/;

function castArgument(fields: Tree): unknown {
  const type = isTree(fields["typeName"]) ? strings(fields["typeName"]["names"]).at(-1) : undefined;
  const constant = unwrap(fields["arg"]);
  const text = constant?.kind === "A_Const" && isTree(constant.fields["sval"]) ? constant.fields["sval"]["sval"] : undefined;
  return typeof text === "string" && nameTypes.has(type ?? "") && oneName.test(text) ? { A_Const: { sval: { sval: `pg_catalog.${text}` } } } : fields["arg"];
}

/** `CASE a WHEN b` compares with an `=` along search_path; `CASE WHEN a = b` can say which. */
function searched(fields: Tree): Tree {
  const { arg, args, ...rest } = fields;
  if (arg === undefined || !Array.isArray(args)) return fields;
  const whens = args.map((when: unknown) => {
    const inner = unwrap(when)?.fields ?? {};
    return { CaseWhen: { ...inner, expr: operator("=", arg as Node, inner["expr"] as Node) } };
  });
  return { ...rest, args: whens };
}

function qualified(kind: string, fields: Tree): unknown {
  switch (kind) {
    case "A_Expr":
      return expression(fields);
    case "FuncCall":
      return { FuncCall: { ...fields, funcname: inCatalog(fields["funcname"]) } };
    case "CollateClause":
      return { CollateClause: { ...fields, collname: inCatalog(fields["collname"]) } };
    case "TypeCast":
      return { TypeCast: { ...fields, arg: castArgument(fields) } };
    case "CaseExpr":
      return { CaseExpr: searched(fields) };
    default:
      return { [kind]: fields };
  }
}

/** Types stand in trees without a wrapper of their own. */
const isTypeName = (tree: Tree): boolean => Array.isArray(tree["names"]) && tree["typemod"] !== undefined;

function below(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(below);
  if (!isTree(value)) return value;
  const node = unwrap(value);
  const fields = Object.fromEntries(Object.entries(node?.fields ?? value).map(([key, child]) => [key, below(child)]));
  if (node) return qualified(node.kind, fields);
  return isTypeName(fields) ? { ...fields, names: inCatalog(fields["names"]) } : fields;
}

/**
 * The same expression with every function, operator, type and collation in its schema, so that it means the same whatever
 * search_path a session has. The tree must come from text that the server printed with `search_path = pg_catalog`: there a name of
 * one part is the catalog's own. Forms that look up an operator without naming it (IN, LIKE, BETWEEN, NULLIF, IS DISTINCT FROM,
 * CASE x WHEN) become the forms that do; an operand can thereby stand in it more than once.
 */
export const qualify = (tree: Node): Node => below(tree) as Node;
