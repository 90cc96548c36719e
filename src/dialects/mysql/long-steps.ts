// What the long steps of a change mean for those who work on its tables, and for replicas. Read off the steps, so that none is left out.
import type { Finding } from "../../finding.ts";
import { type Facts, type Question, questionKey, type SizeFact } from "../../schema/facts.ts";
import { keyOf } from "../../schema/names.ts";
import { asStatements } from "../../step/step.ts";
import type { DraftContext, DraftStep } from "../dialect.ts";
import { isSmall } from "./native/limits.ts";
import { delaysReplicas, rebuildsTable } from "./native/long.ts";
import { serverFacts, serverQuestions } from "./native/server.ts";

const sizeIn = (facts: Facts, question: Question): SizeFact | null => (question.kind === "size" ? (facts.size[questionKey(question)] ?? null) : null);

/** The server is asked only where a table is large enough for it to matter. */
export const longQuestions = (asked: readonly Question[], facts: Facts): readonly Question[] =>
  asked.map((question) => sizeIn(facts, question)).some((size) => size !== null && !isSmall(size)) ? serverQuestions : [];

/** @param ours whether they are steps of an operation; of a user's own statements it is said elsewhere what they make anew. */
export function longFindings(steps: readonly DraftStep[], { schema: { version }, facts }: DraftContext, ours: boolean): readonly Finding[] {
  const server = serverFacts(facts, version);
  const found = new Map<string, Finding>();
  for (const { act, work, locks, title } of steps) {
    const [lock] = locks;
    if (!lock || asStatements(act)?.transactional !== false || (work !== "build" && work !== "rewrite")) continue;
    const { table } = lock;
    const size = sizeIn(facts, { kind: "size", table });
    if (size === null || isSmall(size)) continue;
    const rest = { what: `"${title}"`, table, size, server, version };
    const way = act.kind === "shadow-copy" ? "copy" : "rebuild";
    const rebuilds = ours && work === "rewrite" && act.kind === "statements" ? [rebuildsTable({ ...rest, way })] : [];
    // One of each for a table: the first says what there is to know.
    for (const finding of [...rebuilds, ...delaysReplicas({ ...rest, way })]) {
      const key = `${finding.rule} ${keyOf(table)}`;
      if (!found.has(key)) found.set(key, finding);
    }
  }
  return [...found.values()];
}
