// The columns of a table and of a shape, as what takes room.
import { type Facts, noFacts } from "../../schema/facts.ts";
import type { Table } from "../../schema/model.ts";
import type { ColumnSpec, Shape } from "../../step/shape.ts";
import { markers, swaps } from "../shape/columns.ts";
import { capabilities } from "./capabilities.ts";
import { printed } from "./native/known.ts";
import type { Occupant, RowFormat } from "./room.ts";

export const occupants = (table: Pick<Table, "columns">): readonly Occupant[] =>
  table.columns.map(({ type, attributes, notNull, generated }) => ({
    type,
    charset: attributes["charset"] ?? null,
    notNull,
    virtual: generated?.kind === "virtual",
  }));

/** @param charset of the table. */
export function newOccupant({ type, notNull, collation, generated }: ColumnSpec, charset: string | null, facts: Facts = noFacts): Occupant {
  const known = printed(type, facts) ?? type;
  const ofCharacters = /^\s*(var)?char/i.test(known);
  return {
    type: known,
    charset: ofCharacters ? (collation?.split("_")[0] ?? charset) : null,
    notNull: notNull ?? false,
    virtual: generated?.kind === "virtual",
  };
}

const plain = (type: string, notNull: boolean, virtual = false): Occupant => ({ type, charset: null, notNull, virtual });

/** A marker for each transform, two flags where names swap, and what tells archived rows from later ones. */
export const ownOccupants = (shape: Shape, version: number): readonly Occupant[] => [
  ...markers(shape).map(() => plain("smallint", false)),
  ...(swaps(shape) ? [1, 0].map(() => plain("tinyint", true, capabilities(version).flags === "virtual")) : []),
  plain("tinyint", true),
];

/** Null for one whose pages are counted otherwise. */
export function rowFormat(table: Pick<Table, "options"> | null): RowFormat | null {
  const format = (table?.options["row format"] ?? "dynamic").toLowerCase();
  return format === "dynamic" || format === "compact" ? format : null;
}
