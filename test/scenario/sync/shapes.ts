// Links as a checked plan would have them, from a few words.
import type { Rewrite } from "../../../src/dialects/postgres/sync/input.ts";
import type { ColumnSpec, Expression, Link, NewColumn, OldColumn } from "../../../src/step/shape.ts";
import { parseExpression, substitute } from "../../../src/syntax/postgres/expression.ts";
import { loadPostgresSyntax, type Node } from "../../../src/syntax/postgres/parser.ts";
import { qualify } from "../../../src/syntax/postgres/qualify.ts";

const syntax = await loadPostgresSyntax();

const nodeOf = (text: string): Node => {
  const [statement] = syntax.parse(text, "SELECT ");
  const [target] = statement && "SelectStmt" in statement.node ? (statement.node.SelectStmt.targetList ?? []) : [];
  if (!target || !("ResTarget" in target) || !target.ResTarget.val) throw new Error(`no expression: ${text}`);
  return target.ResTarget.val;
};

export const rewrite: Rewrite = (text, column) => syntax.print(substitute(qualify(parseExpression(syntax, text, null).tree), (name) => nodeOf(column(name))));

/** An expression as a checked plan would have it. */
export function expression(text: string, facts: Partial<Pick<Expression, "volatility" | "total">> = {}): Expression {
  const { tree, columns } = parseExpression(syntax, text, null);
  return { text, qualified: syntax.print(qualify(tree)), columns, volatility: facts.volatility ?? "immutable", total: facts.total ?? true };
}

export const oldColumn = (name: string, parked = name): OldColumn => ({ name, parked, retired: `hotstick_retired_${name}` });
export const newColumn = (name: string, type: string, more: Partial<ColumnSpec> & { readonly hidden?: string } = {}): NewColumn => {
  const { hidden, ...spec } = more;
  return { hidden: hidden ?? name, spec: { name, type, ...spec } };
};

export const copy = (from: string, to: string, type: string, more: Partial<ColumnSpec> = {}): Link => ({
  kind: "copy",
  old: oldColumn(from),
  new: newColumn(to, type, more),
});

type Facts = Partial<Pick<Expression, "volatility" | "total">>;
interface Transform {
  readonly old: readonly (string | OldColumn)[];
  readonly new: readonly NewColumn[];
  readonly up: readonly (string | readonly [string, Facts])[];
  readonly down: readonly (string | readonly [string, Facts])[];
  readonly marker?: string;
}
const made = (text: string | readonly [string, Facts]): Expression => (typeof text === "string" ? expression(text) : expression(text[0], text[1]));

export const transform = (of: Transform): Link => ({
  kind: "transform",
  old: of.old.map((column) => (typeof column === "string" ? oldColumn(column) : column)),
  new: of.new,
  up: of.up.map(made),
  down: of.down.map(made),
  marker: of.marker ?? "hotstick_side",
  drops: [],
});
