// From what the server resolved to the fact that planning needs.

import { Problem } from "../../../problem.ts";
import type { ExpressionFact } from "../../../schema/facts.ts";
import { parseExpression } from "../../../syntax/postgres/expression.ts";
import type { PostgresSyntax } from "../../../syntax/postgres/parser.ts";
import { qualify } from "../../../syntax/postgres/qualify.ts";
import { isAssignable, storesWithoutFail } from "./assignment.ts";
import type { TreeValue } from "./node-tree.ts";
import { numberOf, outputExpression, parseNodeTree, walkTree } from "./node-tree.ts";
import type { ExpressionQuestion } from "./reading.ts";
import { printedExpression } from "./reading.ts";
import type { Resolved } from "./resolved.ts";
import { isTotal } from "./total.ts";
import type { FunctionInfo } from "./volatility.ts";
import { functionsOf, volatilityOf } from "./volatility.ts";

/** The resolved tree of the specimen's expression. */
const treeOf = (resolved: Resolved): TreeValue => outputExpression(parseNodeTree(resolved.action), 0);

/** Places of the columns that it reads, from 1, in the order of their first use; 0 stands for the row as a whole. */
function placesOf(tree: TreeValue): readonly number[] {
  const places = new Set<number>();
  walkTree(tree, (node) => {
    if (node.kind === "VAR") places.add(numberOf(node, "varattno"));
  });
  return [...places];
}

/** The server's text with every name qualified and the columns alone. */
function qualifiedText(syntax: PostgresSyntax, question: ExpressionQuestion, resolved: Resolved): string {
  const printed = printedExpression(syntax, resolved.definition);
  if (printed === null) throw new Error(`no expression in ${resolved.definition}`);
  const { tree } = parseExpression(syntax, syntax.print(printed), question.row);
  return syntax.print(qualify(tree));
}

const infoOf = (resolved: Resolved): ReadonlyMap<number, FunctionInfo> => new Map(resolved.functions.map((each) => [each.oid, each]));

/** The fact about one expression, not yet tried in its qualified form. */
export function judge(syntax: PostgresSyntax, question: ExpressionQuestion, resolved: Resolved): ExpressionFact {
  const tree = treeOf(resolved);
  const places = placesOf(tree);
  if (places.includes(0)) return { ok: false, message: `it reads the row ${question.row} as a whole`, position: null, hint: "Name the columns." };
  const functions = infoOf(resolved);
  try {
    return {
      ok: true,
      type: resolved.value.name,
      assignable: isAssignable(resolved),
      volatility: volatilityOf(tree, functions),
      qualified: qualifiedText(syntax, question, resolved),
      columns: places.map((place) => question.columns[place - 1]?.name ?? ""),
      total: isTotal(tree, functions) && storesWithoutFail(resolved),
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return unqualifiable(question, error.message);
  }
}

/** The answer where the expression is understood but cannot be written so that it means the same under every search_path. */
export const unqualifiable = (question: ExpressionQuestion, why: string, hint?: string): ExpressionFact => ({
  ok: false,
  message: `it cannot be written with every name qualified: ${why}`,
  position: null,
  hint: hint ?? `Put it into a function of your own, and write that function's call instead of ${question.text}.`,
});

/**
 * The fact as it is, where its qualified text became the same thing: the same type, and every function of the original. Some forms
 * compare with an operator that they cannot name; a type from elsewhere than pg_catalog (citext) has its own.
 */
export function confirm(fact: ExpressionFact, question: ExpressionQuestion, original: Resolved, again: Resolved): ExpressionFact {
  if (!fact.ok) return fact;
  if (original.value.name !== again.value.name) return unqualifiable(question, `${fact.qualified} is of type ${again.value.name}`);
  const kept = functionsOf(treeOf(again));
  const lost = [...functionsOf(treeOf(original))].filter((oid) => !kept.has(oid)).map((oid) => infoOf(original).get(oid)?.signature ?? String(oid));
  if (lost.length === 0) return fact;
  const hint = "IS DISTINCT FROM, NULLIF and CASE x WHEN cannot name the operator they compare with: write the comparison with =, or cast both sides to text.";
  return unqualifiable(question, `${lost.join(", ")} would be replaced by the system's own`, hint);
}
