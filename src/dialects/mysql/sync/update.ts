// The body of the UPDATE trigger. There is no WHEN here: every row that an application writes pays for the first questions.

import { components, downstream, feeders, sideways, sources, upstream } from "../../sync/chain.ts";
import { isPair, isSupply, watched } from "../../sync/link.ts";
import { equals } from "../types.ts";
import { mayBeAsked } from "./asking.ts";
import { branch, type Code } from "./code.ts";
import { anyOf, changed, type Field, inNew, inOld, isAbsent } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { Pair, Settled, Supply } from "./link.ts";
import { isRequest, markerValue, refused, request, side } from "./marker.ts";
import { fillWas, refillWas, wasOf } from "./was.ts";
import {
  completeNew,
  evidenceOf,
  mark,
  meanNewDefaults,
  meanOldDefaults,
  nameOldWrites,
  pending,
  set,
  writeBoth,
  writeDefaults,
  writeDown,
  writeEmpty,
  writeSupply,
  writeUp,
} from "./write.ts";

const marked = (links: readonly Settled[]): readonly string[] => links.filter(isPair).flatMap(({ marker }) => marker ?? []);
const same = (marker: string): string => `${inNew(marker)} <=> ${inOld(marker)}`;

const unchanged = (fields: readonly Field[]): readonly string[] => fields.map(({ name, type }) => equals(type, inOld(name), inNew(name)));

/**
 * Each statement of a trigger costs as much as a comparison, and each comparison a fifth of a narrow row's whole UPDATE: the common writes
 * must meet few of both. On a table with one link that is done by the order of its questions; with more, by one question before all.
 * Rows whose marker somebody else changes are settled: only who knows the rule writes one, and has written both sides.
 */
export function updateBody(all: readonly Settled[], input: SyncInput): Code {
  const links = all.filter((link) => isPair(link) || link.on === "write");
  const [only] = links;
  if (links.length === 1 && only && isPair(only) && only.marker !== null && input.fill === "forward")
    return single(only, only.marker, input, nameOldWrites(input));
  const asking = components(links).flatMap((group) => group.filter(isPair).flatMap((pair) => (mayBeAsked(pair, group, input) ? (pair.marker ?? []) : [])));
  const untouched = [...asking.map(notRequested), ...unchanged(unique(links.flatMap(watched)))];
  return branch([`not (${untouched.join(" and ")})`, [...nameOldWrites(input), ...components(links).flatMap((group) => touchedBody(group, links, input))]]);
}

/** A marker by itself is false where it is the request, and neither true nor false where it is NULL, which is then no reason to go on. */
const notRequested = (marker: string): string => inNew(marker);

function touchedBody(group: readonly Settled[], links: readonly Settled[], input: SyncInput): Code {
  const [first, ...more] = group;
  if (!first || more.length > 0 || (isPair(first) && input.fill === "backward")) {
    const foreign = marked(group).map((marker) => `(${same(marker)} or ${isRequest(marker, inNew)})`);
    const code = chain(group, input, links);
    return foreign.length === 0 ? code : branch([foreign.join(" and "), code]);
  }
  if (isSupply(first)) return supplied(first);
  return first.marker === null ? branch(...branches(first, input)) : single(first, first.marker, input, []);
}

/**
 * A link that shares nothing. A batch that fills changes the marker and the new side; a trigger of the table's own may have changed the old
 * side before this one sees it, and then what the batch computed is stale. Where there is none, a batch is spared that question, a tenth of
 * a row's price; one that comes later and fires earlier is met by `placeQuery`, and what it changed by verify.
 * @param rare what stands where common statements do not pass.
 */
function single(pair: Pair, marker: string, input: SyncInput, rare: Code): Code {
  const { both, old } = writes(pair, input, rare);
  const canBeAsked = mayBeAsked(pair, [pair], input);
  const [up, oldChanged] = [writeUp(pair), changed(pair.oldWatched, inOld)];
  const evidence = evidenceOf(input);
  // A batch asks for rows that nobody has filled, and is no old writer.
  const oldSide: Code = canBeAsked && evidence.length > 0 ? branch([isRequest(marker, inNew), up], [null, old]) : old;
  const overtaken: Branch = [`${inNew(marker)} <=> ${markerValue(side.old)} and ${oldChanged}`, up];
  const newSide = branch([same(marker), both], ...(input.otherTriggers.length === 0 ? [] : [overtaken]));
  const reasons = [...(canBeAsked ? [notRequested(marker)] : []), ...unchanged(pair.oldWatched)];
  return branch([unchanged(pair.newWatched).join(" and "), branch([`not (${reasons.join(" and ")})`, oldSide])], [null, [...rare, ...newSide]]);
}

/** On a write of NULL over a value; a row that was NULL before is for a batch, so that a write that changes nothing changes nothing. */
function supplied(supply: Supply, also = ""): Code {
  return writeSupply(supply, ` and (not ${isAbsent(supply.field, inOld)}${also})`);
}

type Branch = readonly [condition: string, code: Code];

/** One link among others. */
function branches(pair: Pair, input: SyncInput): readonly Branch[] {
  const { both, old } = writes(pair, input);
  return [
    [changed(pair.newWatched, inOld), both],
    [changed(pair.oldWatched, inOld), old],
  ];
}

/** What happens where the new side was changed, perhaps the old one too; and where it was not. */
function writes(pair: Pair, input: SyncInput, rare: Code = []): { readonly both: Code; readonly old: Code } {
  const evidence = evidenceOf(input);
  const oldChanged = changed(pair.oldWatched, inOld);
  const up = writeUp(pair);
  const unfilled = pending(pair, inOld);
  const complete = pair.new.length > 1 ? branch([unfilled, completeNew(pair)]) : [];
  const asking = pair.new.some((field) => field.sentinel !== null)
    ? branch([unfilled, writeDefaults({ ...pair, new: pair.new.map((field) => ({ ...field, supplied: null })) })])
    : [];
  const both = writeBoth(pair, input.stage, up, writeDown(pair));
  return {
    both: [...meanNewDefaults(pair), ...complete, ...asking, ...branch([oldChanged, [...rare, ...meanOldDefaults(pair), ...both]], [null, writeDown(pair)])],
    old: [...evidence, ...meanOldDefaults(pair), ...up],
  };
}

/** Several links: the row is made whole first, then one pass forward and one back. A link is done when a pass has settled its sides. */
function chain(links: readonly Settled[], input: SyncInput, all: readonly Settled[]): Code {
  const pairs = links.filter(isPair);
  const evidence = evidenceOf(input);
  const number = (pair: Pair): number => all.indexOf(pair) + 1;
  const done = (pair: Pair): string => `done_${number(pair)}`;
  const finish = (pair: Pair): Code => [set(done(pair), "true")];
  const { ref: was, declarations } = wasOf(pairs, input);
  const oldChanged = (pair: Pair): string => changed(pair.oldWatched, was);
  const newChanged = (pair: Pair): string => changed(pair.newWatched, was);
  // What came forward and is now written from further on was written by both.
  const down = (pair: Pair): Code => [...writeDown(pair), ...upstream(pair, links).flatMap((earlier) => branch([done(earlier), mark(earlier, side.both)]))];
  const up = (pair: Pair): Code => [
    ...writeUp(
      pair,
      downstream(pair, links).flatMap((later) => [...writeEmpty(later), ...finish(later)]),
    ),
    ...finish(pair),
  ];

  const whole =
    input.fill === "forward" ? pairs.flatMap((pair) => fillWas(pair, was, sources(pair, links))) : pairs.toReversed().flatMap((pair) => refillWas(pair, was));
  // Whoever gives a row what a supply reads, a batch that asks for it or a writer, gives it the supply too.
  const fed = (supply: Supply): string => {
    const makers = input.fill === "forward" ? feeders(supply, links) : [];
    if (makers.length === 0) return "";
    return ` or ${anyOf(makers.map((pair) => pending(pair, inOld)))} and not ${anyOf(makers.map((pair) => pending(pair, inNew)))}`;
  };
  const forward = links.flatMap((link): Code => {
    if (isPair(link)) {
      const both = writeBoth(link, input.stage, up(link), [], finish(link));
      return branch([`not ${done(link)} and ${oldChanged(link)}`, branch([newChanged(link), both], [null, [...evidence, ...up(link)]])]);
    }
    // Where new code wrote what this column is translated into, the way back gives it its value.
    const readers = readersOf(link, pairs);
    return readers.length === 0 ? [] : writeSupply(link, ` and (not ${isAbsent(link.field, inOld)}${fed(link)}) and not ${anyOf(readers.map(newChanged))}`);
  });
  const back = pairs.toReversed().flatMap((pair) => branch([`not ${done(pair)} and ${newChanged(pair)}`, down(pair)]));
  const beside = sideways(links).flatMap((pair) => branch([`not ${done(pair)} and not ${newChanged(pair)} and ${oldChanged(pair)}`, up(pair)]));
  const supplies = links.filter(isSupply).flatMap((link) => (readersOf(link, pairs).length > 0 ? [] : supplied(link, fed(link))));

  const requests = pairs.flatMap((pair) => (pair.marker === null ? [] : [{ marker: pair.marker, variable: `asked_${number(pair)}` }]));
  const stake = [...requests.map(({ marker }) => `coalesce(${isRequest(marker, inNew)}, false)`), changed(unique(links.flatMap(watched)), inOld)];
  return branch([
    anyOf(stake),
    [
      "begin",
      [
        ...declarations,
        ...pairs.map((pair) => `declare ${done(pair)} boolean default false;`),
        ...(input.fill === "backward" ? ["declare exact boolean default false;"] : []),
        ...requests.map(({ marker, variable }) => `declare ${variable} boolean default coalesce(${isRequest(marker, inNew)}, false);`),
        // A request that an earlier batch left, while no trigger was there, is none of the row's own.
        ...requests.flatMap(({ marker, variable }) => branch([variable, [set(inNew(marker), `nullif(${inOld(marker)}, ${request})`)]])),
        ...whole,
        ...pairs.flatMap((pair) => [...meanNewDefaults(pair), ...meanOldDefaults(pair)]),
        ...forward,
        ...back,
        ...beside,
        ...supplies,
        ...requests.flatMap(({ marker, variable }) => branch([`${variable} and ${inNew(marker)} is null`, [set(inNew(marker), refused)]])),
      ],
      "end;",
    ],
  ]);
}

const readersOf = (supply: Supply, pairs: readonly Pair[]): readonly Pair[] =>
  pairs.filter((pair) => pair.oldWatched.some(({ name }) => name === supply.field.name));
const unique = (fields: readonly Field[]): readonly Field[] => [...new Map(fields.map((field) => [field.name, field])).values()];
