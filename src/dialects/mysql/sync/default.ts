// What an INSERT that leaves a column out puts there, as far as a trigger can tell it from a given value.
import type { Column } from "../../../schema/model.ts";

/**
 * - `none`: NULL. - `constant`: this value, the same for all rows of a statement. - `unknown`: computed anew for each row, so that a value
 * found there may have been given or not.
 */
export type Default = { readonly kind: "none" } | { readonly kind: "constant"; readonly text: string } | { readonly kind: "unknown" };

const constant = /^\(?([+-]?\d+(\.\d*)?(e[+-]?\d+)?|\.\d+|(_\w+\s*)?'([^'\\]|''|\\.)*'|(_\w+\s*)?[bx]'[0-9a-f]*'|(_\w+\s*)?0[bx][0-9a-f]+|true|false)\)?$/i;
/** The time at which the statement began, for triggers as for defaults. */
const present = /^(current_timestamp|now|localtime|localtimestamp)(\(\d?\))?$/i;

export function readDefault(column: Pick<Column, "default" | "identity"> | null): Default {
  if (column === null) return { kind: "none" };
  if (column.identity) return { kind: "unknown" };
  const text = column.default?.trim();
  if (text === undefined || /^null$/i.test(text)) return { kind: "none" };
  return constant.test(text) || present.test(text) ? { kind: "constant", text } : { kind: "unknown" };
}
