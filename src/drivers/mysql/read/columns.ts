// Columns of tables and views.
import type { Column } from "../../../schema/model.ts";
import type { Draft } from "./draft.ts";
import { family, fields, textOrNull } from "./family.ts";
import { isMariadb } from "./product.ts";
import * as write from "./text.ts";

interface ColumnRow {
  readonly table_name: string;
  readonly column_name: string;
  readonly ordinal_position: number | string;
  readonly column_default: string | null;
  readonly is_nullable: string;
  readonly data_type: string;
  readonly character_set_name: string | null;
  readonly collation_name: string | null;
  readonly column_type: string;
  readonly extra: string;
  readonly column_comment: string;
  readonly generation_expression: string | null;
  readonly srs_id: number | null;
}

/**
 * MariaDB has the reference system of a geometry in a view of its own. What proves the rows of an archive is Hotstick's, and lasts as long as
 * the archive.
 */
const query = (version: number): string =>
  `select ${fields("table_name", "column_name", "ordinal_position", "column_default", "is_nullable", "data_type", "character_set_name", "collation_name", "column_type", "extra", "column_comment", "generation_expression")},
    ${isMariadb(version) ? "null" : "srs_id"} as srs_id
  from information_schema.columns where table_schema = database() and column_name not regexp '^hotstick_kept_[0-9]+$'`;

const compressed = / \/\*M?!\d+ COMPRESSED(?:=\w+)?\*\//;
const numeric = /^(?:tiny|small|medium|big)?int|^(?:decimal|float|double|bit|year)/;
const ofBytes: ReadonlySet<string> = new Set(["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"]);
const outOfLine = /^(?:tiny|medium|long)?(?:text|blob)$|^json$/;
const geometries: ReadonlySet<string> = new Set([
  "geometry",
  "point",
  "linestring",
  "polygon",
  "multipoint",
  "multilinestring",
  "multipolygon",
  "geometrycollection",
  "geomcollection",
]);

/** MariaDB shows the default as it is written in SQL, MySQL shows the value, or the expression and says so. */
function defaultOf(row: ColumnRow, version: number): string | null {
  const text = row.column_default;
  if (text === null) return null;
  // From MariaDB 11 on bytes are shown by their digits, which we write in capitals wherever they come from.
  if (isMariadb(version)) return text === "NULL" ? null : /^x'[0-9a-f]*'$/.test(text) ? `x${text.slice(1).toUpperCase()}` : text;
  if (/DEFAULT_GENERATED/.test(row.extra)) return /^CURRENT_TIMESTAMP(\(\d\))?$/i.test(text) ? text : `(${write.expression(text, version)})`;
  if (ofBytes.has(row.data_type)) return text === "" ? "x''" : text;
  return numeric.test(row.data_type) ? text : write.string(text);
}

function generatedOf(row: ColumnRow, version: number): Column["generated"] {
  const kind = /\b(VIRTUAL|STORED|PERSISTENT) GENERATED/.exec(row.extra)?.[1];
  if (kind === undefined) return null;
  return { kind: kind === "VIRTUAL" ? "virtual" : "stored", expression: write.expression(row.generation_expression ?? "", version) };
}

const nothing: Readonly<Record<string, string>> = {};

function attributesOf(row: ColumnRow): Readonly<Record<string, string>> {
  const isCompressed = compressed.test(row.column_type);
  if (row.extra === "" && row.character_set_name === null && !isCompressed && row.srs_id === null) return nothing;
  const attributes: Record<string, string> = {};
  if (row.character_set_name !== null) attributes["charset"] = row.character_set_name;
  const onUpdate = /on update (current_timestamp(?:\(\d*\))?)/i.exec(row.extra)?.[1];
  if (onUpdate !== undefined) attributes["on update"] = onUpdate;
  if (/\bINVISIBLE\b/.test(row.extra)) attributes["invisible"] = "yes";
  if (/WITHOUT SYSTEM VERSIONING/.test(row.extra)) attributes["system versioning"] = "no";
  if (isCompressed) attributes["compressed"] = "yes";
  if (row.srs_id !== null) attributes["srid"] = String(row.srs_id);
  return attributes;
}

const columnOf = (draft: Draft, row: ColumnRow): Column => {
  const generated = generatedOf(row, draft.version);
  return {
    name: draft.shared(row.column_name),
    position: Number(row.ordinal_position),
    type: draft.shared(row.column_type.replace(compressed, "")),
    notNull: row.is_nullable === "NO",
    default: generated === null ? defaultOf(row, draft.version) : null,
    generated,
    identity: /\bauto_increment\b/i.test(row.extra) ? { mode: "by default", sequence: draft.nameOf(row.table_name) } : null,
    collation: row.collation_name === null ? null : draft.shared(row.collation_name),
    attributes: attributesOf(row),
    comment: textOrNull(row.column_comment),
    grants: [],
    inherited: false,
    local: true,
    toastable: outOfLine.test(row.data_type),
  };
};

/** A default of bytes: on MariaDB what is no UTF-8 arrives as a question mark; on MySQL, which shows `0x…`, all ends at the first byte 0. */
const lossy = /^'[\s\S]*[?\ufffd]|^0x/;

function collect(draft: Draft, row: ColumnRow): void {
  const relation = draft.relations.get(row.table_name);
  if (relation === undefined) return;
  const column = columnOf(draft, row);
  relation.places.set(column.name, column.position);
  relation.view?.columns.push({ name: column.name, type: column.type, comment: null, default: null, grants: [] });
  if (relation.table === null) return;
  relation.table.columns.push(column);
  if (geometries.has(row.data_type)) draft.wanted.geometries = true;
  if (ofBytes.has(row.data_type) && column.default !== null && lossy.test(column.default))
    draft.wanted.bytes.push({ table: row.table_name, column: column.name });
}

export const columns = family(query, collect);
