// Trees → text. pgsql-deparser does the work; what it writes without the parentheses that the tree needs, or not at all, is mended here.
import type { Constraint, DefElem, JsonArgument, JsonBehavior, JsonFuncExpr, JsonOutput } from "libpg-query";
import type { Deparser, DeparserOptions } from "pgsql-deparser";
import { nextToken } from "./lexer.ts";
import type { Node } from "./parser.ts";
import { isTree, stringNode, strings, type Tree, unwrap } from "./tree.ts";

/** The class as it is imported, so that importing it stays the loader's business. */
export type DeparserClass = new (tree: Node[], options?: DeparserOptions) => Deparser;
type Context = Parameters<Deparser["A_Expr"]>[1];

/** Whether one pair of parentheses holds the whole text. */
export function enclosed(text: string): boolean {
  if (!text.startsWith("(") || !text.endsWith(")")) return false;
  let depth = 0;
  for (let token = nextToken(text, 0); token; token = nextToken(text, token.end)) {
    if (token.kind !== "punctuation") continue;
    const character = text[token.start];
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth === 0) return token.end === text.length;
  }
  return false;
}

/** Functions that have an infix form of their own. */
const infixFunctions: ReadonlySet<string> = new Set(["timezone", "overlaps", "is_normalized"]);

/** Whether a node is written with an operator in the open, so that what stands beside it could be drawn in. */
function isOpen(kind: string, fields: Tree): boolean {
  switch (kind) {
    case "A_Expr":
      return fields["kind"] !== "AEXPR_NULLIF";
    case "BoolExpr":
    case "NullTest":
    case "BooleanTest":
    case "JsonIsPredicate":
      return true;
    case "CollateClause":
      return fields["arg"] !== undefined;
    case "XmlExpr":
      return fields["op"] === "IS_DOCUMENT";
    case "SubLink":
      return fields["testexpr"] !== undefined;
    case "FuncCall":
      return fields["funcformat"] === "COERCE_SQL_SYNTAX" && infixFunctions.has(strings(fields["funcname"]).at(-1) ?? "");
    default:
      return false;
  }
}

const jsonFunctions: Readonly<Record<string, string>> = { JSON_EXISTS_OP: "JSON_EXISTS", JSON_QUERY_OP: "JSON_QUERY", JSON_VALUE_OP: "JSON_VALUE" };
const jsonWrappers: Readonly<Record<string, string>> = {
  JSW_NONE: "WITHOUT WRAPPER",
  JSW_CONDITIONAL: "WITH CONDITIONAL WRAPPER",
  JSW_UNCONDITIONAL: "WITH UNCONDITIONAL WRAPPER",
};
const jsonQuotes: Readonly<Record<string, string>> = { JS_QUOTES_KEEP: "KEEP QUOTES", JS_QUOTES_OMIT: "OMIT QUOTES" };

function jsonBehavior(behavior: JsonBehavior | undefined, when: string, write: (node: Node) => string): string {
  if (!behavior) return "";
  const words = String(behavior.btype).replace("JSON_BEHAVIOR_", "").replaceAll("_", " ");
  return `${behavior.expr ? `DEFAULT ${write(behavior.expr)}` : words} ON ${when}`;
}

/** JSON_VALUE, JSON_QUERY and JSON_EXISTS, which the deparser does not know. */
function jsonFunction(node: JsonFuncExpr, write: (node: Node) => string): string {
  const item = node.context_item ? write({ JsonValueExpr: node.context_item }) : "";
  const passing = (node.passing ?? []).map(write).join(", ");
  const parts = [
    `${item}, ${node.pathspec ? write(node.pathspec) : ""}`,
    passing && `PASSING ${passing}`,
    node.output ? write({ JsonOutput: node.output }) : "",
    jsonWrappers[node.wrapper ?? ""] ?? "",
    jsonQuotes[node.quotes ?? ""] ?? "",
    jsonBehavior(node.on_empty, "EMPTY", write),
    jsonBehavior(node.on_error, "ERROR", write),
  ];
  return `${jsonFunctions[node.op ?? ""]}(${parts.filter((part) => part !== "").join(" ")})`;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A key with INCLUDE, which the deparser leaves out, or USING INDEX, whose name it does not quote. */
function keyConstraint(node: Constraint): string {
  const list = (names: readonly Node[]): string =>
    `(${strings(names).map(quoted).join(", ")}${names === node.keys && node.without_overlaps ? " WITHOUT OVERLAPS" : ""})`;
  const parts = [
    node.conname === undefined ? "" : `CONSTRAINT ${quoted(node.conname)}`,
    node.contype === "CONSTR_UNIQUE" ? "UNIQUE" : "PRIMARY KEY",
    node.nulls_not_distinct ? "NULLS NOT DISTINCT" : "",
    node.keys ? list(node.keys) : "",
    node.including ? `INCLUDE ${list(node.including)}` : "",
    node.indexname === undefined ? "" : `USING INDEX ${quoted(node.indexname)}`,
    node.deferrable ? "DEFERRABLE" : "",
    node.initdeferred ? "INITIALLY DEFERRED" : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** A name that needs no parentheses before a subscript or a field. */
const placeholder: Node = { ColumnRef: { fields: [{ String: { sval: "x" } }] } };

/**
 * Makes the function that writes a statement's tree as text. Every operator gets its own parentheses, as the server itself prints
 * expressions: then no precedence of operators can change what is meant.
 */
export function createPrinter(deparserClass: DeparserClass): (statement: Node) => string {
  const deparser = new deparserClass([], { pretty: false });
  const plain = {
    visit: deparser.visit.bind(deparser),
    indirection: deparser.A_Indirection.bind(deparser),
    call: deparser.FuncCall.bind(deparser),
    option: deparser.DefElem.bind(deparser),
    constraint: deparser.Constraint.bind(deparser),
    xml: deparser.XmlExpr.bind(deparser),
  };
  const mended = {
    visit(node: Node, context?: Context): string {
      const text = plain.visit(node, context);
      const wrapped = unwrap(node);
      return wrapped && isOpen(wrapped.kind, wrapped.fields) && !enclosed(text) ? `(${text})` : text;
    },
    A_Indirection(node: Parameters<Deparser["A_Indirection"]>[0], context: Context): string {
      const text = node.arg ? mended.visit(node.arg, context) : "";
      const rest = plain.indirection({ ...node, arg: placeholder }, context).replace(/^\(x\)/, "");
      return `${enclosed(text) ? text : `(${text})`}${rest}`;
    },
    TypeCast(node: Parameters<Deparser["TypeCast"]>[0], context: Context): string {
      const text = node.arg ? mended.visit(node.arg, context) : "";
      // The context tells the deparser how to write interval fields.
      const type = node.typeName ? deparser.TypeName(node.typeName, context.spawn("TypeCast")) : "";
      const simple = node.arg !== undefined && ("ColumnRef" in node.arg || "A_Const" in node.arg) && !text.startsWith("-");
      return simple ? `${text}::${type}` : `CAST(${text} AS ${type})`;
    },
    FuncCall(node: Parameters<Deparser["FuncCall"]>[0], context: Context): string {
      const name = strings(node.funcname);
      const [only, ...more] = node.args ?? [];
      if (node.funcformat !== "COERCE_SQL_SYNTAX") {
        // Called like any function, it must not get the infix form: that is another tree.
        return infixFunctions.has(name.at(-1) ?? "")
          ? plain.call({ ...node, funcname: [stringNode("x")] }, context).replace(/^x/, () => name.map(quoted).join("."))
          : plain.call(node, context);
      }
      return only && more.length === 0 && name.join(".") === "pg_catalog.timezone" ? `${mended.visit(only, context)} AT LOCAL` : plain.call(node, context);
    },
    DefElem(node: DefElem, context: Context): string {
      // The catalog prints every storage parameter of an index as a string.
      const value = unwrap(node.arg);
      const isText = value?.kind === "String" && context.parentNodeTypes.includes("IndexStmt");
      return isText ? `${quoted(node.defname ?? "")}='${String(value.fields["sval"] ?? "").replaceAll("'", "''")}'` : plain.option(node, context);
    },
    Constraint(node: Constraint, context: Context): string {
      const isKey = (node.contype === "CONSTR_UNIQUE" || node.contype === "CONSTR_PRIMARY") && (node.including !== undefined || node.indexname !== undefined);
      return isKey ? keyConstraint(node) : plain.constraint(node, context);
    },
    XmlExpr(node: Parameters<Deparser["XmlExpr"]>[0], context: Context): string {
      const text = plain.xml(node, context);
      const keeps = unwrap(node.args?.[1])?.fields["boolval"];
      return node.op === "IS_XMLPARSE" && isTree(keeps) && keeps["boolval"] === true ? text.replace(/\)$/, " PRESERVE WHITESPACE)") : text;
    },
    JsonFuncExpr: (node: JsonFuncExpr, context: Context): string => jsonFunction(node, (inner) => mended.visit(inner, context)),
    JsonArgument: (node: JsonArgument, context: Context): string => `${mended.visit({ JsonValueExpr: node.val ?? {} }, context)} AS ${quoted(node.name ?? "")}`,
    JsonOutput(node: JsonOutput, context: Context): string {
      const format = node.returning?.format?.format_type === "JS_FORMAT_JSON" ? " FORMAT JSON" : "";
      return node.typeName ? `RETURNING ${deparser.TypeName(node.typeName, context)}${format}` : "";
    },
    // The deparser's own sparing parentheses, which miss some cases and double ours in others.
    needsParentheses: () => false,
    isComplexExpression: () => false,
  };
  Object.assign(deparser, mended);
  return (statement) => deparser.deparse(statement) ?? "";
}
