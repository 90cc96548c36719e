// Facts about expressions: type, volatility, the columns read, and a text that means the same under every search_path.
import type { ExpressionFact } from "../../../schema/facts.ts";
import type { PostgresSyntax } from "../../../syntax/postgres/parser.ts";
import type { Session } from "../../driver.ts";
import { classify, describe } from "../errors.ts";
import { confirm, judge, unqualifiable } from "./judgement.ts";
import type { ExpressionQuestion } from "./reading.ts";
import { readExpression } from "./reading.ts";
import type { Resolved } from "./resolved.ts";
import { expressionSpecimen, overRow, viewName } from "./specimen.ts";
import { resolveAfter, tryAll } from "./trial.ts";

/** A question, and the type that a bare literal is read as. */
interface Asked {
  readonly question: ExpressionQuestion;
  readonly readAs: string | null;
}

/** Puts the qualified texts to the server with nothing but its own schema in the path, as a trigger will run them. */
async function tryQualified(session: Session, asked: readonly Asked[], texts: readonly string[]): Promise<readonly Resolved[]> {
  const drops = asked.map((_, index) => `drop view ${viewName(index)}`);
  const again = asked.map(({ question }, index) => overRow(index, question.row, texts[index] ?? "null", null, null).statement);
  return await resolveAfter(session, [...drops, "set local search_path = ''", ...again]);
}

/** Replaces an answer whose qualified text the server refuses, or takes for something else. */
async function checked(
  session: Session,
  asked: readonly Asked[],
  resolved: readonly Resolved[],
  facts: readonly ExpressionFact[],
): Promise<readonly ExpressionFact[]> {
  try {
    const again = await tryQualified(
      session,
      asked,
      facts.map((fact) => (fact.ok ? fact.qualified : "null::pg_catalog.text")),
    );
    return facts.map((fact, index) => {
      const [before, after, item] = [resolved[index], again[index], asked[index]];
      return before && after && item ? confirm(fact, item.question, before, after) : fact;
    });
  } catch (error) {
    const [only, ...more] = asked;
    // With several, each is tried alone to find the one.
    if (only === undefined || more.length > 0 || classify(error) === "lost" || classify(error) === "retry") throw error;
    return [unqualifiable(only.question, describe(error))];
  }
}

async function answerAll(session: Session, syntax: PostgresSyntax, asked: readonly Asked[], resolved: readonly Resolved[]): Promise<readonly ExpressionFact[]> {
  const facts = asked.map(({ question }, index) => {
    const each = resolved[index];
    if (each === undefined) throw new Error("the server resolved fewer expressions than it was given");
    return judge(syntax, question, each);
  });
  return facts.some((fact) => fact.ok) ? await checked(session, asked, resolved, facts) : facts;
}

/** What each expression is, or why the grammar or the server refuses it. Leaves nothing behind. */
export async function answerExpressions(
  session: Session,
  syntax: PostgresSyntax,
  questions: readonly ExpressionQuestion[],
): Promise<readonly ExpressionFact[]> {
  const readings = questions.map((question) => readExpression(syntax, question));
  const asked = questions.flatMap((question, index): Asked[] => {
    const reading = readings[index];
    return reading?.ok ? [{ question, readAs: reading.readAs }] : [];
  });
  const specimenOf = (index: number, { question, readAs }: Asked) => expressionSpecimen(index, { ...question, readAs });
  const answers = [...(await tryAll(session, asked, specimenOf, (some, resolved) => answerAll(session, syntax, some, resolved)))];
  return readings.map((reading): ExpressionFact => {
    const answer = reading.ok ? answers.shift() : reading;
    if (answer === undefined) throw new Error("an expression was asked about and not answered");
    return answer;
  });
}
