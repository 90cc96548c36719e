// Asking and answering until planning knows all it wants to know.
import { planQuestions } from "../plan/build.ts";
import type { PlanInput } from "../plan/interpret.ts";
import { type Facts, mergeFacts, noFacts, type Question } from "../schema/facts.ts";
import type { Planning } from "./engine.ts";
import type { Parts } from "./parts.ts";

/** The server answers in one batch; statements are the parser's to judge. */
export async function answerAll({ ask, driver }: Parts, { statement }: Planning, questions: readonly Question[], schema: PlanInput["schema"]): Promise<Facts> {
  const texts = questions.flatMap((question) => (question.kind === "statement" ? [question.text] : []));
  const others = questions.filter(({ kind }) => kind !== "statement");
  const parsed: Facts = { ...noFacts, statement: Object.fromEntries(texts.map((text) => [text, statement(text)])) };
  return others.length === 0 ? parsed : mergeFacts(parsed, await ask((session) => driver.answer(session, others, schema)));
}

/** All facts that a plan of these migrations needs. Answers raise new questions; no question is asked twice. */
export async function gatherFacts(parts: Parts, planning: Planning, input: Omit<PlanInput, "facts">): Promise<Facts> {
  let facts: Facts = noFacts;
  for (;;) {
    const questions = planQuestions({ ...input, facts });
    if (questions.length === 0) return facts;
    facts = mergeFacts(facts, await answerAll(parts, planning, questions, input.schema));
  }
}
