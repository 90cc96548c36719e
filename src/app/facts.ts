// Asking and answering until planning knows all it wants to know.
import { planQuestions } from "../plan/build.ts";
import type { PlanInput } from "../plan/interpret.ts";
import { type Facts, mergeFacts, noFacts, type Question } from "../schema/facts.ts";
import type { Planning } from "./engine.ts";
import type { Parts } from "./parts.ts";

/** What the parser says of statements, and the server of those that only it can read. */
async function judge({ ask, engine }: Parts, { statement }: Planning, texts: readonly string[]): Promise<Facts> {
  const said = Object.fromEntries(texts.map((text) => [text, statement(text)]));
  const read = texts.filter((text) => said[text]?.ok);
  const wrong = read.length === 0 ? {} : await ask((session) => engine.misspelt(session, read));
  return { ...noFacts, statement: { ...said, ...Object.fromEntries(Object.entries(wrong).map(([text, message]) => [text, { ok: false, message }])) } };
}

/** The server answers in one batch. */
export async function answerAll(parts: Parts, planning: Planning, questions: readonly Question[], schema: PlanInput["schema"]): Promise<Facts> {
  const { ask, driver } = parts;
  const texts = questions.flatMap((question) => (question.kind === "statement" ? [question.text] : []));
  const others = questions.filter(({ kind }) => kind !== "statement");
  const parsed = await judge(parts, planning, texts);
  return others.length === 0 ? parsed : mergeFacts(parsed, await ask((session) => driver.answer(session, others, schema)));
}

/**
 * All facts that a plan of these migrations needs. Answers raise new questions; no question is asked twice.
 * @param known what was answered on the same schema before.
 */
export async function gatherFacts(parts: Parts, planning: Planning, input: Omit<PlanInput, "facts">, known: Facts = noFacts): Promise<Facts> {
  let facts = known;
  for (;;) {
    const questions = planQuestions({ ...input, facts });
    if (questions.length === 0) return facts;
    facts = mergeFacts(facts, await answerAll(parts, planning, questions, input.schema));
  }
}
