// Small words from which the statements of this dialect are made.
import type { Column, ObjectName, Table } from "../../schema/model.ts";
import type { ColumnSpec } from "../../step/shape.ts";
import type { Template } from "../../step/step.ts";
import { clause, type Way } from "./algorithm.ts";
import { quoteName } from "./quoting.ts";

export const at = (name: ObjectName): string => quoteName([name.schema, name.name]);
export const column = (name: string): string => quoteName([name]);
export const columns = (names: readonly string[]): string => names.map(column).join(", ");

/** Columns come and go in the catalog wherever the server can, unless it is told to make the table anew. */
const isForced = (way: Way, parts: readonly string[]): boolean => way === "rebuild" && parts.every((part) => /^(add|drop) column /.test(part));

export const alter = (version: number, table: ObjectName, way: Way, parts: readonly string[]): Template =>
  `alter table ${at(table)} ${parts.join(", ")}, ${isForced(way, parts) ? "force, " : ""}${clause(version, way)}`;

/**
 * Whether MySQL fails to drop a column of this name in an instant: the name that it goes on under begins with up to 28 bytes of its own, and is
 * cut at 64 bytes. Measured on 9.7.4: from 42 bytes on.
 */
export const isCutWhenDropped = (name: string): boolean => /[^\0-\x7f]/.test(name) && Buffer.byteLength(name) > 36;

/** What stands behind a column's name in its definition. */
export interface Definition {
  readonly type: string;
  readonly collation: string | null;
  readonly compressed: boolean;
  readonly srid: string | null;
  readonly notNull: boolean;
  /** SQL; null: none. */
  readonly default: string | null;
  readonly onUpdate: string | null;
  readonly identity: boolean;
  readonly invisible: boolean;
  readonly comment: string | null;
}

/** A comment is no expression: it takes a string as written and nothing else. Our sessions read backslashes as escapes. */
export const quoteComment = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** MySQL takes the word once only, even where both say the same. */
const saysCollation = (type: string, collation: string): boolean => new RegExp(`\\bcollate\\s+${collation}$`, "i").test(type.trim());

export function written(of: Definition): string {
  return [
    of.type,
    // MariaDB 11.8 takes it only before the collation.
    of.compressed && "compressed",
    of.collation !== null && of.type !== "json" && !saysCollation(of.type, of.collation) && `collate ${of.collation}`,
    of.srid !== null && `srid ${of.srid}`,
    of.notNull ? "not null" : "null",
    of.identity && "auto_increment",
    of.default !== null && `default ${of.default}`,
    of.onUpdate !== null && `on update ${of.onUpdate}`,
    of.invisible && "invisible",
    of.comment !== null && `comment ${quoteComment(of.comment)}`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** MariaDB keeps JSON as text with a check of its own that comes with the word. */
export const isJson = (table: Table, name: string): boolean =>
  table.constraints.some(
    (constraint) => constraint.form === "column" && constraint.name === name && /^check \(json_valid\(`(?:[^`]|``)+`\)\)$/i.test(constraint.definition),
  );

/** A column as it stands. */
export const definitionOf = (table: Table, from: Column): Definition => ({
  type: isJson(table, from.name) ? "json" : from.type,
  collation: from.collation,
  compressed: from.attributes["compressed"] === "yes",
  srid: from.attributes["srid"] ?? null,
  notNull: from.notNull,
  default: from.default,
  onUpdate: from.attributes["on update"] ?? null,
  identity: from.identity !== null,
  invisible: from.attributes["invisible"] === "yes",
  comment: from.comment,
});

/** A column as an operation wants it. */
export const definitionFrom = (spec: ColumnSpec): Definition => ({
  type: spec.type,
  collation: spec.collation ?? null,
  compressed: false,
  srid: null,
  notNull: spec.notNull ?? false,
  default: spec.default ?? null,
  onUpdate: null,
  identity: spec.identity !== undefined,
  invisible: false,
  comment: spec.comment ?? null,
});

export const defined = (name: string, of: Definition): string => `${column(name)} ${written(of)}`;
