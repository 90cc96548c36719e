// Who is who in a shape: old and new columns, which of them last, and what the old ones become.
import { findColumn } from "../../schema/edit.ts";
import type { Column, Table } from "../../schema/model.ts";
import type { Link, NewColumn, OldColumn, Shape } from "../../step/shape.ts";

export const oldOf = (link: Link): readonly OldColumn[] => {
  switch (link.kind) {
    case "copy":
    case "leave":
      return [link.old];
    case "transform":
      return link.old;
    case "supply":
      return [];
  }
};

export const newOf = (link: Link): readonly NewColumn[] => {
  switch (link.kind) {
    case "copy":
      return [link.new];
    case "transform":
      return link.new;
    case "supply":
      return link.adds ? [{ hidden: link.adds.name, spec: link.adds }] : [];
    case "leave":
      return [];
  }
};

export const oldColumns = (shape: Shape): readonly OldColumn[] => shape.links.flatMap(oldOf);
export const newColumns = (shape: Shape): readonly NewColumn[] => shape.links.flatMap(newOf);
export const markers = (shape: Shape): readonly string[] => shape.links.flatMap((link) => (link.kind === "transform" ? [link.marker] : []));

/** New columns that no later link of the same shape makes an old one of. */
export const lastingColumns = (shape: Shape): readonly NewColumn[] => {
  const gone = new Set(oldColumns(shape).map((old) => old.name));
  return newColumns(shape).filter((column) => !gone.has(column.spec.name) || column.hidden !== column.spec.name);
};

/** Links that a trigger must serve. */
export const needsSync = (link: Link): boolean =>
  link.kind === "copy" || link.kind === "transform" || (link.kind === "supply" && link.fill !== null) || (link.kind === "leave" && link.supply !== null);

/** Links whose rows must be filled before switch. */
export const needsFill = (link: Link): boolean => link.kind === "copy" || link.kind === "transform" || (link.kind === "supply" && link.fill !== null);

/** Links that have two sides, so that a side can be stale. */
export const hasTwoSides = (link: Link): boolean => link.kind === "copy" || link.kind === "transform";

/** Where the new shape takes an old name. */
export const swaps = (shape: Shape): boolean => newColumns(shape).some((column) => column.hidden !== column.spec.name);

/**
 * For each column that was there before the run and leaves: the one column that it becomes in the end, through chains;
 * null where it becomes several, or part of one, or nothing.
 */
export function successors(shape: Shape, table: Table): ReadonlyMap<string, NewColumn | null> {
  const result = new Map<string, NewColumn | null>();
  const next = (name: string, from: number): NewColumn | null => {
    for (let i = from; i < shape.links.length; i += 1) {
      const link = shape.links[i];
      if (!link || !oldOf(link).some((old) => old.name === name)) continue;
      const [only, ...more] = newOf(link);
      if (!only || more.length > 0 || oldOf(link).length > 1) return null;
      const later = shape.links.slice(i + 1).some((other) => oldOf(other).some((old) => old.name === only.spec.name));
      return later ? next(only.spec.name, i + 1) : only;
    }
    return null;
  };
  for (const old of oldColumns(shape)) if (findColumn(table, old.name) && !result.has(old.name)) result.set(old.name, next(old.name, 0));
  return result;
}

/** Old columns that were there before the run, with their definitions. */
export const originals = (shape: Shape, table: Table): readonly { readonly old: OldColumn; readonly column: Column; readonly link: Link }[] =>
  shape.links.flatMap((link) =>
    oldOf(link).flatMap((old) => {
      const column = findColumn(table, old.name);
      return column ? [{ old, column, link }] : [];
    }),
  );

/** Columns that were there before the run and stay, but for those that the server computes. */
export function stayingColumns(shape: Shape, table: Table): readonly Column[] {
  const leaving = new Set(originals(shape, table).map(({ column }) => column.name));
  return table.columns.filter((column) => !leaving.has(column.name) && column.generated === null);
}

/** Names given up by the migration. */
export const drops = (shape: Shape): ReadonlySet<string> => new Set(shape.links.flatMap((link) => (link.kind === "transform" ? link.drops : [])));

/**
 * The best key to walk a table by: its primary key, else a unique index over columns that may not be NULL; empty where there is none.
 * Never a column that leaves: it changes its name in mid-run.
 */
export function keyColumns(table: Table, leaving: readonly string[] = []): readonly Column[] {
  const usable = table.indexes
    .filter((index) => index.unique && index.valid && index.predicate === null && index.method === "btree")
    .filter((index) => index.keys.length > 0 && index.keys.every((key) => key !== null && !leaving.includes(key) && (findColumn(table, key)?.notNull ?? false)))
    .sort((a, b) => Number(b.primary) - Number(a.primary) || a.keys.length - b.keys.length || (a.name < b.name ? -1 : 1));
  return (usable[0]?.keys ?? []).map((key) => findColumn(table, key ?? "")).filter((column) => column !== undefined);
}
