// Who descends from whom: partitions, plain inheritance, and the indexes attached to a parent's.
import type { Draft } from "./draft.ts";
import { family } from "./family.ts";

interface InheritanceRow {
  readonly child: number;
  readonly parent: number;
  readonly bound: string | null;
}

const query = (): string => `
  select i.inhrelid as child, i.inhparent as parent, case when c.relispartition and c.relkind in ('r', 'p', 'f') then pg_get_expr(c.relpartbound, c.oid) end as bound
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  order by i.inhrelid, i.inhseqno`;

function collect(draft: Draft, row: InheritanceRow): void {
  const child = draft.relations.get(row.child)?.table;
  const parent = draft.relations.get(row.parent)?.name;
  if (child && parent) {
    if (row.bound === null) child.inherits.push(parent);
    else child.partitionOf = { parent, bound: row.bound };
  }
  const index = draft.indexes.get(row.child)?.index;
  if (index) index.parent = draft.indexes.get(row.parent)?.name ?? null;
}

export const inheritance = family(query, collect);
