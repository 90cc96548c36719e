// Extended statistics.
import { put } from "./draft.ts";
import type { Printed } from "./family.ts";
import { dependsOn, family, numbers, ofPeople, withComment } from "./family.ts";

interface StatisticsRow {
  readonly schema: string;
  readonly name: string;
  readonly relation: number;
  readonly definition: Printed;
  readonly keys: string;
  readonly mentioned: string;
  readonly target: number | null;
  readonly owner: string;
  readonly description: string | null;
}

const query = (): string => `
  select n.nspname as schema, s.stxname as name, s.stxrelid as relation, pg_get_statisticsobjdef(s.oid) as definition, s.stxkeys::text as keys,
    ${dependsOn("pg_statistic_ext", "s.oid", "s.stxrelid")}::text as mentioned, nullif(s.stxstattarget, -1)::int as target, pg_get_userbyid(s.stxowner) as owner, d.description
  from pg_statistic_ext s
  join pg_namespace n on n.oid = s.stxnamespace
  ${withComment("pg_statistic_ext", "s.oid")}
  where ${ofPeople}
  order by 1, 2`;

export const statistics = family<StatisticsRow>(query, (draft, row) => {
  const relation = draft.relations.get(row.relation);
  if (!relation || row.definition === null) return;
  put(draft.statistics, {
    name: { schema: row.schema, name: row.name },
    table: relation.name,
    definition: row.definition,
    mentions: draft.mentioned(relation, [...numbers(row.keys), ...numbers(row.mentioned)], row.definition),
    target: row.target,
    owner: row.owner,
    comment: row.description,
  });
});
