// Facts about the server itself: what it says under a name, and who replays what it writes.
import { sql } from "../../../sql/sql.ts";
import type { Session } from "../../driver.ts";

/** By name; null where it has no such setting. */
export async function readSettings(session: Session, names: readonly string[]): Promise<Readonly<Record<string, string | null>>> {
  if (names.length === 0) return {};
  const rows = await session.query<{ name: string; value: string | null }>(sql`
    select name, pg_catalog.current_setting(name, true) as value from pg_catalog.jsonb_array_elements_text(${JSON.stringify(names)}::jsonb) as w(name)`);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** Standbys and subscribers; whoever may not read their names sees that they are there. */
export async function readReplicas(session: Session): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>(sql`
    select coalesce(nullif(application_name, ''), 'pid ' || pid) as name from pg_catalog.pg_stat_replication order by 1`);
  return rows.map(({ name }) => name);
}
