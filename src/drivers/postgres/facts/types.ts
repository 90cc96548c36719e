// Facts about types: how the server prints them, and what may not fit into them.
import type { TypeFact } from "../../../schema/facts.ts";
import type { PostgresSyntax } from "../../../syntax/postgres/parser.ts";
import type { Session } from "../../driver.ts";
import { refuseType } from "./reading.ts";
import type { Resolved } from "./resolved.ts";
import { typeSpecimen } from "./specimen.ts";
import { tryAll } from "./trial.ts";

const factOf = ({ value }: Resolved): TypeFact => ({ ok: true, name: value.name, toastable: value.toastable, constrained: value.constrained });

/** How the server prints each type, or why it knows none of that name. */
export async function answerTypes(session: Session, syntax: PostgresSyntax, texts: readonly string[]): Promise<readonly TypeFact[]> {
  const refused = texts.map((text) => refuseType(syntax, text));
  const accepted = texts.filter((_, index) => refused[index] === null);
  const answers = [...(await tryAll(session, accepted, typeSpecimen, (_, resolved) => Promise.resolve(resolved.map(factOf))))];
  return refused.map((bad): TypeFact => {
    const answer = bad ?? answers.shift();
    if (answer === undefined) throw new Error("a type was asked for and not answered");
    return answer.ok ? answer : { ok: false, message: answer.message };
  });
}
