// Publications and what they publish.
import { family, noMember } from "./family.ts";

interface PublicationRow {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
  readonly all_tables: boolean;
  readonly operations: readonly string[];
  readonly via_root: boolean;
  readonly generated: string;
  readonly schemas: readonly string[];
}

const query = (version: number): string => `
  select p.oid, p.pubname as name, pg_get_userbyid(p.pubowner) as owner, p.puballtables as all_tables, p.pubviaroot as via_root,
    array_remove(array[case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end, case when p.pubdelete then 'delete' end,
      case when p.pubtruncate then 'truncate' end], null) as operations,
    ${version >= 180000 ? "p.pubgencols" : "'n'"} as generated,
    ${version >= 150000 ? "array(select n.nspname::text from pg_publication_namespace x join pg_namespace n on n.oid = x.pnnspid where x.pnpubid = p.oid order by 1)" : "'{}'::text[]"} as schemas
  from pg_publication p where ${noMember("pg_publication", "p.oid")}
  order by 2`;

export const publications = family<PublicationRow>(query, (draft, row) => {
  const publication = {
    name: row.name,
    allTables: row.all_tables,
    operations: [...row.operations],
    viaRoot: row.via_root,
    schemas: [...row.schemas],
    tables: [],
    owner: row.owner,
    ...(row.generated === "s" ? { generatedColumns: "stored" as const } : {}),
  };
  draft.publications[row.name] = publication;
  draft.publicationsById.set(row.oid, publication);
});

interface PublishedRow {
  readonly publication: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[] | null;
  readonly where: string | null;
}

const publishedQuery = (version: number): string => `
  select r.prpubid as publication, n.nspname as schema, c.relname as name,
    ${
      version >= 150000
        ? `case when r.prattrs is not null then array(select a.attname::text from pg_attribute a where a.attrelid = r.prrelid and a.attnum = any(r.prattrs) order by 1) end as columns,
    pg_get_expr(r.prqual, r.prrelid) as where`
        : "null::text[] as columns, null::text as where"
    }
  from pg_publication_rel r join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace
  order by 1, 2, 3`;

/** The tables that a publication names. */
export const publishedTables = family<PublishedRow>(publishedQuery, (draft, row) => {
  draft.publicationsById.get(row.publication)?.tables.push({ table: { schema: row.schema, name: row.name }, columns: row.columns, where: row.where });
});
