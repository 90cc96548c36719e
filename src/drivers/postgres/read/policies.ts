// Row security policies.
import type { Draft } from "./draft.ts";
import { dependsOn, family, numbers, ofPeople, withComment } from "./family.ts";

interface PolicyRow {
  readonly relation: number;
  readonly name: string;
  readonly command: string;
  readonly permissive: boolean;
  readonly roles: readonly string[];
  readonly using_expression: string | null;
  readonly check_expression: string | null;
  readonly mentioned: string;
  readonly description: string | null;
}

const query = (): string => `
  select p.polrelid as relation, p.polname as name, p.polcmd as command, p.polpermissive as permissive,
    array(select case r when 0 then 'public' else pg_get_userbyid(r) end from unnest(p.polroles) r order by 1)::text[] as roles,
    pg_get_expr(p.polqual, p.polrelid) as using_expression, pg_get_expr(p.polwithcheck, p.polrelid) as check_expression,
    ${dependsOn("pg_policy", "p.oid", "p.polrelid")}::text as mentioned, d.description
  from pg_policy p
  join pg_class c on c.oid = p.polrelid
  join pg_namespace n on n.oid = c.relnamespace
  ${withComment("pg_policy", "p.oid")}
  where ${ofPeople}
  order by p.polrelid, p.polname`;

const commands: Readonly<Record<string, string>> = { r: "select", a: "insert", w: "update", d: "delete", "*": "all" };

function collect(draft: Draft, row: PolicyRow): void {
  const relation = draft.relations.get(row.relation);
  if (!relation) return;
  relation.table?.policies.push({
    name: row.name,
    command: commands[row.command] ?? row.command,
    permissive: row.permissive,
    roles: row.roles,
    using: row.using_expression,
    check: row.check_expression,
    mentions: draft.mentioned(relation, numbers(row.mentioned), `${row.using_expression ?? ""} ${row.check_expression ?? ""}`),
    comment: row.description,
  });
}

export const policies = family(query, collect);
