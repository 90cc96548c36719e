// Which links of a table depend on each other.

import { type AnyLink, isPair, touched } from "./link.ts";

type PairIn<L extends AnyLink> = Extract<L, { readonly kind: "pair" }>;
type SupplyIn<L extends AnyLink> = Extract<L, { readonly kind: "supply" }>;

const names = (fields: readonly { readonly name: string }[]): ReadonlySet<string> => new Set(fields.map(({ name }) => name));
const meet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => [...a].some((name) => b.has(name));

/** Links that share a column, in their order; a link that shares none stands alone. */
export function components<L extends AnyLink>(links: readonly L[]): readonly (readonly L[])[] {
  let groups: { links: L[]; columns: Set<string> }[] = [];
  for (const link of links) {
    const columns = new Set(names(touched(link)));
    const joined = groups.filter((group) => meet(group.columns, columns));
    const merged = {
      links: [...joined.flatMap((group) => group.links), link],
      columns: new Set([...joined.flatMap((group) => [...group.columns]), ...columns]),
    };
    groups = [...groups.filter((group) => !joined.includes(group)), merged];
  }
  return groups.map((group) => links.filter((link) => group.links.includes(link)));
}

/** Links that read, directly or through others, what `link` makes of its old side. */
export function downstream<L extends AnyLink>(link: PairIn<L>, links: readonly L[]): readonly PairIn<L>[] {
  const found: PairIn<L>[] = [];
  for (const later of links.slice(links.indexOf(link) + 1).filter(isPair)) {
    const made = names([link, ...found].flatMap((earlier) => earlier.new));
    if (meet(made, names(later.oldWatched))) found.push(later);
  }
  return found;
}

/** Links with a marker whose new side the way back of `link` writes. */
export const upstream = <L extends AnyLink>(link: PairIn<L>, links: readonly L[]): readonly PairIn<L>[] =>
  links.filter(isPair).filter((earlier) => earlier !== link && earlier.marker !== null && meet(names(earlier.new), names(link.old)));

/** Links that read the same old column as `link` without coming after it: what one of them writes back, the others must pass on. */
export const siblings = <L extends AnyLink>(link: PairIn<L>, links: readonly L[]): readonly PairIn<L>[] =>
  links.filter(isPair).filter((other) => other !== link && meet(names(other.old), names(link.oldWatched)) && !downstream(other, links).includes(link));

/** Links that another link's way back can change, with those that come after them. */
export function sideways<L extends AnyLink>(links: readonly L[]): readonly PairIn<L>[] {
  const pairs = links.filter(isPair);
  const first = pairs.filter((pair) => siblings(pair, links).length > 0);
  return pairs.filter((pair) => first.some((one) => one === pair || downstream(one, links).includes(pair)));
}

/** Links whose rows can be beyond filling, and that this one reads from: without them it has nothing to go by. */
export const sources = <L extends AnyLink>(link: L, links: readonly L[]): readonly PairIn<L>[] =>
  links.filter(isPair).filter((earlier) => earlier.raises && earlier.marker !== null && isPair(link) && downstream(earlier, links).includes(link));

/** Links with a marker that make, directly or through others, what a supply reads. */
export function feeders<L extends AnyLink>(supply: SupplyIn<L>, links: readonly L[]): readonly PairIn<L>[] {
  const read = new Set(names(supply.reads));
  const found: PairIn<L>[] = [];
  for (const link of links.slice(0, links.indexOf(supply)).toReversed().filter(isPair)) {
    if (!meet(names(link.new), read)) continue;
    for (const name of names(link.oldWatched)) read.add(name);
    if (link.marker !== null) found.push(link);
  }
  return found;
}

/** Links that make, directly, what this one reads: while one of them is open, nobody knows that nothing was given. */
export const makers = <L extends AnyLink>(link: PairIn<L>, links: readonly L[]): readonly PairIn<L>[] =>
  links
    .slice(0, links.indexOf(link))
    .filter(isPair)
    .filter((earlier) => meet(names(earlier.new), names(link.oldWatched)));
