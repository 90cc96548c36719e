// Which rows break the rule, judged by who wrote last.
import { isPair } from "../../sync/link.ts";
import { quoteLiteral } from "../quoting.ts";
import { isNot } from "../types.ts";
import { type Field, inTable, isAbsent } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { Settled } from "./link.ts";
import { side, sideOf } from "./marker.ts";
import { settle } from "./settle.ts";
import { pending } from "./write.ts";

export interface BadRows {
  /** Columns of the link, for people. */
  readonly columns: readonly string[];
  /** What is wrong with a row, as text; null for a row that is right. On the table's own columns. */
  readonly problem: string;
}

/** One judgement for each link. Rows that both sides wrote are not judged: two values that do not fit were an application's own wish. */
export const badRows = (input: SyncInput): readonly BadRows[] => settle(input).flatMap(judgement);

/** True for a row that any link finds wrong. */
export function badRowCondition(input: SyncInput): string {
  const tests = badRows(input).map(({ problem }) => `(${problem}) is not null`);
  return tests.length === 0 ? "false" : tests.join(" or ");
}

function judgement(link: Settled): readonly BadRows[] {
  if (!isPair(link))
    return link.on === "write" && link.required
      ? [{ columns: [link.field.name], problem: `case when ${isAbsent(link.field, inTable)} then 'is NULL' end` }]
      : [];
  const columns = [...link.old, ...link.new].map(({ name }) => name);
  if (link.marker === null) return [{ columns, problem: `case when ${pending(link, inTable)} then 'the two columns differ' end` }];
  const wrote = sideOf(link.marker, inTable);
  const judge = (by: number, fields: readonly Field[], values: readonly string[], problem: string): string => {
    const tests = fields.map(({ name, type }, i) => isNot(type, inTable(name), values[i] ?? "null"));
    return `when ${wrote} = ${by} and (${tests.join(" or ")}) then ${quoteLiteral(problem)}`;
  };
  return [
    {
      columns,
      // CASE promises not to evaluate up on a row that up cannot translate.
      problem: `case when ${pending(link, inTable)} then 'is not filled' ${judge(side.old, link.new, link.up(inTable), "the new value is not up(old)")} ${judge(side.new, link.old, link.down(inTable), "the old value is not down(new)")} end`,
    },
  ];
}
