// Server processes of ours: is that very one still there, and ending it.
import { raw, sql } from "../../sql/sql.ts";
import type { Backend, Session } from "../driver.ts";
import { sqlStateOf } from "./errors.ts";
import { startedText } from "./settings.ts";

/** True while that very process exists. A start that our role may not see counts as the same: it must not be taken for gone. */
export async function alive(session: Session, backend: Backend): Promise<boolean> {
  const rows = await session.query(sql`
    select 1 from pg_catalog.pg_stat_activity where pid = ${backend.pid} and (backend_start is null or ${raw(startedText)} = ${backend.started})`);
  return rows.length > 0;
}

/** A text that fills the server's room for it may have been cut. */
export async function doing(session: Session, backend: Backend): Promise<string | null> {
  const [row] = await session.query<{ text: string }>(sql`
    select query as text from pg_catalog.pg_stat_activity where pid = ${backend.pid} and ${raw(startedText)} = ${backend.started} and state = 'active'
      and pg_catalog.octet_length(query) < pg_catalog.pg_size_bytes(pg_catalog.current_setting('track_activity_query_size')) - 1`);
  return row?.text ?? null;
}

/** Ends that very process; true also where it is already gone, false where the right to end it, or to be sure it is the one, is missing. */
export async function terminate(session: Session, backend: Backend): Promise<boolean> {
  if (!(await alive(session, backend))) return true;
  try {
    const rows = await session.query<{ done: boolean }>(sql`
      select pg_catalog.pg_terminate_backend(pid) as done from pg_catalog.pg_stat_activity where pid = ${backend.pid} and ${raw(startedText)} = ${backend.started}`);
    const [row] = rows;
    // No row: it ended in between, or its start cannot be seen.
    return row === undefined ? !(await alive(session, backend)) : row.done || !(await alive(session, backend));
  } catch (error) {
    if (sqlStateOf(error) === "42501") return false;
    throw error;
  }
}
