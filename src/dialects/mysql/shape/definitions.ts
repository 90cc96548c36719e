// The definition of each column of a shape at each time of its life. Nothing but these texts says how a column comes back.
import type { Column } from "../../../schema/model.ts";
import type { NewColumn } from "../../../step/shape.ts";
import { type Definition, definitionFrom, definitionOf } from "../writing.ts";
import type { ShapeContext } from "./context.ts";

/** What a type without a sentinel holds where nobody gives a value; only in columns that nobody reads any more. */
function filler(type: string): string | null {
  const word = /^[a-z]+/.exec(type.toLowerCase())?.[0] ?? "";
  if (word === "enum") return /'(?:[^']|'')*'/.exec(type)?.[0] ?? null;
  if (word === "year") return "2000";
  if (word === "bit") return "b'0'";
  if (/int$|^(float|double|decimal)$/.test(word)) return "0";
  if (/char$|^set$|binary$|text$|blob$/.test(word)) return "''";
  return null;
}

/** An old column while both shapes live. */
export function oldDefinition(context: ShapeContext, column: Column): Definition {
  const of = definitionOf(context.table, column);
  return { ...of, default: of.default ?? context.standIns[column.name] ?? null };
}

/** The same from retire on: nobody sees it, and no insert names it. */
export function retiredDefinition(context: ShapeContext, column: Column): Definition {
  const of = oldDefinition(context, column);
  return { ...of, default: of.default ?? (of.notNull ? filler(of.type) : null), invisible: true };
}

/** The old column that a new one is another name of, through chains. */
function source(context: ShapeContext, fresh: NewColumn): Column | undefined {
  const link = context.shape.links.find((each) => each.kind === "copy" && each.new === fresh);
  if (link?.kind !== "copy") return undefined;
  const known = context.table.columns.find((column) => column.name === link.old.name);
  if (known) return known;
  const earlier = context.shape.links.find((each) => each.kind === "copy" && each.new.spec.name === link.old.name);
  return earlier?.kind === "copy" ? source(context, earlier.new) : undefined;
}

/** What the new column is when all is done. */
export function finalDefinition(context: ShapeContext, fresh: NewColumn): Definition {
  const of = definitionFrom(fresh.spec);
  const from = source(context, fresh);
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
