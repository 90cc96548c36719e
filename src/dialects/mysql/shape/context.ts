// What every step of one shape is made from: looked up once.
import { findColumn, findTable } from "../../../schema/edit.ts";
import type { Facts, SizeFact } from "../../../schema/facts.ts";
import { questionKey } from "../../../schema/facts.ts";
import type { Column, Schema, Table } from "../../../schema/model.ts";
import { derivedName, hiddenPrefix, keyOf } from "../../../schema/names.ts";
import type { Link, NewColumn, OldColumn, Shape } from "../../../step/shape.ts";
import { keyColumns, newColumns, originals } from "../../shape/columns.ts";
import type { Way } from "../algorithm.ts";
import { capabilities, type ServerCapabilities } from "../capabilities.ts";
import { type Analysis, analyse } from "../carry/analyse.ts";
import { instantLeft } from "../native/limits.ts";
import { sentinel } from "../types.ts";
import { isJson } from "../writing.ts";
import { isTooWide } from "./width.ts";

export interface ShapeContext {
  readonly shape: Shape;
  readonly table: Table;
  readonly schema: Schema;
  readonly version: number;
  readonly can: ServerCapabilities;
  readonly analysis: Analysis;
  /** The key by which the table is walked. */
  readonly key: readonly Column[];
  readonly size: SizeFact;
  readonly facts: Facts;
  /** The group of all its steps. */
  readonly group: string;
  /** Defaults that mean "not given" in new columns that are NOT NULL from the start, by `hidden`. */
  readonly sentinels: Readonly<Record<string, string>>;
  /** Defaults that old NOT NULL columns without one have from expand to drop, by name. */
  readonly standIns: Readonly<Record<string, string>>;
  /** How columns are added and dropped: a compressed table is made anew for it, and a wide one. */
  readonly columnWay: Way;
  /** The index over markers; its name changes with the generation. */
  readonly pendingIndex: string;
}

/**
 * The triggers name the columns of both stages, and a name that is not there fails the writer: so what steps aside takes the very name that
 * what comes leaves free.
 */
const exchanged = (shape: Shape): Shape => {
  const freed = new Map(newColumns(shape).flatMap(({ hidden, spec }): [string, string][] => (hidden === spec.name ? [] : [[spec.name, hidden]])));
  const aside = (old: OldColumn): OldColumn => (old.parked === old.name ? old : { ...old, parked: freed.get(old.name) ?? old.parked });
  return {
    ...shape,
    links: shape.links.map((link): Link => {
      switch (link.kind) {
        case "transform":
          return { ...link, old: link.old.map(aside) };
        case "supply":
          return link;
        case "copy":
          return { ...link, old: aside(link.old) };
        case "leave":
          return { ...link, old: aside(link.old) };
      }
    }),
  };
};

/** The old column that a new one is another name of, through chains. */
export function sourceOf(table: Table, shape: Shape, fresh: NewColumn): Column | undefined {
  const link = shape.links.find((each) => each.kind === "copy" && each.new === fresh);
  if (link?.kind !== "copy") return undefined;
  const known = findColumn(table, link.old.name);
  if (known) return known;
  const earlier = shape.links.find((each) => each.kind === "copy" && each.new.spec.name === link.old.name);
  return earlier?.kind === "copy" ? sourceOf(table, shape, earlier.new) : undefined;
}

const typeOf = (table: Table, shape: Shape, fresh: NewColumn): string => {
  const from = sourceOf(table, shape, fresh);
  return from && isJson(table, from.name) ? "json" : fresh.spec.type;
};

/** Times that a run changes columns in the catalog alone, there, back and there again. */
const changes = 12;

/** The server makes the table anew for a column, or would before the run is over. */
const remakes = (table: Table, shape: Shape, size: SizeFact, version: number): boolean =>
  table.options["row format"]?.toLowerCase() === "compressed" || isTooWide(table, shape, version) || instantLeft(size, version) < changes;

export function shapeContext(asked: Shape, schema: Schema, facts: Facts): ShapeContext {
  const shape = exchanged(asked);
  const table = findTable(schema, shape.table);
  if (!table) throw new TypeError(`${keyOf(shape.table)} is not in the schema`);
  const can = capabilities(schema.version);
  const olds = originals(shape, table);
  const size = facts.size[questionKey({ kind: "size", table: shape.table })] ?? { rows: -1, bytes: 0, partitions: 0 };
  const sentinels = newColumns(shape).flatMap((column): [string, string][] => {
    const value = column.spec.notNull ? sentinel(typeOf(table, shape, column), can.longDefaults) : null;
    return value === null ? [] : [[column.hidden, value]];
  });
  const standIns = olds.flatMap(({ column, link }): [string, string][] => {
    if (!column.notNull || column.default !== null || column.identity || (link.kind === "leave" && link.supply === null)) return [];
    const value = sentinel(isJson(table, column.name) ? "json" : column.type, can.longDefaults);
    return value === null ? [] : [[column.name, value]];
  });
  return {
    shape,
    table,
    schema,
    version: schema.version,
    can,
    analysis: analyse(schema, table, shape),
    key: keyColumns(
      table,
      olds.map(({ old }) => old.name),
    ),
    size,
    facts,
    group: keyOf(shape.table),
    sentinels: Object.fromEntries(sentinels),
    standIns: Object.fromEntries(standIns),
    columnWay: remakes(table, shape, size, schema.version) ? "rebuild" : "instant",
    pendingIndex: `${derivedName([`${hiddenPrefix}pending`, table.name.name], 56)}_{{generation}}`,
  };
}

export const rowsOf = ({ size }: ShapeContext): number | null => (size.rows < 0 ? null : size.rows);
