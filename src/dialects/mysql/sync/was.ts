// OLD cannot be assigned here: where an unfilled row must first be made whole, local variables hold what a filled row would have held.
import { type Ref, written } from "../../sync/link.ts";
import { capabilities } from "../capabilities.ts";
import { isNot, variableType } from "../types.ts";
import { attempt, branch, type Code } from "./code.ts";
import { changed, type Field, inNew, inOld } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { Pair } from "./link.ts";
import { side, sideOf } from "./marker.ts";
import { mark, pending, proof, set } from "./write.ts";

export interface Was {
  /** The variable of a column of these links; OLD for any other. */
  readonly ref: Ref;
  readonly declarations: Code;
}

export function wasOf(pairs: readonly Pair[], input: SyncInput): Was {
  const fields = [...new Map(pairs.flatMap(written).map((field) => [field.name, field])).values()];
  const variables = new Map(fields.map(({ name }, i) => [name, `was_${i + 1}`]));
  const { binaryJson } = capabilities(input.version);
  return {
    ref: (name) => variables.get(name) ?? inOld(name),
    declarations: fields.map(
      ({ name, type, collation }) => `declare ${variables.get(name)} ${variableType(type, collation, binaryJson)} default ${inOld(name)};`,
    ),
  };
}

const keep = (field: Field, was: Ref): Code => branch([`not ${changed([field], inOld)}`, [set(inNew(field.name), was(field.name))]]);

/**
 * Makes a row whole, so that the statement's own changes show against it; what it left alone of NEW too.
 * @param sources links that this one reads from, and whose rows can be beyond filling.
 */
export function fillWas(pair: Pair, was: Ref, sources: readonly Pair[] = []): Code {
  const values = pair.up(was);
  const code = [
    ...pair.new.map(({ name }, i) => set(was(name), values[i] ?? "null")),
    ...(pair.raises ? proof(pair.new, was) : []),
    ...pair.new.flatMap((field) => keep(field, was)),
    ...mark(pair, side.old),
  ];
  const condition = [`(${pending(pair, was)})`, ...sources.map((source) => `not (${pending(source, inNew)})`)].join(" and ");
  return branch([condition, pair.raises ? attempt(code, pair.marker === null ? [] : [set(inNew(pair.marker), "null")]) : code]);
}

/** The value of an old column is exact where the old side wrote last and the new one still agrees; down(new) could lose some of it. */
function isExact(pair: Pair, ref: Ref): string {
  if (pair.marker === null) return "false";
  const up = pair.up(ref);
  const tests = pair.new.map(({ name, type }, i) => isNot(type, ref(name), up[i] ?? "null"));
  return `coalesce(${sideOf(pair.marker, ref)} = ${side.old}, false) and not (${tests.join(" or ")})`;
}

/** As `fillWas`, where the new side is the truth and the old one may be stale. Needs the variable `exact`. */
export function refillWas(pair: Pair, was: Ref): Code {
  const values = pair.down(was);
  const decide: Code = [set("exact", isExact(pair, was))];
  const stale = [
    ...pair.old.map(({ name }, i) => set(was(name), values[i] ?? "null")),
    ...pair.old.flatMap((field) => keep(field, was)),
    ...mark(pair, side.new),
  ];
  return branch([
    pending(pair, was),
    [...(pair.raises ? attempt(decide, [set("exact", "false")]) : decide), ...branch(["exact", mark(pair, side.old)], [null, stale])],
  ]);
}
