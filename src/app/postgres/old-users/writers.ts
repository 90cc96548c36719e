// Writers of the old side: the sync trigger counts them from switch on.
import type { Session } from "../../../drivers/driver.ts";
import { homeNamespace, keyOf } from "../../../schema/names.ts";
import { ident, sql } from "../../../sql/sql.ts";
import type { Evidence } from "../../contract.ts";
import type { OldColumns } from "../../old-shape.ts";
import { byCounter, written } from "../../old-traffic.ts";

/** How often old code has written, by table; a table without a counter has no old side to be written. */
export type Writers = ReadonlyMap<string, number>;

export async function sampleWriters(session: Session, run: number, old: readonly OldColumns[]): Promise<Writers> {
  const counters = byCounter(run, old);
  const there = await session.query<{ name: string }>(
    sql`select c.relname as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${homeNamespace} and c.relkind = 'S' and c.relname = any (${[...counters.keys()]}::text[])`,
  );
  const writers = new Map<string, number>();
  for (const { name } of there) {
    const each = counters.get(name);
    const [row] = await session.query<{ count: number }>(
      sql`select case when is_called then last_value else 0 end::float8 as count from ${ident(homeNamespace, name)}`,
    );
    if (each !== undefined) writers.set(keyOf(each.table), row?.count ?? 0);
  }
  return writers;
}

export function compareWriters(before: Writers, after: Writers, seconds: string): readonly Evidence[] {
  return [...after].map(([table, count]) => written(table, count - (before.get(table) ?? 0), seconds, ` (${count} since the switch)`));
}
