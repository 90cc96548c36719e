// The set-based half: which rows a batch fills, and with what.

import { sources } from "../../sync/chain.ts";
import { isPair, type Ref, written } from "../../sync/link.ts";
import { quoteName } from "../quoting.ts";
import { inTable, isNull } from "./field.ts";
import { isFillable } from "./fillable.ts";
import type { SyncInput } from "./input.ts";
import type { Pair, Settled } from "./link.ts";
import { carriedMarker, markerValue, side } from "./marker.ts";
import { settle } from "./settle.ts";
import { bareType, qualifiedType } from "./type.ts";
import { isExact, pending } from "./write.ts";

/** What a link's rows still lack; null for a link that has nothing to fill. */
function lacks(link: Settled, ref: Ref): string | null {
  if (isPair(link)) return pending(link, ref);
  return link.on === "write" ? isNull(link.field, ref) : null;
}

const all = (conditions: readonly (string | null)[]): string => conditions.filter((condition) => condition !== null).join(" and ");

/** Rows that a batch can fill, over all links: a condition on the table's own columns; `false` where nothing is to be filled. */
export function pendingCondition(input: SyncInput): string {
  const links = settle(input);
  const able = (link: Settled): string | null => (input.fill === "forward" || !isPair(link) ? isFillable(input, links, link, inTable) : null);
  const tests = links.flatMap((link) => {
    const test = lacks(link, inTable);
    const from = input.fill === "forward" ? sources(link, links).map((source) => `(not ${pending(source, inTable)} or ${able(source)})`) : [];
    return test === null ? [] : [`(${all([test, able(link), ...from])})`];
  });
  return tests.length === 0 ? "false" : tests.join(" or ");
}

/**
 * The same without asking whether up can translate the row: immutable, so that an index can have it as its predicate, and the switch can
 * look for rows that nobody could fill.
 */
export function unfilledCondition(input: SyncInput): string {
  const tests = settle(input).flatMap((link) => lacks(link, inTable) ?? []);
  return tests.length === 0 ? "false" : tests.map((test) => `(${test})`).join(" or ");
}

export interface Assignment {
  readonly column: string;
  /** On the table's own columns. */
  readonly value: string;
}

/**
 * What `update … set` assigns where `pendingCondition` holds: a link's columns change only where that link is not filled. In a chain
 * a link reads what the links before it are about to be given. Send it in a session with `fixedSettings` and `batchSetting` on.
 */
export function fillAssignments(input: SyncInput): readonly Assignment[] {
  const links = settle(input);
  const values = new Map<string, string>();
  const types = new Map(links.flatMap(written).map(({ name, type }) => [name, type]));
  const typeOf = (name: string): string => types.get(name) ?? "smallint";
  // What is read is what will have been stored: rounded and padded as the column's type wants it.
  const ref: Ref = (name) => (values.has(name) ? `(${values.get(name)})::${qualifiedType(typeOf(name))}` : inTable(name));
  const forward = input.fill === "forward";
  // The branches of a CASE must agree on a type, where an assignment alone would convert.
  const several = links.filter((link) => lacks(link, inTable) !== null).length > 1;
  for (const link of forward ? links : links.toReversed()) {
    const test = lacks(link, ref);
    if (test === null) continue;
    const next = !isPair(link) ? [[link.field.name, link.fill(ref)] as const] : forward ? forwardValues(link, ref) : backwardValues(link, ref);
    const able = forward || !isPair(link) ? isFillable(input, links, link, ref) : null;
    const from = forward ? sources(link, links).map((source) => `not ${pending(source, ref)}`) : [];
    const when = all([test, ...from, able]);
    for (const [column, value] of next)
      values.set(column, several ? `case when ${when} then (${value})::${bareType(typeOf(column))} else ${inTable(column)} end` : value);
  }
  return [...values].map(([column, value]) => ({ column, value }));
}

type Values = readonly (readonly [column: string, value: string])[];

function forwardValues(pair: Pair, ref: Ref): Values {
  const up = pair.up(ref);
  const marker: Values = pair.marker === null ? [] : [[pair.marker, markerValue(side.old)]];
  return [...pair.new.map(({ name }, i) => [name, up[i] ?? "null"] as const), ...marker];
}

/** Down only where new code may have touched the row since the old side was fenced; else the old side still holds its exact value. */
function backwardValues(pair: Pair, ref: Ref): Values {
  const down = pair.down(ref).map((value, i) => `(${value})::${bareType(pair.old[i]?.type ?? "")}`);
  if (pair.marker === null) return pair.old.map(({ name }, i) => [name, down[i] ?? "null"]);
  const untouched = `${quoteName(["hotstick", "precedes"])}(xmin, '{{settled}}'::pg_catalog.xid8) and ${ref(pair.marker)} is not null`;
  const exact = isExact(pair, ref);
  return [
    ...pair.old.map(
      ({ name }, i) => [name, `case when ${untouched} then ${inTable(name)} when ${exact} then ${inTable(name)} else ${down[i] ?? "null"} end`] as const,
    ),
    [
      pair.marker,
      `case when ${untouched} then ${carriedMarker(pair.marker, inTable)} when ${exact} then ${markerValue(side.old)} else ${markerValue(side.new)} end`,
    ],
  ];
}

/** As the right side of `update … set`. */
export const setClause = (assignments: readonly Assignment[]): string => assignments.map(({ column, value }) => `${quoteName([column])} = ${value}`).join(", ");
