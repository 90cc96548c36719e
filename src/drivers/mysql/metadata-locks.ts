// Metadata locks: which exclude each other, and which tables of the server tell of them. https://mariadb.com/kb/en/metadata-locking/
import { type Sql, sql } from "../../sql/sql.ts";
import type { Row, Session } from "../driver.ts";
import { answers } from "./denied.ts";

const readers = ["SHARED_NO_READ_WRITE", "EXCLUSIVE"];
const writers = ["SHARED_READ_ONLY", "SHARED_NO_WRITE", ...readers];
const upgrades = ["SHARED_UPGRADABLE", "SHARED_NO_WRITE", ...readers];
const everyoneAtWork = ["SHARED_READ", "SHARED_WRITE", "SHARED_WRITE_LOW_PRIO", "SHARED_READ_ONLY", ...upgrades];
/** Locks on a table, weakest first, as the server names them without its prefix `MDL_`; each with those that it cannot be granted beside. */
export const conflicts: Readonly<Record<string, readonly string[]>> = {
  SHARED: ["EXCLUSIVE"],
  SHARED_HIGH_PRIO: ["EXCLUSIVE"],
  SHARED_READ: readers,
  SHARED_WRITE: writers,
  SHARED_WRITE_LOW_PRIO: writers,
  SHARED_UPGRADABLE: upgrades,
  SHARED_READ_ONLY: ["SHARED_WRITE", "SHARED_WRITE_LOW_PRIO", ...readers],
  SHARED_NO_WRITE: ["SHARED_WRITE", "SHARED_WRITE_LOW_PRIO", ...upgrades],
  SHARED_NO_READ_WRITE: everyoneAtWork,
  EXCLUSIVE: ["SHARED", "SHARED_HIGH_PRIO", ...everyoneAtWork],
};

/** `EXCLUSIVE MDL`, as steps name it, is `EXCLUSIVE` to the server. */
export const serverMode = (mode: string): string => mode.replace(/ MDL$/, "").replaceAll(" ", "_");
/** The other way; with the server's prefix or without. */
export const stepMode = (mode: string): string => `${mode.replace(/^MDL_/, "").replaceAll("_", " ")} MDL`;

/** A source of locks: rows of `thread`, `namespace`, `name`, `mode`. */
export interface Source {
  readonly from: Sql;
  /** What the program of a connection calls itself. */
  readonly application: Sql;
}

const lockInfo: Source = {
  from: sql`(select thread_id as thread, table_schema as namespace, table_name as name, substring(lock_mode, 5) as mode
    from information_schema.metadata_lock_info where lock_type = 'Table metadata lock')`,
  application: sql`null`,
};

/** With those who wait, which the other source does not have. */
const performanceSchema: Source = {
  from: sql`(select t.processlist_id as thread, m.object_schema as namespace, m.object_name as name, m.lock_type as mode
    from performance_schema.metadata_locks m join performance_schema.threads t on t.thread_id = m.owner_thread_id where m.object_type = 'TABLE')`,
  application: sql`(select max(a.attr_value) from performance_schema.session_connect_attrs a where a.processlist_id = l.thread and a.attr_name = 'program_name')`,
};

/** What tells which sources there are: the plugin, and whether performance_schema looks at these locks. */
export const askForSources: readonly Sql[] = [
  sql`select 1 as yes from information_schema.plugins where plugin_name = 'METADATA_LOCK_INFO' and plugin_status = 'ACTIVE'`,
  // The tables exist where performance_schema is off too, and where it is on but does not look at these locks (MariaDB's default); then they are empty.
  sql`select 1 as yes from performance_schema.setup_instruments where name = 'wait/lock/metadata/sql/mdl' and enabled = 'YES' and @@performance_schema = 1`,
];

/** Which there are, by the rows of both answers; the best first. */
export const sourcesOf = (plugin: readonly Row[], instrument: readonly Row[]): readonly Source[] => [
  ...(instrument.length > 0 ? [performanceSchema] : []),
  ...(plugin.length > 0 ? [lockInfo] : []),
];

/** Which there are, the best first. */
export async function sources(session: Session): Promise<readonly Source[]> {
  const [plugin = [], instrument = []] = await answers(session, askForSources);
  return sourcesOf(plugin, instrument);
}
