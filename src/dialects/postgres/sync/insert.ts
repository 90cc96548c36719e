// The body of the INSERT trigger: the side that was given rules.

import { components, downstream, makers, siblings, sideways, upstream } from "../../sync/chain.ts";
import { isPair, isSupply } from "../../sync/link.ts";
import { branch, type Code } from "./code.ts";
import { anyGiven, inNew, valuesDiffer } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { OldField, Pair, Settled } from "./link.ts";
import { side } from "./marker.ts";
import type { Body } from "./update.ts";
import { countOldWrite, mark, pending, refillMoved, rules, writeBoth, writeDefaults, writeDown, writeEmpty, writeSupply, writeUp } from "./write.ts";

/** What a BEFORE INSERT trigger can tell about the old side: given, as far as its defaults allow to say; null: nothing. */
function oldGiven(pair: Pair, input: SyncInput): string | null {
  const tests = pair.old.flatMap((field) => {
    const test = given(field);
    // When retire is walked back the old defaults may not be there yet, and NULL is what new code left.
    return test === null ? [] : [input.fill === "backward" && field.default.kind === "constant" ? `(${test} and ${anyGiven([field], inNew)})` : test];
  });
  return tests.length === 0 ? null : tests.length === 1 ? (tests[0] ?? null) : `(${tests.join(" or ")})`;
}

function given(field: OldField): string | null {
  switch (field.default.kind) {
    case "none":
      return anyGiven([field], inNew);
    case "constant":
      return valuesDiffer(field.type, inNew(field.name), field.default.text);
    case "unknown":
      return null;
  }
}

/** True where an INSERT that gives neither side takes the new shape's defaults: the new shape is the truth, and it has some. */
const newDefaultsRule = (pair: Pair, input: SyncInput): boolean =>
  input.stage === "switched" && pair.new.some((field) => field.supplied !== null) && pair.old.every((field) => field.default.kind !== "unknown");

/** Rows that carry a marker were moved from another partition and are settled. */
const arriving = (pair: Pair, code: Code): Code => (pair.marker === null ? code : branch([pending(pair, inNew), code]));

export function insertBody(all: readonly Settled[], input: SyncInput): Body {
  const evidence = input.stage === "switched" ? countOldWrite(input.oldWrites) : [];
  const moved = input.fill === "backward" ? all.filter(isPair).toReversed().flatMap(refillMoved) : [];
  const bodies = components(all).map((links): Body => {
    const [only, ...more] = links;
    if (!only || more.length > 0) return chain(links, input, evidence, (pair) => `done_${all.indexOf(pair) + 1}`);
    return { variables: [], code: isPair(only) ? alone(only, input, evidence) : writeSupply(only) };
  });
  const variables = [...bodies.flatMap((body) => body.variables), ...(moved.length > 0 ? ["exact boolean;"] : [])];
  return { variables, code: [...moved, ...bodies.flatMap((body) => body.code)] };
}

/** What happens to a row of which neither side was given, or only the old one. */
function oldOrNeither(pair: Pair, input: SyncInput, evidence: Code, up: Code, down: Code): Code {
  const old = oldGiven(pair, input);
  const neither = newDefaultsRule(pair, input) ? [] : [rules("new")];
  const counted = old === null || evidence.length === 0 ? [] : branch([old, evidence]);
  return branch([[...(old === null ? [] : [`not ${old}`]), ...neither].join(" and "), [...writeDefaults(pair), ...down]], [null, [...counted, ...up]]);
}

function alone(pair: Pair, input: SyncInput, evidence: Code): Code {
  const [old, up, down] = [oldGiven(pair, input), writeUp(pair), writeDown(pair)];
  const both = old === null ? down : branch([old, writeBoth(pair, input.stage, up, down)], [null, down]);
  return arriving(pair, branch([anyGiven(pair.new, inNew), [...writeDefaults(pair), ...both]], [null, oldOrNeither(pair, input, evidence, up, down)]));
}

/** Several links: forward, where nothing further on was given; then back. A link is done when its sides are settled. */
function chain(links: readonly Settled[], input: SyncInput, evidence: Code, done: (pair: Pair) => string): Body {
  const pairs = links.filter(isPair);
  const finish = (pair: Pair): Code => [`${done(pair)} := true;`];
  // What came forward and is now written from further on was written by both.
  const down = (pair: Pair): Code => [...writeDown(pair), ...upstream(pair, links).flatMap((earlier) => branch([done(earlier), mark(earlier, side.both)]))];
  const up = (pair: Pair): Code => [
    ...writeUp(
      pair,
      downstream(pair, links).flatMap((later) => [...writeEmpty(later), ...finish(later)]),
    ),
    ...finish(pair),
  ];
  /** New columns from which the old side of this link can still get its value. */
  const ahead = (pair: Pair) => [pair, ...siblings(pair, links)].flatMap((one) => [one, ...downstream(one, links)]).flatMap((one) => one.new);
  const open = (pair: Pair): string => `not ${done(pair)}${pair.marker === null ? "" : ` and ${pending(pair, inNew)}`}`;

  const forward = links.flatMap((link): Code => {
    if (!isPair(link)) {
      const readers = pairs.filter((pair) => pair.oldWatched.some(({ name }) => name === link.field.name));
      return readers.length === 0 ? [] : writeSupply(link, ` and not ${anyGiven(readers.flatMap(ahead), inNew)}`);
    }
    const old = oldGiven(link, input);
    const both = [...writeDefaults(link), ...writeBoth(link, input.stage, up(link), [], finish(link))];
    const first: readonly [string, Code][] = old === null ? [] : [[old, branch([anyGiven(link.new, inNew), both], [null, [...evidence, ...up(link)]])]];
    return branch([
      open(link),
      branch(...first, [
        [`not ${anyGiven(ahead(link), inNew)}`, ...makers(link, links).map((maker) => `not (${open(maker)})`)].join(" and "),
        oldOrNeither(link, input, [], up(link), [...writeDown(link), ...finish(link)]),
      ]),
    ]);
  });
  const back = pairs.toReversed().flatMap((pair) => branch([`${open(pair)} and ${anyGiven(pair.new, inNew)}`, [...writeDefaults(pair), ...down(pair)]]));
  const beside = sideways(links).flatMap((pair) => branch([open(pair), up(pair)]));
  const supplies = links
    .filter(isSupply)
    .flatMap((link) => (pairs.some((pair) => pair.oldWatched.some(({ name }) => name === link.field.name)) ? [] : writeSupply(link)));
  return { variables: pairs.map((pair) => `${done(pair)} boolean := false;`), code: [...forward, ...back, ...beside, ...supplies] };
}
