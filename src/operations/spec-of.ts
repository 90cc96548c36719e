// A column as an operation would write it, from one that exists.
import type { Column } from "../schema/model.ts";
import type { ColumnSpec } from "../step/shape.ts";
import { defined } from "./read.ts";

/** Identity and generated columns lose that attribute here: what carries them over is the dialect's business. */
export const specOf = (column: Column, name: string): ColumnSpec =>
  defined<ColumnSpec>({
    name,
    type: column.type,
    notNull: column.notNull,
    default: column.default ?? undefined,
    generated: undefined,
    identity: undefined,
    collation: column.collation ?? undefined,
    comment: column.comment ?? undefined,
  });
