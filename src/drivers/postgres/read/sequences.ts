// Sequences, and what owns them.
import { put } from "./draft.ts";
import { family, noMember, ofPeople, privileges, withComment } from "./family.ts";
import type { PrivilegeColumns } from "./grants.ts";
import { grantsOf } from "./grants.ts";

interface SequenceRow extends PrivilegeColumns {
  readonly schema: string;
  readonly name: string;
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly min: string;
  readonly max: string;
  readonly cache: string;
  readonly cycle: boolean;
  readonly unlogged: boolean;
  readonly owner_schema: string | null;
  readonly owner_table: string | null;
  readonly owner_column: string | null;
  readonly identity: boolean;
  readonly description: string | null;
}

const query = (): string => `
  select n.nspname as schema, c.relname as name, format_type(s.seqtypid, null) as type, s.seqstart as start, s.seqincrement as increment, s.seqmin as min, s.seqmax as max,
    s.seqcache as cache, s.seqcycle as cycle, c.relpersistence = 'u' as unlogged, tn.nspname as owner_schema, t.relname as owner_table, a.attname as owner_column,
    coalesce(u.deptype = 'i', false) as identity, d.description, ${privileges("c.relacl", "s", "c.relowner")}
  from pg_sequence s
  join pg_class c on c.oid = s.seqrelid
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_depend u on u.classid = 'pg_class'::regclass and u.objid = c.oid and u.objsubid = 0 and u.refclassid = 'pg_class'::regclass and u.refobjsubid > 0 and u.deptype in ('a', 'i')
  left join pg_class t on t.oid = u.refobjid
  left join pg_namespace tn on tn.oid = t.relnamespace
  left join pg_attribute a on a.attrelid = u.refobjid and a.attnum = u.refobjsubid
  ${withComment("pg_class", "c.oid")}
  where ${ofPeople} and c.relpersistence <> 't' and ${noMember("pg_class", "c.oid")}
  order by 1, 2`;

export const sequences = family<SequenceRow>(query, (draft, row) => {
  const owned = row.owner_schema !== null && row.owner_table !== null && row.owner_column !== null;
  put(draft.sequences, {
    name: { schema: draft.shared(row.schema), name: row.name },
    type: draft.shared(row.type),
    start: draft.shared(row.start),
    increment: draft.shared(row.increment),
    min: draft.shared(row.min),
    max: draft.shared(row.max),
    cache: draft.shared(row.cache),
    cycle: row.cycle,
    persistence: row.unlogged ? "unlogged" : "permanent",
    ownedBy: owned ? { table: { schema: draft.shared(row.owner_schema), name: row.owner_table }, column: row.owner_column } : null,
    identity: row.identity,
    owner: draft.shared(row.owner),
    grants: grantsOf(row),
    comment: row.description,
  });
});
