// CREATE FUNCTION for generated bodies.
import type { ObjectName } from "../../../schema/model.ts";
import type { Template } from "../../../step/step.ts";
import { quoteName } from "../quoting.ts";
import { type Code, indent } from "./code.ts";

export interface FunctionParts {
  readonly name: ObjectName;
  /** Types of the arguments; the body has them as $1, $2 … */
  readonly takes?: readonly string[];
  readonly returns: string;
  readonly variables: readonly string[];
  readonly code: Code;
  readonly settings: readonly (readonly [name: string, value: string])[];
}

export const at = (name: ObjectName): string => quoteName([name.schema, name.name]);

export function createFunction({ name, takes = [], returns, variables, code, settings }: FunctionParts): Template {
  const declare: Code = variables.length > 0 ? ["declare", variables] : [];
  // A user's expression may bring names of its own into a statement; they are the user's, never our variables.
  const body = indent(["#variable_conflict use_column", ...declare, "begin", code, "end;"]);
  const set = settings.map(([setting, value]) => ` set ${setting} = ${value}`).join("");
  return `create function ${at(name)}(${takes.join(", ")}) returns ${returns} language plpgsql${set} as ${dollarQuoted(body)}`;
}

function dollarQuoted(text: string): string {
  let tag = "$hotstick$";
  for (let i = 1; text.includes(tag); i += 1) tag = `$hotstick${i}$`;
  return `${tag}\n${text}\n${tag}`;
}
