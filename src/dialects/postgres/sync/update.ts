// The body of the UPDATE trigger. Its WHEN has already found that a watched column, the key or a NULL to be supplied is at stake.

import { components, downstream, sideways, sources, upstream } from "../../sync/chain.ts";
import { isPair, isSupply } from "../../sync/link.ts";
import { branch, type Code } from "./code.ts";
import { differ, inNew, inOld } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { Pair, Settled } from "./link.ts";
import { side } from "./marker.ts";
import { completeNew, countOldWrite, fillOld, mark, pending, refillOld, writeBoth, writeDown, writeEmpty, writeSupply, writeUp } from "./write.ts";

export interface Body {
  readonly variables: readonly string[];
  readonly code: Code;
}

const oldChanged = (pair: Pair): string => differ(pair.oldWatched, inOld, inNew);
const newChanged = (pair: Pair): string => differ(pair.newWatched, inOld, inNew);

export function updateBody(all: readonly Settled[], input: SyncInput): Body {
  const evidence = input.stage === "switched" ? countOldWrite(input.oldWrites) : [];
  const bodies = components(all.filter((link) => isPair(link) || link.on === "write")).map((links): Body => {
    const [only, ...more] = links;
    if (!only || more.length > 0 || (isPair(only) && input.fill === "backward"))
      return chain(links, input, evidence, (pair) => `done_${all.indexOf(pair) + 1}`);
    return { variables: [], code: isPair(only) ? alone(only, all.length === 1, input, evidence) : writeSupply(only) };
  });
  return { variables: [...new Set(bodies.flatMap((body) => body.variables))], code: bodies.flatMap((body) => body.code) };
}

/**
 * The common table: one link, forward. Every expression here is paid by each row that an application writes, so the only link of a
 * table does not ask what WHEN has answered: what is no change of the new side is one of the old side, or a row not yet filled.
 */
function alone(pair: Pair, only: boolean, input: SyncInput, evidence: Code): Code {
  const unfilled = pending(pair, inOld);
  const up = writeUp(pair);
  const counted = evidence.length > 0 ? branch([oldChanged(pair), evidence]) : [];
  const complete = pair.new.length > 1 ? branch([unfilled, completeNew(pair)]) : [];
  const both = writeBoth(pair, input.stage, up, writeDown(pair));
  return branch(
    [newChanged(pair), [...complete, ...branch([oldChanged(pair), both], [null, writeDown(pair)])]],
    [only ? null : `${oldChanged(pair)} or ${unfilled}`, [...counted, ...up]],
  );
}

/** Several links: the row is made whole first, then one pass forward and one back. A link is done when a pass has settled its sides. */
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

  const whole = input.fill === "forward" ? pairs.flatMap((pair) => fillOld(pair, sources(pair, links))) : pairs.toReversed().flatMap(refillOld);
  const forward = links.flatMap((link): Code => {
    if (isPair(link)) {
      const both = writeBoth(link, input.stage, up(link), [], finish(link));
      return branch([`not ${done(link)} and ${oldChanged(link)}`, branch([newChanged(link), both], [null, [...evidence, ...up(link)]])]);
    }
    // Where new code wrote what this column is translated into, the way back gives it its value.
    const readers = pairs.filter((pair) => pair.oldWatched.some(({ name }) => name === link.field.name));
    return readers.length === 0 ? [] : writeSupply(link, ` and not (${readers.map(newChanged).join(" or ")})`);
  });
  const back = pairs.toReversed().flatMap((pair) => branch([`not ${done(pair)} and ${newChanged(pair)}`, down(pair)]));
  const beside = sideways(links).flatMap((pair) => branch([`not ${done(pair)} and not ${newChanged(pair)} and ${oldChanged(pair)}`, up(pair)]));
  const supplies = links
    .filter(isSupply)
    .flatMap((link) => (pairs.some((pair) => pair.oldWatched.some(({ name }) => name === link.field.name)) ? [] : writeSupply(link)));

  const variables = [...pairs.map((pair) => `${done(pair)} boolean := false;`), ...(input.fill === "backward" ? ["exact boolean;"] : [])];
  return { variables, code: [...whole, ...forward, ...back, ...beside, ...supplies] };
}
