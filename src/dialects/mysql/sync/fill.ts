// The set-based half: which rows a batch fills, and what it assigns.

import { components, feeders } from "../../sync/chain.ts";
import { isPair, type Ref } from "../../sync/link.ts";
import { quoteName } from "../quoting.ts";
import { fitted } from "../types.ts";
import { isAsked, mayBeAsked } from "./asking.ts";
import { inTable, isAbsent } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { Settled } from "./link.ts";
import { isFillable, markerValue, request, side } from "./marker.ts";
import { settle } from "./settle.ts";
import { pending } from "./write.ts";

/** What a link's rows still lack; null for a link that has nothing to fill. */
function lacks(link: Settled, ref: Ref): string | null {
  if (isPair(link)) return pending(link, ref);
  return link.on === "write" ? isAbsent(link.field, ref) : null;
}

/** The same, as far as a batch can give it: what reads a value that is still to come gets its own with that, from the trigger. */
function givable(link: Settled, links: readonly Settled[], input: SyncInput): string | null {
  const test = lacks(link, inTable);
  if (test === null || isPair(link) || input.fill === "backward") return test;
  return [test, ...feeders(link, links).map((pair) => `not (${pending(pair, inTable)})`)].join(" and ");
}

const either = (tests: readonly string[]): string => (tests.length === 0 ? "false" : tests.map((test) => `(${test})`).join(" or "));

/** Rows that a batch can fill, over all links: a condition on the table's own columns; `false` where nothing is to be filled. */
export const pendingCondition = (input: SyncInput): string =>
  either(
    settle(input).flatMap((link, _, links) => {
      const test = givable(link, links, input);
      if (test === null) return [];
      if (!isPair(link)) return [`${test} and ${link.fill(inTable)} is not null`];
      return [link.marker === null ? test : isFillable(link.marker, inTable)];
    }),
  );

/** The same with the rows that no batch could fill: none may be left at the switch. */
export const unfilledCondition = (input: SyncInput): string => either(settle(input).flatMap((link) => lacks(link, inTable) ?? []));

export interface Assignment {
  readonly column: string;
  /** On the table's own columns. */
  readonly value: string;
}

/** `fast`: the batch computes what it can. `careful`: it asks for whatever may fail, so that no row fails it. */
export type FillWay = "fast" | "careful";

/**
 * What `update … set` assigns where `pendingCondition` holds, in a session with `creationSettings`. What is asked for, the trigger computes
 * from the newest version of the row, and lets no value that cannot be translated fail the batch. Columns that the server sets at every
 * change keep what they have.
 */
export function fillAssignments(input: SyncInput, way: FillWay): readonly Assignment[] {
  const links = settle(input);
  const groups = components(links);
  const leaves = way === "fast" ? isAsked : mayBeAsked;
  const values = new Map<string, string>();
  for (const name of input.onUpdate) values.set(name, inTable(name));
  const several = links.filter((link) => lacks(link, inTable) !== null).length > 1;
  // Assignments are made from left to right, and the later ones see the earlier: as a chain wants it, and so that a marker comes last.
  for (const link of input.fill === "forward" ? links : links.toReversed()) {
    const test = givable(link, links, input);
    if (test === null) continue;
    const assign = (name: string, value: string): void => {
      values.set(name, several ? `if(${test}, ${value}, ${inTable(name)})` : value);
    };
    if (!isPair(link)) assign(link.field.name, fitted(link.field.type, link.fill(inTable)));
    else if (link.marker !== null && leaves(link, groups.find((group) => group.includes(link)) ?? [], input)) assign(link.marker, request);
    else {
      const [into, from] = input.fill === "forward" ? [link.new, link.up(inTable)] : [link.old, link.down(inTable)];
      // Both sides of a copy are equal where nothing is lacking.
      into.forEach((field, i) => {
        if (link.marker === null) values.set(field.name, from[i] ?? "null");
        else assign(field.name, from[i] ?? "null");
      });
      if (link.marker !== null) assign(link.marker, markerValue(side.old));
    }
  }
  return [...values].map(([column, value]) => ({ column, value }));
}

/** As the right side of `update … set`. */
export const setClause = (assignments: readonly Assignment[]): string => assignments.map(({ column, value }) => `${quoteName([column])} = ${value}`).join(", ");
