// What views say. On its own, because printing a view locks every table in it until the end of the (sub)transaction.
import type { Family, Printed } from "./family.ts";
import { family, ofPeople } from "./family.ts";

interface DefinitionRow {
  readonly view: number;
  readonly definition: Printed;
}

/** Views printed in one go: their locks must leave room in a lock table sized for 64 per connection. */
const perPart = 500;

/** As many queries as the number of views asks for, each to be followed by a rollback to its savepoint. */
export function viewDefinitions(count: number): readonly Family[] {
  const parts = Math.ceil(count / perPart);
  return Array.from({ length: parts }, (_, part) =>
    family<DefinitionRow>(
      () => `
  select c.oid as view, pg_get_viewdef(c.oid) as definition
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('v', 'm') and c.relpersistence <> 't' and ${ofPeople} and c.oid::int8 % ${parts} = ${part}`,
      (draft, row) => {
        const view = draft.relations.get(row.view)?.view;
        if (view && row.definition !== null) view.definition = row.definition;
      },
    ),
  );
}
