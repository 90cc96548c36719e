// Constraints of tables. (Those of domains are with the types.)
import type { Constraint, ConstraintKind } from "../../../schema/model.ts";
import type { Draft, Relation } from "./draft.ts";
import type { Printed } from "./family.ts";
import { family, numbers, ofPeople, withComment } from "./family.ts";

interface ConstraintRow {
  readonly relation: number;
  readonly name: string;
  readonly type: "p" | "u" | "f" | "c" | "x" | "n" | "t";
  readonly definition: Printed;
  readonly convalidated: boolean;
  readonly enforced: boolean;
  readonly condeferrable: boolean;
  readonly conkey: string | null;
  readonly index: string | null;
  readonly target: number;
  readonly confkey: string | null;
  readonly on_delete: string;
  readonly on_update: string;
  readonly inherited: boolean;
  readonly local: boolean;
  readonly description: string | null;
}

/**
 * A foreign key to a partitioned table has one more row for each partition it points at; those are the server's own bookkeeping, told
 * apart by a parent that points elsewhere.
 */
const query = (version: number): string => `
  select k.conrelid as relation, k.conname as name, k.contype as type, pg_get_constraintdef(k.oid) as definition, k.convalidated,
    ${version >= 180000 ? "k.conenforced" : "true"} as enforced, k.condeferrable, k.conkey::text,
    case when k.contype in ('p', 'u', 'x') then i.relname end as index, k.confrelid as target, k.confkey::text, k.confdeltype as on_delete, k.confupdtype as on_update,
    k.coninhcount > 0 or k.conparentid <> 0 as inherited, k.conislocal as local, d.description
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_class i on i.oid = k.conindid
  left join pg_constraint p on p.oid = k.conparentid
  ${withComment("pg_constraint", "k.oid")}
  where ${ofPeople} and c.relpersistence <> 't' and (k.contype <> 'f' or p.oid is null or p.confrelid = k.confrelid)
  order by k.conrelid, k.conname`;

const kinds: Readonly<Record<ConstraintRow["type"], ConstraintKind>> = {
  p: "primary-key",
  u: "unique",
  f: "foreign-key",
  c: "check",
  x: "exclude",
  n: "not-null",
  t: "trigger",
};
const actions: Readonly<Record<string, string>> = { a: "NO ACTION", r: "RESTRICT", c: "CASCADE", n: "SET NULL", d: "SET DEFAULT" };

function referencesOf(draft: Draft, row: ConstraintRow): Constraint["references"] {
  const target = draft.relations.get(row.target);
  if (row.type !== "f" || target === undefined) return null;
  return {
    table: target.name,
    columns: draft.columnsOf(target, numbers(row.confkey)),
    onDelete: actions[row.on_delete] ?? "",
    onUpdate: actions[row.on_update] ?? "",
  };
}

/** What an exclusion's expressions mention is known from its index. */
function columnsOf(draft: Draft, relation: Relation, row: ConstraintRow): readonly string[] {
  if (row.type === "x") return relation.indexes?.find((index) => index.name === row.index)?.mentions ?? [];
  return draft.columnsOf(relation, numbers(row.conkey));
}

function collect(draft: Draft, row: ConstraintRow): void {
  const relation = draft.relations.get(row.relation);
  if (row.definition === null) return;
  relation?.table?.constraints.push({
    name: row.name,
    kind: kinds[row.type],
    columns: columnsOf(draft, relation, row),
    definition: row.convalidated ? row.definition : row.definition.replace(/ NOT VALID$/, ""),
    validated: row.convalidated,
    enforced: row.enforced,
    deferrable: row.condeferrable,
    index: row.index,
    references: referencesOf(draft, row),
    inherited: row.inherited,
    local: row.local,
    comment: row.description,
  });
}

export const constraints = family(query, collect);
