// What happens when a value is stored in a column of another type.
import type { Resolved, ResolvedCast } from "./resolved.ts";
import { isTotalFunction } from "./total.ts";
import { isPlain } from "./volatility.ts";

const allowed = (cast: ResolvedCast | null): boolean => cast !== null && cast.context !== "e";
/** A cast that only relabels, or that a function makes which never fails. */
const harmless = (cast: ResolvedCast): boolean => !cast.viaText && (cast.function === null || isTotalFunction(cast.function));

/** Whether the value may be stored in the target without a cast; the server's rules for assignment, parser/parse_coerce.c. */
export function isAssignable({ value, target, cast, element_cast: elementCast }: Resolved): boolean {
  if (target === null || value.base === target.base || allowed(cast)) return true;
  // Anything can be assigned to a string type, by writing it out.
  if (target.isText && cast === null) return true;
  return value.element !== 0 && target.element !== 0 && (value.element === target.element || allowed(elementCast));
}

/** Whether storing it can neither fail nor be refused by a length or a domain. */
export function storesWithoutFail(resolved: Resolved): boolean {
  const { value, target, cast } = resolved;
  if (target === null) return true;
  const sameType = value.name === target.name;
  if (target.constrained && !sameType) return false;
  if (sameType || value.base === target.base) return true;
  if (cast !== null) return cast.context !== "e" && harmless(cast);
  return target.isText && isPlain(value.base);
}
