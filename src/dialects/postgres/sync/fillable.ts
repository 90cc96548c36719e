// Whether a row can be filled: asked by batches, which must not fail as a whole by one value that cannot be translated.

import type { ObjectName } from "../../../schema/model.ts";
import type { Template } from "../../../step/step.ts";
import { isPair, type Ref } from "../../sync/link.ts";
import { attempt, type Code } from "./code.ts";
import { anyGiven, type Field } from "./field.ts";
import { at, createFunction } from "./function.ts";
import { fixedSettings, type SyncInput } from "./input.ts";
import type { Settled } from "./link.ts";
import { functionName } from "./triggers.ts";
import { qualifiedType } from "./type.ts";

/** What is computed for which columns, and what it reads. */
interface Filling {
  readonly into: readonly Field[];
  readonly values: (ref: Ref) => readonly string[];
  readonly reads: readonly Field[];
}

const fillingOf = (link: Settled): Filling =>
  isPair(link) ? { into: link.new, values: link.up, reads: link.oldWatched } : { into: [link.field], values: (ref) => [link.fill(ref)], reads: link.reads };

const asks = (link: Settled): boolean => link.raises && (!isPair(link) || link.marker !== null);
const nameOf = (input: SyncInput, links: readonly Settled[], link: Settled): ObjectName => functionName(input, `fillable${links.indexOf(link) + 1}`);

/** One function for each link whose value can raise: true where it gives one that the columns can store. */
export function fillableFunctions(input: SyncInput, links: readonly Settled[]): readonly { readonly name: ObjectName; readonly create: Template }[] {
  return links.filter(asks).map((link) => {
    const name = nameOf(input, links, link);
    const { into, values, reads } = fillingOf(link);
    const parameter: Ref = (column) => `$${reads.findIndex((field) => field.name === column) + 1}`;
    const variable = (i: number): string => `value_${i + 1}`;
    // A value that is NULL would leave the row as it is, and batches without an end.
    const answer: Code = [isPair(link) ? "return true;" : `return pg_catalog.num_nonnulls(${variable(0)}) operator(pg_catalog.>) 0;`];
    const create = createFunction({
      name,
      takes: reads.map(({ type }) => qualifiedType(type)),
      returns: "pg_catalog.bool",
      // Assigning to variables of the columns' types raises as storing would; a cast would cut a long string silently.
      variables: into.map(({ type }, i) => `${variable(i)} ${qualifiedType(type)};`),
      code: attempt([...values(parameter).map((value, i) => `${variable(i)} := ${value};`), ...answer], ["return false;"]),
      settings: link.unsettled ? fixedSettings : [],
    });
    return { name, create };
  });
}

/** The question for one row whose columns stand where `ref` says; null where the answer is always yes. */
export function isFillable(input: SyncInput, links: readonly Settled[], link: Settled, ref: Ref): string | null {
  if (asks(link))
    return `${at(nameOf(input, links, link))}(${fillingOf(link)
      .reads.map(({ name }) => ref(name))
      .join(", ")})`;
  return isPair(link) ? null : anyGiven([{ ...link.field, name: "" }], () => link.fill(ref));
}
