// Connections of ours: is that very one still there, and ending it.
import { raw, sql } from "../../sql/sql.ts";
import type { Backend, Session } from "../driver.ts";
import { errnoOf } from "./errors.ts";
import { serverStarted, startedText } from "./settings.ts";

const [unknownThread, notTheOwner] = [1094, 1095];

/** What a KILL that may not be refused says of a connection: the text goes to the server as it is, so the number must be one. */
async function killed(session: Session, what: "connection" | "query", { pid }: Backend): Promise<"done" | "gone" | "denied"> {
  if (!Number.isSafeInteger(pid)) throw new TypeError(`${String(pid)} is not a connection's number`);
  try {
    await session.script([`kill ${what} ${pid}`]);
    return "done";
  } catch (error) {
    if (errnoOf(error) === unknownThread) return "gone";
    if (errnoOf(error) === notTheOwner) return "denied";
    throw error;
  }
}

/**
 * True while that very connection exists. Without the right PROCESS an account sees its own connections only; whether somebody else's
 * exists is then told by a KILL QUERY that is refused, which does nothing. One whose start cannot be seen must not be taken for gone.
 */
export async function alive(session: Session, backend: Backend): Promise<boolean> {
  const [row] = await session.query<{ same: number | null; later: number }>(sql`
    select (select ${raw(startedText)} = ${backend.started} from information_schema.processlist where id = ${backend.pid}) as same,
      ${backend.started} not like concat(${raw(serverStarted)}, ' from %') as later`);
  if (row?.same !== null && row?.same !== undefined) return row.same === 1;
  // The server has been started again since.
  if (row?.later === 1) return false;
  return (await killed(session, "query", backend)) !== "gone";
}

/** What was killed is at work until it has noticed, and counts as done with. */
export async function doing(session: Session, backend: Backend): Promise<string | null> {
  const [row] = await session.query<{ text: string | null }>(sql`
    select info as text from information_schema.processlist
    where id = ${backend.pid} and ${raw(startedText)} = ${backend.started} and command in ('Query', 'Execute')`);
  return row?.text ?? null;
}

/** Ends that very connection; true also where it is already gone, false where the right to end it, or to be sure it is the one, is missing. */
export async function terminate(session: Session, backend: Backend): Promise<boolean> {
  const rows = await session.query(sql`
    select 1 as seen from information_schema.processlist where id = ${backend.pid} and ${raw(startedText)} = ${backend.started}`);
  if (rows.length === 0) return !(await alive(session, backend));
  return (await killed(session, "connection", backend)) !== "denied";
}
