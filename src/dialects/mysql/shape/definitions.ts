// The definition of each column of a shape at each time of its life. Nothing but these texts says how a column comes back.
import type { Column } from "../../../schema/model.ts";
import type { NewColumn } from "../../../step/shape.ts";
import { newColumns, successors } from "../../shape/columns.ts";
import { readDefault } from "../sync/default.ts";
import { sentinel } from "../types.ts";
import { type Definition, definitionFrom, definitionOf } from "../writing.ts";
import { type ShapeContext, sourceOf } from "./context.ts";

/** What a type without a sentinel holds where nobody gives a value; only in columns that nobody reads any more. */
function filler(type: string, longDefaults: boolean): string | null {
  const word = /^[a-z]+/.exec(type.toLowerCase())?.[0] ?? "";
  if (word === "enum") return /'(?:[^']|'')*'/.exec(type)?.[0] ?? null;
  if (word === "year") return "2000";
  if (word === "bit") return "b'0'";
  if (/^((tiny|small|medium|big)?int|float|double|decimal)$/.test(word)) return "0";
  // MySQL writes a default of a long type as an expression only, and adds no column with one in an instant.
  if (/text$|blob$/.test(word)) return longDefaults ? "''" : null;
  if (/char$|^set$|binary$/.test(word)) return "''";
  return null;
}

/** An old column while both shapes live. */
export function oldDefinition(context: ShapeContext, column: Column): Definition {
  const of = definitionOf(context.table, column);
  return { ...of, default: of.default ?? context.standIns[column.name] ?? null };
}

/**
 * What bears the old name when the sync ends: the old column, or where the names were exchanged the second one, which may hold NULL where its
 * type has no value to spare.
 */
export function asideDefinition(context: ShapeContext, column: Column): Definition {
  const of = oldDefinition(context, column);
  const fresh = exchangedWith(context, column.name);
  if (!fresh) return of;
  const sentinel = context.sentinels[fresh.hidden] ?? null;
  return { ...of, notNull: sentinel !== null, default: of.default ?? sentinel };
}

/** The same from retire on: nobody sees it, and no insert names it. It can come back in an instant only with a default that is one value for all rows. */
export const retiredDefinition = (context: ShapeContext, column: Column): Definition => retired(context, asideDefinition(context, column));

function retired(context: ShapeContext, of: Definition): Definition {
  const lasting = of.default !== null && readDefault({ default: of.default, identity: null }).kind === "constant" ? of.default : null;
  return {
    ...of,
    default: lasting ?? (of.notNull ? (sentinel(of.type, context.can.longDefaults) ?? filler(of.type, context.can.longDefaults)) : null),
    invisible: true,
  };
}

/** True where new code cannot leave a column out: it must hold something, and there is no value that a literal could write. */
export const cannotHide = (context: ShapeContext, column: Column): boolean =>
  column.notNull && retired(context, oldDefinition(context, column)).default === null;

/** True where a new column takes its name while it must hold something that nobody gives: the server hides no such column without a default. */
export const cannotMakeWay = (context: ShapeContext, column: Column): boolean =>
  column.notNull &&
  column.identity === null &&
  oldDefinition(context, column).default === null &&
  newColumns(context.shape).some(({ spec, hidden }) => spec.name === column.name && hidden !== column.name);

/** What the new column is when all is done. */
export function finalDefinition(context: ShapeContext, fresh: NewColumn): Definition {
  const of = definitionFrom(fresh.spec);
  const from = sourceOf(context.table, context.shape, fresh);
  if (!from) return of;
  const known = definitionOf(context.table, from);
  return {
    ...of,
    type: known.type,
    collation: of.collation ?? known.collation,
    compressed: known.compressed,
    srid: known.srid,
    onUpdate: known.onUpdate,
    invisible: known.invisible,
  };
}

/** Until retire: without a default of its own, so that "not given" stays visible to the trigger. */
export function openDefinition(context: ShapeContext, fresh: NewColumn, shown: boolean): Definition {
  const of = finalDefinition(context, fresh);
  const sentinel = context.sentinels[fresh.hidden];
  return { ...of, notNull: sentinel !== undefined, default: sentinel ?? null, invisible: !shown || of.invisible };
}

/** True where attaching NOT NULL makes the table anew: the type has no value to spare for "not given". */
export const rebuilds = (context: ShapeContext, fresh: NewColumn): boolean => fresh.spec.notNull === true && context.sentinels[fresh.hidden] === undefined;

/** The new column whose name an old one takes in the end; undefined where it takes none. */
export const exchangedWith = ({ shape, table, analysis }: ShapeContext, old: string): NewColumn | undefined =>
  analysis.exchanged.has(old) ? (successors(shape, table).get(old) ?? undefined) : undefined;

/** True where the new column becomes the one that was there before, which is what it was asked to be. */
export const isExchanged = ({ shape, table, analysis }: ShapeContext, fresh: NewColumn): boolean =>
  [...successors(shape, table)].some(([old, to]) => to === fresh && analysis.exchanged.has(old));
