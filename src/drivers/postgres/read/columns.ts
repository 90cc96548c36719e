// Columns of tables and views, and attributes of composite types, in their order.
import type { Column, Identity } from "../../../schema/model.ts";
import type { Draft } from "./draft.ts";
import { family, ofPeople, optionsOf, qualifiedName, withComment } from "./family.ts";
import type { PrivilegeColumns } from "./grants.ts";
import { grantsOf } from "./grants.ts";

interface ColumnRow extends PrivilegeColumns {
  readonly relation: number;
  readonly number: number;
  readonly name: string;
  readonly type: string;
  readonly not_null: boolean;
  readonly expression: string | null;
  readonly generated: "" | "s" | "v";
  readonly identity: "" | "a" | "d";
  readonly sequence_schema: string | null;
  readonly sequence_name: string | null;
  readonly collation: string | null;
  readonly storage: string | null;
  readonly compression: string;
  readonly statistics: number | null;
  readonly attoptions: readonly string[] | null;
  readonly foreign_options: readonly string[] | null;
  readonly inherited: boolean;
  readonly local: boolean;
  readonly toastable: boolean;
  readonly description: string | null;
}

const query = (): string => `
  select a.attrelid as relation, a.attnum as number, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as not_null,
    case when a.atthasdef then pg_get_expr(f.adbin, f.adrelid) end as expression, a.attgenerated as generated, a.attidentity as identity,
    sn.nspname as sequence_schema, s.relname as sequence_name, ${qualifiedName("kn.nspname", "k.collname")} as collation,
    case when a.attstorage <> t.typstorage then a.attstorage end as storage, a.attcompression as compression, nullif(a.attstattarget, -1)::int as statistics,
    a.attoptions, a.attfdwoptions as foreign_options, a.attinhcount > 0 as inherited, a.attislocal as local, a.attlen = -1 and a.attstorage <> 'p' as toastable, d.description,
    a.attacl::text[] as acl, '{}'::text[] as acl_default, '' as owner
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef f on a.atthasdef and f.adrelid = a.attrelid and f.adnum = a.attnum
  left join pg_collation k on k.oid = a.attcollation and a.attcollation <> t.typcollation
  left join pg_namespace kn on kn.oid = k.collnamespace
  left join pg_depend sd on a.attidentity <> '' and sd.refclassid = 'pg_class'::regclass and sd.refobjid = a.attrelid and sd.refobjsubid = a.attnum
    and sd.classid = 'pg_class'::regclass and sd.deptype = 'i'
  left join pg_class s on s.oid = sd.objid
  left join pg_namespace sn on sn.oid = s.relnamespace
  ${withComment("pg_class", "a.attrelid", "a.attnum")}
  where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f', 'v', 'm', 'c') and c.relpersistence <> 't' and ${ofPeople}
  order by a.attrelid, a.attnum`;

const storageName: Readonly<Record<string, string>> = { p: "plain", e: "external", m: "main", x: "extended" };
const compressionName: Readonly<Record<string, string>> = { p: "pglz", l: "lz4" };
const nothing: Readonly<Record<string, string>> = {};

function attributesOf(row: ColumnRow): Readonly<Record<string, string>> {
  if (row.storage === null && row.compression === "" && row.statistics === null && row.attoptions === null && row.foreign_options === null) return nothing;
  const attributes = { ...optionsOf(row.attoptions), ...optionsOf(row.foreign_options, "option ") };
  if (row.storage !== null) attributes["storage"] = storageName[row.storage] ?? row.storage;
  if (row.compression !== "") attributes["compression"] = compressionName[row.compression] ?? row.compression;
  if (row.statistics !== null) attributes["statistics"] = String(row.statistics);
  return attributes;
}

function identityOf(row: ColumnRow): Identity | null {
  if (row.identity === "" || row.sequence_schema === null || row.sequence_name === null) return null;
  return { mode: row.identity === "a" ? "always" : "by default", sequence: { schema: row.sequence_schema, name: row.sequence_name } };
}

const columnOf = (draft: Draft, row: ColumnRow, position: number): Column => ({
  name: draft.shared(row.name),
  position,
  type: draft.shared(row.type),
  notNull: row.not_null,
  default: row.generated === "" ? row.expression : null,
  generated: row.generated === "" ? null : { kind: row.generated === "s" ? "stored" : "virtual", expression: row.expression ?? "" },
  identity: identityOf(row),
  collation: row.collation,
  attributes: attributesOf(row),
  comment: row.description,
  grants: grantsOf(row),
  inherited: row.inherited,
  local: row.local,
  toastable: row.toastable,
});

function collect(draft: Draft, row: ColumnRow): void {
  const relation = draft.relations.get(row.relation);
  if (relation === undefined) {
    draft.composites.get(row.relation)?.push({ name: row.name, type: row.type, collation: row.collation });
    return;
  }
  relation.columns[row.number] = draft.shared(row.name);
  if (relation.table !== null) {
    relation.table.columns.push(columnOf(draft, row, relation.table.columns.length + 1));
  }
  relation.view?.columns.push({ name: row.name, type: draft.shared(row.type), comment: row.description, default: row.expression, grants: grantsOf(row) });
}

export const columns = family(query, collect);
