// Which columns old code names that new code does not: read from the operations of a run. Pure.

import type { Operation } from "../operations/operation.ts";
import type { Plan } from "../plan/plan.ts";
import type { ObjectName } from "../schema/model.ts";
import { keyOf, parseName } from "../schema/names.ts";

export interface OldColumns {
  readonly table: ObjectName;
  /** Empty where the new shape has taken all their names: then no text tells old code from new. */
  readonly columns: readonly string[];
}

/** The columns that an operation ends under their name; null: none. */
function leaving(operation: Operation): { readonly table: string; readonly columns: readonly string[] } | null {
  switch (operation.kind) {
    case "rename-column":
      return { table: operation.table, columns: [operation.from] };
    case "transform": {
      const taken = new Set(operation.to.map(({ name }) => name));
      return { table: operation.table, columns: operation.from.filter((name) => !taken.has(name)) };
    }
    case "drop-column":
      return { table: operation.table, columns: [operation.column] };
    default:
      return null;
  }
}

/** @param namespace that an unqualified name means. */
export function oldColumns({ migrations }: Plan, namespace: string): readonly OldColumns[] {
  const found = new Map<string, { readonly table: ObjectName; readonly columns: Set<string> }>();
  for (const operation of migrations.flatMap(({ operations }) => operations)) {
    const old = leaving(operation as unknown as Operation);
    if (old === null) continue;
    const table = parseName(old.table, namespace);
    const entry = found.get(keyOf(table)) ?? { table, columns: new Set() };
    found.set(keyOf(table), entry);
    for (const column of old.columns) entry.columns.add(column);
  }
  return [...found.values()].map(({ table, columns }) => ({ table, columns: [...columns] }));
}
