// Schemas (in SQL's sense) and extensions.
import { family, noMember, ofPeople, privileges, withComment } from "./family.ts";
import type { PrivilegeColumns } from "./grants.ts";
import { grantsOf } from "./grants.ts";

interface NamespaceRow extends PrivilegeColumns {
  readonly name: string;
  readonly description: string | null;
}

const query = (): string => `
  select n.nspname as name, d.description, ${privileges("n.nspacl", "n", "n.nspowner")}
  from pg_namespace n ${withComment("pg_namespace", "n.oid")}
  where ${ofPeople} and ${noMember("pg_namespace", "n.oid")}
  order by 1`;

export const namespaces = family<NamespaceRow>(query, (draft, row) => {
  draft.namespaces[row.name] = { name: row.name, owner: row.owner, grants: grantsOf(row), comment: row.description };
});

interface ExtensionRow {
  readonly name: string;
  readonly schema: string;
  readonly version: string;
}

export const extensions = family<ExtensionRow>(
  () => "select e.extname as name, n.nspname as schema, e.extversion as version from pg_extension e join pg_namespace n on n.oid = e.extnamespace order by 1",
  (draft, row) => {
    draft.extensions[row.name] = { schema: row.schema, version: row.version };
  },
);
