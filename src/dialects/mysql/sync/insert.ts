// The body of the INSERT trigger: the side that was given rules.
//
// A trigger sees values, not who gave them. A column was given where it holds neither NULL nor its default; a new column has none but its
// sentinel, an old one may have been given one for the time of the run (a stand-in), since INSERT … SELECT and DEFAULT ask for a default
// although a trigger would give a value.
//
// | old side | new side | stage expanded | stage switched |
// |---|---|---|---|
// | given | not given | new := up(old), 1 | the same, and counted |
// | not given | given | what is missing of new: its default; old := down(new), 2 | the same |
// | its default | given | as not given: down(new), 2 | the same |
// | given | given | both stay, 3; a copy: the old one rules | both stay, 3; a copy: the new one rules |
// | computed for each row | given | nobody can tell: down(new), 2 | the same |
// | not given | not given | new := up(default), 1 | the new shape's defaults, where it has any, and down of them, 2; else as expanded |
// | its stand-in | not given | NULL, so that the server refuses the row as it did before the run | the same, unless the new shape has defaults |

import { components, downstream, makers, siblings, sideways, upstream } from "../../sync/chain.ts";
import { isPair, isSupply } from "../../sync/link.ts";
import { isMariadb } from "../capabilities.ts";
import { isNotLiteral, nullIsPresent, present } from "../types.ts";
import { branch, type Code } from "./code.ts";
import { anyGiven, anyOf, inNew } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { OldField, Pair, Settled } from "./link.ts";
import { side } from "./marker.ts";
import {
  evidenceOf,
  mark,
  nameOldWrites,
  pending,
  refuseStandIns,
  set,
  writeBoth,
  writeDefaults,
  writeDown,
  writeEmpty,
  writeSupply,
  writeUp,
} from "./write.ts";

/** What a BEFORE INSERT trigger can tell about the old side: given, as far as its defaults allow to say; null: nothing. */
function oldGiven(pair: Pair): string | null {
  const tests = pair.old.flatMap((field) => given(field) ?? []);
  return tests.length === 0 ? null : anyOf(tests);
}

/** Where retire is walked back the old defaults may not be there yet, and NULL is what new code left: so NULL is never given. */
function given(field: OldField): string | null {
  switch (field.default.kind) {
    case "none":
      return `${inNew(field.name)} is not null`;
    case "constant":
      return `(${inNew(field.name)} is not null and ${isNotLiteral(field.type, inNew(field.name), field.default.text)})`;
    case "unknown":
      return null;
  }
}

/** NULL that old code gives, and that the server would make a value only after the triggers. A column that is left out holds its default. */
const takePresent = (pair: Pair, { version }: SyncInput): Code =>
  pair.old.flatMap((field) =>
    isMariadb(version) && field.notNull && field.default.kind === "constant" && nullIsPresent(field.type)
      ? branch([`${inNew(field.name)} is null`, [set(inNew(field.name), present(field.type))]])
      : [],
  );

/** True where an INSERT that gives neither side takes the new shape's defaults: the new shape is the truth, and it has some. */
const newDefaultsRule = (pair: Pair, input: SyncInput): boolean =>
  input.stage === "switched" && pair.new.some((field) => field.supplied !== null) && pair.old.every((field) => field.default.kind !== "unknown");

/** Rows that carry a marker were dumped or archived here and are settled. */
const arriving = (pair: Pair, code: Code): Code => (pair.marker === null ? code : branch([pending(pair, inNew), code]));

export function insertBody(all: readonly Settled[], input: SyncInput): Code {
  const evidence = evidenceOf(input);
  const [first, ...others] = all;
  if (first && isPair(first) && others.length === 0) return alone(first, input, evidence, nameOldWrites(input));
  const code = components(all).flatMap((links): Code => {
    const [only, ...more] = links;
    if (!only || more.length > 0) return chain(links, input, evidence, (pair) => `done_${all.indexOf(pair) + 1}`);
    return isPair(only) ? alone(only, input, evidence, []) : writeSupply(only);
  });
  return [...nameOldWrites(input), ...code];
}

/** What happens to a row of which neither side was given, or only the old one. */
function oldOrNeither(pair: Pair, input: SyncInput, evidence: Code, up: Code, down: Code): Code {
  const old = oldGiven(pair);
  const neither = newDefaultsRule(pair, input) ? [...writeDefaults(pair), ...down] : null;
  const counted = old === null || evidence.length === 0 ? [] : branch([old, evidence]);
  const plain = [...counted, ...refuseStandIns(pair), ...up];
  return neither === null ? plain : branch([old === null ? "true" : `not ${old}`, neither], [null, plain]);
}

/** @param rare what stands where old code's inserts do not pass. */
function alone(pair: Pair, input: SyncInput, evidence: Code, rare: Code): Code {
  const [old, up, down] = [oldGiven(pair), writeUp(pair), writeDown(pair)];
  const both = old === null ? down : branch([old, [...refuseStandIns(pair), ...writeBoth(pair, input.stage, up, down)]], [null, down]);
  const given = branch([anyGiven(pair.new, inNew), [...rare, ...writeDefaults(pair), ...both]], [null, oldOrNeither(pair, input, evidence, up, down)]);
  return arriving(pair, [...takePresent(pair, input), ...given]);
}

/** Several links: forward, where nothing further on was given; then back. A link is done when its sides are settled. */
function chain(links: readonly Settled[], input: SyncInput, evidence: Code, done: (pair: Pair) => string): Code {
  const pairs = links.filter(isPair);
  const finish = (pair: Pair): Code => [set(done(pair), "true")];
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
    const old = oldGiven(link);
    const both = [...writeDefaults(link), ...refuseStandIns(link), ...writeBoth(link, input.stage, up(link), [], finish(link))];
    const first: readonly [string, Code][] =
      old === null ? [] : [[old, branch([anyGiven(link.new, inNew), both], [null, [...evidence, ...refuseStandIns(link), ...up(link)]])]];
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
  const whole = pairs.flatMap((pair) => takePresent(pair, input));
  return ["begin", [...pairs.map((pair) => `declare ${done(pair)} boolean default false;`), ...whole, ...forward, ...back, ...beside, ...supplies], "end;"];
}
