// Tables, views and materialized views themselves; their parts come later.
import type { Table, View } from "../../../schema/model.ts";
import type { Draft, Open, Relation } from "./draft.ts";
import { put } from "./draft.ts";
import { family, noMember, numbers, ofPeople, optionsOf, privileges, withComment } from "./family.ts";
import type { PrivilegeColumns } from "./grants.ts";
import { grantsOf } from "./grants.ts";

interface RelationRow extends PrivilegeColumns {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: "r" | "p" | "f" | "v" | "m";
  readonly unlogged: boolean;
  readonly member: boolean;
  readonly description: string | null;
  readonly row_security: boolean;
  readonly forced: boolean;
  readonly replica_identity: "d" | "n" | "f" | "i";
  readonly reloptions: readonly string[] | null;
  readonly toast_options: readonly string[] | null;
  readonly method: string | null;
  readonly tablespace: string | null;
  readonly of_type: string | null;
  readonly server: string | null;
  readonly foreign_options: readonly string[] | null;
  readonly partition_key: string | null;
  readonly partition_columns: string | null;
}

/** Extensions' tables are read too, but only so that what points at them can be named. */
const query = (): string => `
  select c.oid, n.nspname as schema, c.relname as name, c.relkind as kind, c.relpersistence = 'u' as unlogged, not ${noMember("pg_class", "c.oid")} as member, d.description,
    ${privileges("c.relacl", "r", "c.relowner")},
    c.relrowsecurity as row_security, c.relforcerowsecurity as forced, c.relreplident as replica_identity, c.reloptions, toast.reloptions as toast_options,
    nullif(am.amname, 'heap') as method, ts.spcname as tablespace, case when c.reloftype <> 0 then format_type(c.reloftype, null) end as of_type,
    fs.srvname as server, ft.ftoptions as foreign_options,
    case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as partition_key,
    case when c.relkind = 'p' then (select k.partattrs::text from pg_partitioned_table k where k.partrelid = c.oid) || ' ' ||
      array(select u.objsubid from pg_depend u where u.classid = 'pg_class'::regclass and u.objid = c.oid and u.objsubid > 0
        and u.refclassid = 'pg_class'::regclass and u.refobjid = c.oid and u.refobjsubid = 0 and u.deptype = 'i' order by 1)::text end as partition_columns
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_class toast on toast.oid = c.reltoastrelid
  left join pg_am am on am.oid = c.relam
  left join pg_tablespace ts on ts.oid = c.reltablespace
  left join pg_foreign_table ft on ft.ftrelid = c.oid
  left join pg_foreign_server fs on fs.oid = ft.ftserver
  ${withComment("pg_class", "c.oid")}
  where c.relkind in ('r', 'p', 'f', 'v', 'm') and c.relpersistence <> 't' and ${ofPeople}
  order by n.nspname, c.relname`;

const tableKind = { r: "table", p: "partitioned", f: "foreign" } as const;
const replicaIdentity = { d: "default", n: "nothing", f: "full", i: "index" } as const;

function storageOptions(row: RelationRow): Record<string, string> {
  const options = { ...optionsOf(row.reloptions), ...optionsOf(row.toast_options, "toast."), ...optionsOf(row.foreign_options, "option ") };
  if (row.method !== null) options["access method"] = row.method;
  if (row.tablespace !== null) options["tablespace"] = row.tablespace;
  if (row.of_type !== null) options["of type"] = row.of_type;
  if (row.server !== null) options["server"] = row.server;
  return options;
}

const tableOf = (row: RelationRow, kind: Table["kind"]): Open<Table> => ({
  name: { schema: row.schema, name: row.name },
  kind,
  persistence: row.unlogged ? "unlogged" : "permanent",
  columns: [],
  constraints: [],
  indexes: [],
  triggers: [],
  policies: [],
  rules: [],
  rowSecurity: { enabled: row.row_security, forced: row.forced },
  owner: row.owner,
  grants: [...grantsOf(row)],
  comment: row.description,
  // The index is known only when the indexes are read.
  replicaIdentity: replicaIdentity[row.replica_identity],
  inherits: [],
  // Its columns are named when all is read.
  partitionKey: row.partition_key === null ? null : { definition: row.partition_key, columns: [] },
  partitionOf: null,
  options: storageOptions(row),
});

const viewOf = (row: RelationRow): Open<View> => ({
  name: { schema: row.schema, name: row.name },
  kind: row.kind === "m" ? "materialized" : "view",
  definition: "",
  columns: [],
  options: storageOptions(row),
  uses: [],
  indexes: [],
  triggers: [],
  rules: [],
  owner: row.owner,
  grants: [...grantsOf(row)],
  comment: row.description,
});

function collect(draft: Draft, row: RelationRow): void {
  const name = { schema: draft.shared(row.schema), name: row.name };
  const isView = row.kind === "v" || row.kind === "m";
  const table = row.member || row.kind === "v" || row.kind === "m" ? null : tableOf(row, tableKind[row.kind]);
  const view = row.member || !isView ? null : viewOf(row);
  const parts = table ?? view;
  const relation: Relation = {
    name,
    columns: [],
    table,
    view,
    partitionColumns: numbers(row.partition_columns).filter((number) => number > 0),
    indexes: parts?.indexes ?? null,
    triggers: parts?.triggers ?? null,
    rules: parts?.rules ?? null,
  };
  draft.relations.set(row.oid, relation);
  if (table !== null) put(draft.tables, table);
  if (view !== null) put(draft.views, view);
}

export const relations = family(query, collect);
