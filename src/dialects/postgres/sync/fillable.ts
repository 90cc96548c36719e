// Whether a row can be filled: asked by batches, which must not fail as a whole by one value that up cannot translate.
import type { ObjectName } from "../../../schema/model.ts";
import type { Template } from "../../../step/step.ts";
import { attempt } from "./code.ts";
import { qualifiedType, type Ref } from "./field.ts";
import { at, createFunction } from "./function.ts";
import { fixedSettings, type SyncInput } from "./input.ts";
import { isPair, type Pair, type Settled } from "./link.ts";
import { functionName } from "./triggers.ts";

const asks = (pair: Pair): boolean => pair.raises && pair.marker !== null;
const nameOf = (input: SyncInput, links: readonly Settled[], pair: Pair): ObjectName => functionName(input, `fillable${links.indexOf(pair) + 1}`);

/** One function for each link whose up can raise: true where it gives values that the new columns can store. */
export function fillableFunctions(input: SyncInput, links: readonly Settled[]): readonly { readonly name: ObjectName; readonly create: Template }[] {
  return links
    .filter(isPair)
    .filter(asks)
    .map((pair) => {
      const name = nameOf(input, links, pair);
      const parameter: Ref = (column) => `$${pair.oldWatched.findIndex((field) => field.name === column) + 1}`;
      const create = createFunction({
        name,
        takes: pair.oldWatched.map(({ type }) => qualifiedType(type)),
        returns: "pg_catalog.bool",
        // Assigning to variables of the columns' types raises as storing would; a cast would cut a long string silently.
        variables: pair.new.map(({ type }, i) => `value_${i + 1} ${qualifiedType(type)};`),
        code: attempt([...pair.up(parameter).map((expression, i) => `value_${i + 1} := ${expression};`), "return true;"], ["return false;"]),
        settings: pair.unsettled ? fixedSettings : [],
      });
      return { name, create };
    });
}

/** The question for one row whose columns stand where `ref` says; null where the answer is always yes. */
export const isFillable = (input: SyncInput, links: readonly Settled[], pair: Pair, ref: Ref): string | null =>
  asks(pair) ? `${at(nameOf(input, links, pair))}(${pair.oldWatched.map(({ name }) => ref(name)).join(", ")})` : null;
