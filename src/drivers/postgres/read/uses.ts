// Which columns views and BEGIN ATOMIC functions depend on.
import type { Use } from "../../../schema/model.ts";
import type { Draft, Open } from "./draft.ts";
import { family, ofPeople } from "./family.ts";

interface UseRow {
  /** The view, or 0. */
  readonly view: number;
  /** The routine, or 0. */
  readonly routine: number;
  readonly relation: number;
  readonly columns: readonly string[];
}

/** A relation is used even where none of its columns is (`select count(*)`): its own row has column 0. */
const query = (): string => `
  select x.view, x.routine, x.relation, array_remove(array_agg(a.attname::text order by a.attnum), null) as columns
  from (
    select r.ev_class as view, 0::oid as routine, u.refobjid as relation, u.refobjsubid as number
    from pg_rewrite r join pg_depend u on u.classid = 'pg_rewrite'::regclass and u.objid = r.oid and u.refclassid = 'pg_class'::regclass and u.refobjid <> r.ev_class
    where r.rulename = '_RETURN' and u.deptype = 'n'
    union
    select 0::oid, p.oid, u.refobjid, u.refobjsubid
    from pg_proc p join pg_depend u on u.classid = 'pg_proc'::regclass and u.objid = p.oid and u.refclassid = 'pg_class'::regclass
    where p.prosqlbody is not null
  ) x
  join pg_class c on c.oid = x.relation
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_attribute a on a.attrelid = x.relation and a.attnum = x.number and x.number > 0
  where ${ofPeople} and c.relkind in ('r', 'p', 'f', 'v', 'm')
  group by x.view, x.routine, x.relation, n.nspname, c.relname
  order by n.nspname, c.relname`;

function collect(draft: Draft, row: UseRow): void {
  const relation = draft.relations.get(row.relation);
  const view = draft.relations.get(row.view)?.view;
  const routine: Open<{ readonly uses: readonly Use[]; readonly body: string | null }> | undefined = draft.routinesById.get(row.routine);
  if (!relation) return;
  const text = view?.definition ?? routine?.body ?? "";
  (view ?? routine)?.uses.push({ name: relation.name, columns: text.includes(".*") ? draft.columnsOf(relation, [0]) : row.columns });
}

export const uses = family(query, collect);
