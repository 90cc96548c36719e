// Triggers of tables and views. Those behind constraints are the server's own and left out.
import type { Trigger } from "../../../schema/model.ts";
import type { Draft } from "./draft.ts";
import type { Printed } from "./family.ts";
import { family, numbers, ofPeople, withComment } from "./family.ts";

interface TriggerRow {
  readonly relation: number;
  readonly name: string;
  readonly definition: Printed;
  readonly type: number;
  readonly columns: string;
  readonly function_schema: string;
  readonly function_name: string;
  readonly enabled: "O" | "A" | "R" | "D";
  readonly inherited: boolean;
  readonly description: string | null;
}

/** Clones on partitions count as internal before 15; what they clone is then a constraint trigger or belongs to no constraint. */
const query = (): string => `
  select t.tgrelid as relation, t.tgname as name, pg_get_triggerdef(t.oid) as definition, t.tgtype as type, t.tgattr::text as columns,
    pn.nspname as function_schema, p.proname as function_name, t.tgenabled as enabled, t.tgparentid <> 0 as inherited, d.description
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_proc p on p.oid = t.tgfoid
  join pg_namespace pn on pn.oid = p.pronamespace
  left join pg_constraint k on k.oid = t.tgconstraint
  ${withComment("pg_trigger", "t.oid")}
  where ${ofPeople} and c.relpersistence <> 't' and (not t.tgisinternal or (t.tgparentid <> 0 and (t.tgconstraint = 0 or k.contype = 't')))
  order by t.tgrelid, t.tgname`;

/** pg_trigger.tgtype; catalog/pg_trigger.h. */
const bit = { row: 1, before: 2, insert: 4, delete: 8, update: 16, truncate: 32, instead: 64 } as const;
const events = ["insert", "update", "delete", "truncate"] as const;
const enabled = { O: "origin", A: "always", R: "replica", D: "disabled" } as const;

function collect(draft: Draft, row: TriggerRow): void {
  const relation = draft.relations.get(row.relation);
  if (row.definition === null) return;
  const trigger: Trigger = {
    name: row.name,
    definition: row.definition,
    timing: row.type & bit.instead ? "instead of" : row.type & bit.before ? "before" : "after",
    events: events.filter((event) => row.type & bit[event]),
    forEach: row.type & bit.row ? "row" : "statement",
    updateOf: relation ? draft.columnsOf(relation, numbers(row.columns)) : [],
    function: { schema: row.function_schema, name: row.function_name },
    enabled: enabled[row.enabled],
    inherited: row.inherited,
    comment: row.description,
  };
  relation?.triggers?.push(trigger);
}

export const triggers = family(query, collect);
