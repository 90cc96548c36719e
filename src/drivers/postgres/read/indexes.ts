// Indexes of tables and materialized views.

import type { Index } from "../../../schema/model.ts";
import type { Draft, Open } from "./draft.ts";
import type { Printed } from "./family.ts";
import { dependsOn, family, noMember, numbers, ofPeople, withComment } from "./family.ts";

interface IndexRow {
  readonly oid: number;
  readonly relation: number;
  readonly schema: string;
  readonly name: string;
  readonly definition: Printed;
  readonly method: string;
  readonly indisunique: boolean;
  readonly indisprimary: boolean;
  readonly indisvalid: boolean;
  readonly indisclustered: boolean;
  readonly indisreplident: boolean;
  readonly indkey: string;
  readonly keys: number;
  readonly mentioned: string | null;
  readonly predicate: string | null;
  readonly constraint: string | null;
  readonly tablespace: string | null;
  readonly description: string | null;
}

const query = (): string => `
  select i.indexrelid as oid, i.indrelid as relation, n.nspname as schema, c.relname as name, pg_get_indexdef(i.indexrelid) as definition, am.amname as method,
    i.indisunique, i.indisprimary, i.indisvalid, i.indisclustered, i.indisreplident, i.indkey::text, i.indnkeyatts::int as keys,
    case when i.indexprs is not null or i.indpred is not null then ${dependsOn("pg_class", "i.indexrelid", "i.indrelid")}::text end as mentioned,
    case when i.indpred is not null then pg_get_expr(i.indpred, i.indrelid) end as predicate, k.conname as constraint, ts.spcname as tablespace, d.description
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_am am on am.oid = c.relam
  left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
  left join pg_tablespace ts on ts.oid = c.reltablespace
  ${withComment("pg_class", "c.oid")}
  where ${ofPeople} and c.relpersistence <> 't' and ${noMember("pg_class", "c.oid")}
  order by i.indrelid, c.relname`;

function collect(draft: Draft, row: IndexRow): void {
  const relation = draft.relations.get(row.relation);
  if (!relation?.indexes || row.definition === null) return;
  const attributes = numbers(row.indkey);
  const nameAt = (number: number): string | null => relation.columns[number] ?? null;
  const index: Open<Index> = {
    name: row.name,
    definition: row.definition,
    method: draft.shared(row.method),
    unique: row.indisunique,
    primary: row.indisprimary,
    valid: row.indisvalid,
    keys: attributes.slice(0, row.keys).map(nameAt),
    includes: attributes
      .slice(row.keys)
      .map(nameAt)
      .filter((name) => name !== null),
    mentions: draft.mentioned(relation, [...attributes, ...numbers(row.mentioned)], row.mentioned === null ? "" : row.definition),
    predicate: row.predicate,
    constraint: row.constraint,
    parent: null,
    clustered: row.indisclustered,
    replicaIdentity: row.indisreplident,
    statistics: [],
    comment: row.description,
    ...(row.tablespace === null ? {} : { tablespace: row.tablespace }),
  };
  relation.indexes.push(index);
  draft.indexes.set(row.oid, { name: { schema: row.schema, name: row.name }, index });
  if (row.indisreplident && relation.table?.replicaIdentity === "index") relation.table.replicaIdentity = `index ${row.name}`;
}

export const indexes = family(query, collect);

interface TargetRow {
  readonly index: number;
  readonly position: number;
  readonly target: number;
}

/** ALTER INDEX … SET STATISTICS; the sign for "not set" changed in 17. */
const targetQuery = (): string => `
  select a.attrelid as index, a.attnum as position, a.attstattarget::int as target
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  where c.relkind in ('i', 'I') and a.attstattarget >= 0 and a.attnum > 0 order by 1, 2`;

/** Statistics targets of index columns: few databases have one. */
export const indexTargets = family<TargetRow>(targetQuery, (draft, row) => {
  draft.indexes.get(row.index)?.index.statistics.push({ position: row.position, target: row.target });
});
