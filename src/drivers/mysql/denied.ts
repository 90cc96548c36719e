// Questions that not every account may ask.
import type { Sql } from "../../sql/sql.ts";
import type { Row, Session } from "../driver.ts";
import { classify } from "./errors.ts";
import { inlined } from "./values.ts";

/** No rows where the right is missing. */
export async function orDenied<R extends Row>(asked: Promise<readonly R[]>): Promise<readonly R[]> {
  try {
    return await asked;
  } catch (error) {
    if (classify(error) === "denied") return [];
    throw error;
  }
}

/** The rows of each, in one message; each by itself, and none for that one, where the right for any is missing. */
export async function answers(session: Session, questions: readonly Sql[]): Promise<readonly (readonly Row[])[]> {
  try {
    return await session.script(questions.map(inlined));
  } catch (error) {
    if (classify(error) !== "denied") throw error;
    const found: (readonly Row[])[] = [];
    for (const question of questions) found.push(await orDenied(session.query(question)));
    return found;
  }
}
