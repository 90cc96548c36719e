// Enums, domains, composite types and ranges. Composite attributes arrive with the columns.
import type { TypeDefinition } from "../../../schema/model.ts";
import type { Draft } from "./draft.ts";
import { put } from "./draft.ts";
import type { Printed } from "./family.ts";
import { family, noMember, ofPeople, privileges, qualifiedName, withComment } from "./family.ts";
import type { PrivilegeColumns } from "./grants.ts";
import { grantsOf } from "./grants.ts";

interface TypeRow extends PrivilegeColumns {
  readonly oid: number;
  readonly relation: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: "e" | "d" | "c" | "r";
  readonly labels: readonly string[] | null;
  readonly base: string | null;
  readonly collation: string | null;
  readonly default_expression: string | null;
  readonly not_null: boolean;
  readonly range: string | null;
  readonly description: string | null;
}

const functionName = (oid: string): string => `nullif(${oid}::regproc::text, '-')`;

/** The parts of CREATE TYPE … AS RANGE that are not their defaults, and the name of the multirange. */
const rangeText = `
  (select concat_ws(', ', 'SUBTYPE = ' || format_type(r.rngsubtype, null),
      'SUBTYPE_OPCLASS = ' || case when not o.opcdefault then ${qualifiedName("onsp.nspname", "o.opcname")} end,
      'COLLATION = ' || case when r.rngcollation <> st.typcollation then r.rngcollation::regcollation::text end,
      'CANONICAL = ' || ${functionName("r.rngcanonical")}, 'SUBTYPE_DIFF = ' || ${functionName("r.rngsubdiff")},
      'MULTIRANGE_TYPE_NAME = ' || format_type(r.rngmultitypid, null))
    from pg_range r join pg_opclass o on o.oid = r.rngsubopc join pg_namespace onsp on onsp.oid = o.opcnamespace join pg_type st on st.oid = r.rngsubtype
    where r.rngtypid = t.oid)`;

const query = (): string => `
  select t.oid, t.typrelid as relation, n.nspname as schema, t.typname as name, t.typtype as kind,
    case when t.typtype = 'e' then array(select l.enumlabel::text from pg_enum l where l.enumtypid = t.oid order by l.enumsortorder) end as labels,
    case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end as base,
    ${qualifiedName("kn.nspname", "k.collname")} as collation,
    case when t.typtype = 'd' then coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)) end as default_expression, t.typnotnull as not_null,
    case when t.typtype = 'r' then ${rangeText} end as range,
    d.description, ${privileges("t.typacl", "T", "t.typowner")}
  from pg_type t
  join pg_namespace n on n.oid = t.typnamespace
  left join pg_class c on c.oid = t.typrelid
  left join pg_type b on b.oid = t.typbasetype
  left join pg_collation k on t.typtype = 'd' and k.oid = t.typcollation and t.typcollation <> b.typcollation
  left join pg_namespace kn on kn.oid = k.collnamespace
  ${withComment("pg_type", "t.oid")}
  where t.typtype in ('e', 'd', 'c', 'r') and (t.typtype <> 'c' or c.relkind = 'c') and ${ofPeople} and ${noMember("pg_type", "t.oid")}
  order by 3, 4`;

function definitionOf(draft: Draft, row: TypeRow): TypeDefinition {
  switch (row.kind) {
    case "e":
      return { kind: "enum", labels: row.labels ?? [] };
    case "r":
      return { kind: "range", definition: row.range ?? "" };
    case "c": {
      const attributes: { name: string; type: string; collation: string | null }[] = [];
      draft.composites.set(row.relation, attributes);
      return { kind: "composite", attributes };
    }
    case "d": {
      const constraints: { name: string; definition: string; validated: boolean }[] = [];
      draft.domains.set(row.oid, constraints);
      return { kind: "domain", type: row.base ?? "", collation: row.collation, default: row.default_expression, notNull: row.not_null, constraints };
    }
  }
}

export const types = family<TypeRow>(query, (draft, row) => {
  put(draft.types, {
    name: { schema: row.schema, name: row.name },
    definition: definitionOf(draft, row),
    owner: row.owner,
    grants: grantsOf(row),
    comment: row.description,
  });
});

interface DomainConstraintRow {
  readonly domain: number;
  readonly name: string;
  readonly definition: Printed;
  readonly convalidated: boolean;
}

/** A domain's NOT NULL is a row here since 17; it is told by the type itself on every version. */
const domainConstraintQuery = (): string => `
  select k.contypid as domain, k.conname as name, pg_get_constraintdef(k.oid) as definition, k.convalidated
  from pg_constraint k where k.contypid <> 0 and k.contype = 'c' order by 1, 2`;

export const domainConstraints = family<DomainConstraintRow>(domainConstraintQuery, (draft, row) => {
  if (row.definition === null) return;
  draft.domains.get(row.domain)?.push({ name: row.name, definition: row.definition.replace(/ NOT VALID$/, ""), validated: row.convalidated });
});
