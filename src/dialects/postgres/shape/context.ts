// What every step of one shape is made from: looked up once.

import { findTable } from "../../../schema/edit.ts";
import type { Facts, SizeFact } from "../../../schema/facts.ts";
import { questionKey } from "../../../schema/facts.ts";
import type { Column, Schema, Table } from "../../../schema/model.ts";
import { derivedName, hiddenPrefix, keyOf } from "../../../schema/names.ts";
import type { Shape } from "../../../step/shape.ts";
import { keyColumns, originals } from "../../shape/columns.ts";
import { type Analysis, analyse } from "../carry/analyse.ts";
import type { Rewriting } from "../rewriting.ts";

export interface ShapeContext {
  readonly shape: Shape;
  readonly table: Table;
  readonly schema: Schema;
  readonly analysis: Analysis;
  /** The key by which the table is walked; empty: by ctid. */
  readonly key: readonly Column[];
  readonly size: SizeFact;
  readonly facts: Facts;
  readonly rewriting: Rewriting;
  /** The group of all its steps. */
  readonly group: string;
  /** The partial index over rows not yet filled; its name changes with the generation, since what is filled changes too. */
  readonly pendingIndex: string;
}

export function shapeContext(shape: Shape, schema: Schema, facts: Facts, rewriting: Rewriting): ShapeContext {
  const table = findTable(schema, shape.table);
  if (!table) throw new TypeError(`${keyOf(shape.table)} is not in the schema`);
  const leaving = originals(shape, table).map(({ old }) => old.name);
  return {
    shape,
    table,
    schema,
    analysis: analyse(schema, table, shape, rewriting),
    key: keyColumns(table, leaving),
    size: facts.size[questionKey({ kind: "size", table: shape.table })] ?? { rows: -1, bytes: 0, partitions: 0 },
    group: keyOf(shape.table),
    facts,
    rewriting,
    // The hole is replaced before the name reaches the server; four digits are allowed for.
    pendingIndex: `${derivedName([`${hiddenPrefix}pending`, table.name.name], 58)}_{{generation}}`,
  };
}
