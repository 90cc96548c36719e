// Everything that people can create and the model has no words for: named, so that nothing is lost silently.
import { family, noMember, ofPeople } from "./family.ts";

interface UnmodelledRow {
  readonly kind: string;
  readonly name: string;
  /** The relation it hangs on, or 0. */
  readonly relation: number;
}

/** Numbers below this are the system's own; access/transam.h, FirstNormalObjectId. */
const people = (oid: string): string => `${oid} >= 16384`;

/** An object in a namespace. */
const inNamespace = (kind: string, catalog: string, name: string, namespace: string, extra = ""): string => `
  select ${kind}, quote_ident(n.nspname) || '.' || ${name}, 0::oid from ${catalog} x join pg_namespace n on n.oid = x.${namespace}
  where ${ofPeople} and ${noMember(catalog, "x.oid")}${extra}`;

/** An object of the whole database. What another object brought along (a range type its casts) goes and comes with that. */
const ofDatabase = (kind: string, catalog: string, name: string): string => `
  select '${kind}', ${name}, 0::oid from ${catalog} x where ${people("x.oid")} and not exists (
    select from pg_depend i where i.classid = '${catalog}'::regclass and i.objid = x.oid and i.deptype in ('e', 'i'))`;

const parts: readonly string[] = [
  inNamespace(
    "case when x.typisdefined then 'base type' else 'shell type' end",
    "pg_type",
    "quote_ident(x.typname)",
    "typnamespace",
    " and (x.typtype = 'p' or (x.typtype = 'b' and x.typelem = 0))",
  ),
  inNamespace(
    "'operator'",
    "pg_operator",
    "(x.oprname || format(' (%s, %s)', format_type(nullif(x.oprleft, 0), null), format_type(nullif(x.oprright, 0), null)))",
    "oprnamespace",
  ),
  inNamespace("'operator class'", "pg_opclass", "quote_ident(x.opcname)", "opcnamespace"),
  inNamespace("'operator family'", "pg_opfamily", "quote_ident(x.opfname)", "opfnamespace"),
  inNamespace("'collation'", "pg_collation", "quote_ident(x.collname)", "collnamespace"),
  inNamespace("'conversion'", "pg_conversion", "quote_ident(x.conname)", "connamespace"),
  inNamespace("'text search configuration'", "pg_ts_config", "quote_ident(x.cfgname)", "cfgnamespace"),
  inNamespace("'text search dictionary'", "pg_ts_dict", "quote_ident(x.dictname)", "dictnamespace"),
  inNamespace("'text search parser'", "pg_ts_parser", "quote_ident(x.prsname)", "prsnamespace"),
  inNamespace("'text search template'", "pg_ts_template", "quote_ident(x.tmplname)", "tmplnamespace"),
  ofDatabase("event trigger", "pg_event_trigger", "x.evtname"),
  ofDatabase("cast", "pg_cast", "format('%s as %s', format_type(x.castsource, null), format_type(x.casttarget, null))"),
  ofDatabase("language", "pg_language", "x.lanname"),
  ofDatabase("foreign-data wrapper", "pg_foreign_data_wrapper", "x.fdwname"),
  ofDatabase("foreign server", "pg_foreign_server", "x.srvname"),
  ofDatabase("access method", "pg_am", "x.amname"),
  ofDatabase("transform", "pg_transform", "format('%s for %s', format_type(x.trftype, null), (select lanname from pg_language where oid = x.trflang))"),
  "select 'user mapping', format('%s on %s', usename, srvname), 0::oid from pg_user_mappings",
  "select 'subscription', subname, 0::oid from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())",
  `select 'default privileges', format('%s for %s%s', pg_get_userbyid(x.defaclrole), case x.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end,
    ' in ' || n.nspname), 0::oid from pg_default_acl x left join pg_namespace n on n.oid = x.defaclnamespace`,
  `select 'security label', format('%s on %s', x.provider, pg_describe_object(x.classoid, x.objoid, x.objsubid)), case when x.classoid = 'pg_class'::regclass then x.objoid else 0::oid end from pg_seclabel x`,
];

const query = (): string => `select v.kind, v.name, v.relation from (${parts.join("\n  union all ")}) v(kind, name, relation) order by 1, 2`;

export const unmodelled = family<UnmodelledRow>(query, (draft, row) => {
  const relation = draft.relations.get(row.relation);
  draft.unmodelled.push({ kind: row.kind, name: row.name, tables: relation ? [relation.name] : [] });
});
