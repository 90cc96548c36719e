// Rewrite rules of tables and views; a view's own `_RETURN` is its definition and left out.
import type { Printed } from "./family.ts";
import { family, ofPeople } from "./family.ts";

interface RuleRow {
  readonly relation: number;
  readonly name: string;
  readonly definition: Printed;
  readonly enabled: "O" | "A" | "R" | "D";
}

const query = (): string => `
  select r.ev_class as relation, r.rulename as name, pg_get_ruledef(r.oid) as definition, r.ev_enabled as enabled
  from pg_rewrite r
  join pg_class c on c.oid = r.ev_class
  join pg_namespace n on n.oid = c.relnamespace
  where r.rulename <> '_RETURN' and ${ofPeople} and c.relpersistence <> 't'
  order by r.ev_class, r.rulename`;

const enabled = { A: "always", R: "replica", D: "disabled" } as const;

export const rules = family<RuleRow>(query, (draft, row) => {
  if (row.definition === null) return;
  draft.relations
    .get(row.relation)
    ?.rules?.push({ name: row.name, definition: row.definition, ...(row.enabled === "O" ? {} : { enabled: enabled[row.enabled] }) });
});
