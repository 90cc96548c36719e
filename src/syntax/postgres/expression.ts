// One expression over the columns of one row.
import { Problem } from "../../problem.ts";
import { tokens } from "./lexer.ts";
import { treeKey } from "./normal.ts";
import type { Node, PostgresSyntax } from "./parser.ts";
import { rebuild, stringNode, strings, unwrap, walk } from "./tree.ts";

export interface ParsedExpression {
  /** Its columns stand in it without the row's name. */
  readonly tree: Node;
  /** The columns that it reads, each once, in the order in which they first occur. */
  readonly columns: readonly string[];
}

function bad(text: string, what: string, hint: string): Problem {
  return new Problem({ code: "bad-expression", message: `"${text.trim()}" ${what}.`, hint });
}

/** What no expression over one row may hold, and what to say of it. */
const forbidden: Readonly<Record<string, string>> = {
  SubLink: "holds a subquery",
  ParamRef: "holds a parameter",
  A_Star: "holds a *",
  SetToDefault: "is DEFAULT, which is no value",
  GroupingFunc: "holds GROUPING",
  MergeSupportFunc: "holds merge_action()",
  CurrentOfExpr: "holds CURRENT OF",
};

/** The only expression of `SELECT text`, if that is all that the text is. */
function only(syntax: PostgresSyntax, text: string): Node | null {
  const [first, ...more] = syntax.parse(text, "SELECT ");
  if (!first || more.length > 0 || !("SelectStmt" in first.node)) return null;
  const [target, ...others] = first.node.SelectStmt.targetList ?? [];
  if (!target || others.length > 0 || !("ResTarget" in target) || !target.ResTarget.val || target.ResTarget.name !== undefined) return null;
  const bare = { SelectStmt: { targetList: [target], limitOption: "LIMIT_OPTION_DEFAULT", op: "SETOP_NONE" } };
  return treeKey(bare) === treeKey(first.node) ? target.ResTarget.val : null;
}

/** In parentheses a list becomes a row, and words that only a SELECT list knows become errors. */
function sameInParentheses(syntax: PostgresSyntax, text: string, found: Node): boolean {
  try {
    const inside = only(syntax, `(${text}\n)`);
    return inside !== null && treeKey(inside) === treeKey(found);
  } catch {
    return false;
  }
}

function refuse(text: string, tree: Node): void {
  walk(tree, (part) => {
    const node = unwrap(part);
    if (!node) return;
    const what =
      forbidden[node.kind] ?? (node.fields["over"] !== undefined ? "holds a window function" : node.fields["agg_star"] === true ? "holds a *" : undefined);
    if (what !== undefined) throw bad(text, what, "Write one expression over the columns of one row.");
  });
}

/** The column of a reference, with the row's name or without. */
function columnOf(text: string, fields: readonly string[], row: string | null): string {
  const [first = "", second, ...rest] = fields;
  if (second === undefined) return first;
  if (rest.length === 0 && first === row) return second;
  throw bad(
    text,
    `names "${fields.join(".")}", but only columns of ${row === null ? "one row, without a table's name" : `"${row}"`} can be named here`,
    `Write the column alone; a field of a composite column is (column).field.`,
  );
}

/**
 * Reads one expression.
 * @param row the name by which its columns may be qualified, or null.
 * @throws Problem `bad-sql` where it does not parse, `bad-expression` where it is not one expression over the columns of one row.
 */
export function parseExpression(syntax: PostgresSyntax, text: string, row: string | null): ParsedExpression {
  const hint = "Write one expression, as after SELECT, without a name for it.";
  const written = [...tokens(text)].filter(({ kind }) => kind !== "comment" && kind !== "block-comment");
  if (written.length === 0) throw bad(text, "holds no expression", hint);
  const found = only(syntax, text);
  if (!found) throw bad(text, "is not one expression", hint);
  refuse(text, found);
  if (!sameInParentheses(syntax, text, found)) throw bad(text, "is not one expression", hint);
  const columns = new Set<string>();
  const tree = rebuild(found, (part) => {
    const node = unwrap(part);
    if (node?.kind !== "ColumnRef") return undefined;
    const column = columnOf(text, strings(node.fields["fields"]), row);
    columns.add(column);
    return columnNode(column);
  });
  return { tree, columns: [...columns] };
}

/** A reference to a column: `columnNode("x")` is `x`, `columnNode("new", "x")` is `NEW.x`, `columnNode("s", "t", "x")` is `s.t.x`. */
export const columnNode = (...path: readonly string[]): Node => ({ ColumnRef: { fields: path.map(stringNode) } });

/** Every column that a tree names without a table, each once. */
export function columnsOf(tree: Node): readonly string[] {
  const columns = new Set<string>();
  walk(tree, (part) => {
    const node = unwrap(part);
    const [column, ...more] = node?.kind === "ColumnRef" ? strings(node.fields["fields"]) : [];
    if (column !== undefined && more.length === 0) columns.add(column);
  });
  return [...columns];
}

/**
 * A copy of a tree in which each column named without a table is replaced by what `replacement` gives for it; null keeps it.
 * What is put in is not looked into again, so `a` may become something that names `a`.
 */
export function substitute(tree: Node, replacement: (column: string) => Node | null): Node {
  return rebuild(tree, (part) => {
    const node = unwrap(part);
    const [column, ...more] = node?.kind === "ColumnRef" ? strings(node.fields["fields"]) : [];
    return column === undefined || more.length > 0 ? undefined : (replacement(column) ?? part);
  });
}
