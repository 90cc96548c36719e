// What an INSERT that leaves a column out puts there, as far as a trigger can tell it from a given value.
import type { Column } from "../../../schema/model.ts";
import { qualifiedType } from "./type.ts";

/**
 * - `none`: NULL. - `constant`: this value. - `unknown`: computed anew for each row (a sequence, a clock, an identity), so that a value
 * found there may have been given or not.
 */
export type Default = { readonly kind: "none" } | { readonly kind: "constant"; readonly text: string } | { readonly kind: "unknown" };

/** A literal, with or without casts after it; the server prints constants so. */
const constant = /^\(?(E?'(?:[^'\\]|''|\\\\)*'|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false)\)?((?:::[a-z_ 0-9."(),[\]]+)?)$/i;

/** The literal of a default's text as a value of the column's type, whatever casts were printed; null where it is no literal. */
export function literalOf(text: string, type: string): string | null {
  const match = constant.exec(text.trim());
  return match?.[1] === undefined ? null : `(${match[1]})::${qualifiedType(type)}`;
}

export function readDefault(column: Column | null): Default {
  if (column === null) return { kind: "none" };
  if (column.identity) return { kind: "unknown" };
  if (column.default === null || /^null(::|$)/i.test(column.default.trim())) return { kind: "none" };
  const text = literalOf(column.default, column.type);
  return text === null ? { kind: "unknown" } : { kind: "constant", text };
}
