// Which rows break the rule, judged by who wrote last.
import { isPair } from "../../sync/link.ts";
import { type Field, imagesDiffer, inTable, isNull } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { Settled } from "./link.ts";
import { side, sideOf } from "./marker.ts";
import { settle } from "./settle.ts";
import { qualifiedType } from "./type.ts";
import { pending } from "./write.ts";

export interface BadRows {
  /** Columns of the link, for people. */
  readonly columns: readonly string[];
  /** What is wrong with a row, as text; null for a row that is right. On the table's own columns. */
  readonly problem: string;
}

/**
 * One judgement for each link. Where old wrote last, new must be up(old); where new did, old must be down(new); where a statement wrote
 * both, neither proves the other; a row that is not filled is wrong. `or` between the equations would pass rows that were never filled.
 */
export const badRows = (input: SyncInput): readonly BadRows[] => settle(input).flatMap((link) => judgement(link));

/** True for a row that any link finds wrong. */
export function badRowCondition(input: SyncInput): string {
  const tests = badRows(input).map(({ problem }) => `(${problem}) is not null`);
  return tests.length === 0 ? "false" : tests.join(" or ");
}

function judgement(link: Settled): readonly BadRows[] {
  if (!isPair(link)) {
    return link.on === "write" && link.required ? [{ columns: [link.field.name], problem: `case when ${isNull(link.field, inTable)} then 'is NULL' end` }] : [];
  }
  const columns = [...link.old, ...link.new].map(({ name }) => name);
  if (link.marker === null) return [{ columns, problem: `case when ${pending(link, inTable)} then 'the two columns differ' end` }];
  const wrote = sideOf(link.marker, inTable);
  const judge = (by: number, fields: readonly Field[], values: readonly string[], problem: string): string => {
    const proven = fields.map(({ type }, i) => `(${values[i] ?? "null"})::${qualifiedType(type)}`);
    return `when ${wrote} operator(pg_catalog.=) ${by} then case when ${imagesDiffer(
      fields.map(({ name }) => inTable(name)),
      proven,
    )} then '${problem}' end`;
  };
  return [
    {
      columns,
      // CASE, because it alone promises not to evaluate up on a row that up cannot translate.
      problem: `case when ${pending(link, inTable)} then 'is not filled' ${judge(side.old, link.new, link.up(inTable), "the new value is not up(old)")} ${judge(side.new, link.old, link.down(inTable), "the old value is not down(new)")} end`,
    },
  ];
}
