// What a person wrote, read by the grammar before any of it is put into a statement.

import { Problem } from "../../../problem.ts";
import type { ExpressionFact, Question } from "../../../schema/facts.ts";
import { parseExpression } from "../../../syntax/postgres/expression.ts";
import type { Node, PostgresSyntax } from "../../../syntax/postgres/parser.ts";

export type ExpressionQuestion = Extract<Question, { readonly kind: "expression" }>;
export type Refusal = Extract<ExpressionFact, { readonly ok: false }>;

const refusal = (message: string, hint: string | null = null, position: number | null = null): Refusal => ({ ok: false, message, position, hint });

/** Where the grammar stopped, from 1 in the person's text; the parser counts code points from 0, and "SELECT " before it. */
function stoppedAt(problem: Problem, text: string): number | null {
  const cause = problem.cause as { readonly sqlDetails?: { readonly cursorPosition: number } } | undefined;
  const at = (cause?.sqlDetails?.cursorPosition ?? 0) - "SELECT ".length;
  return at >= 0 && at <= [...text].length ? at + 1 : null;
}

/** The NULL of `null::type`, when the text is one type and nothing else. */
function castType(syntax: PostgresSyntax, text: string): Node | null {
  const { tree } = parseExpression(syntax, `null::${text}\n`, null);
  if (!("TypeCast" in tree)) return null;
  const { arg, typeName } = tree.TypeCast;
  return arg && "A_Const" in arg && arg.A_Const.isnull === true && typeName && typeName.setof !== true ? tree : null;
}

/** Null where the text is one type as the grammar knows types; else what is wrong with it. */
export function refuseType(syntax: PostgresSyntax, text: string): Refusal | null {
  try {
    return castType(syntax, text) === null ? refusal(`"${text}" is not a type`) : null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return refusal(`"${text}" is not a type`, error.hint ?? null);
  }
}

/** The type without its length: a cast to varchar(3) would cut a literal that an assignment refuses. */
function withoutLength(syntax: PostgresSyntax, type: string): string {
  const tree = castType(syntax, type);
  if (tree === null || !("TypeCast" in tree) || tree.TypeCast.typeName?.typmods === undefined) return type;
  const { typmods: _, ...typeName } = tree.TypeCast.typeName;
  try {
    return syntax.print({ TypeCast: { ...tree.TypeCast, typeName } }).replace(/^NULL::/i, "");
  } catch {
    return type;
  }
}

/** An expression that was read, or why it is none. */
export type Reading = { readonly ok: true; readonly readAs: string | null } | Refusal;

/**
 * Refuses what is not one expression over the columns of one row, so that the text can be put into a statement. A bare literal has no
 * type of its own: the server reads it as the target's, and so does the specimen.
 */
export function readExpression(syntax: PostgresSyntax, question: ExpressionQuestion): Reading {
  for (const type of [question.target, ...question.columns.map((column) => column.type)]) {
    const bad = refuseType(syntax, type);
    if (bad) return bad;
  }
  try {
    const { tree } = parseExpression(syntax, question.text, question.row);
    const isLiteral = "A_Const" in tree && (tree.A_Const.sval !== undefined || tree.A_Const.isnull === true);
    return { ok: true, readAs: isLiteral ? withoutLength(syntax, question.target) : null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const [message = error.message] = error.message.split("\n");
    return refusal(message, error.hint ?? null, error.code === "bad-sql" ? stoppedAt(error, question.text) : null);
  }
}

/** The server's own text of the expression, out of its text of the specimen. */
export function printedExpression(syntax: PostgresSyntax, definition: string): Node | null {
  const [statement] = syntax.parse(definition);
  const target = statement && "SelectStmt" in statement.node ? statement.node.SelectStmt.targetList?.[0] : undefined;
  return target && "ResTarget" in target ? (target.ResTarget.val ?? null) : null;
}
