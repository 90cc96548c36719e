// Who stands between us and a table's metadata lock. What can be asked for that differs between servers: the best source that is there is
// taken. https://mariadb.com/kb/en/metadata-locking/
import type { ObjectName } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import { join, raw, type Sql, sql } from "../../sql/sql.ts";
import type { Blocker, Row, Session } from "../driver.ts";
import { classify } from "./errors.ts";

/** Locks on a table as the server names them, without its prefix `MDL_`. Each list: what such a lock cannot be granted beside. */
const readers = ["SHARED_NO_READ_WRITE", "EXCLUSIVE"];
const writers = ["SHARED_READ_ONLY", "SHARED_NO_WRITE", ...readers];
const upgrades = ["SHARED_UPGRADABLE", "SHARED_NO_WRITE", ...readers];
const everyoneAtWork = ["SHARED_READ", "SHARED_WRITE", "SHARED_WRITE_LOW_PRIO", "SHARED_READ_ONLY", ...upgrades];
const conflicts: Readonly<Record<string, readonly string[]>> = {
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
const serverMode = (mode: string): string => mode.replace(/ MDL$/, "").replaceAll(" ", "_");
const stepMode = (mode: string): string => `${mode.replace(/^MDL_/, "").replaceAll("_", " ")} MDL`;

interface Wanted {
  readonly table: ObjectName;
  readonly mode: string;
}

/** A source of locks: rows of `thread`, `namespace`, `name`, `mode`. */
interface Source {
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

/** Which there are. The tables of performance_schema exist where it is off too, and are empty. */
async function sources(session: Session): Promise<readonly Source[]> {
  const [row] = await session.query<{ info: string; performance: number | string }>(sql`
    select (select count(*) from information_schema.plugins where plugin_name = 'METADATA_LOCK_INFO' and plugin_status = 'ACTIVE') as info,
      @@performance_schema as performance`);
  return [...(String(row?.performance) === "1" ? [performanceSchema] : []), ...(row?.info === "1" ? [lockInfo] : [])];
}

/** Milliseconds that a connection has been doing, or not doing, what it does; MySQL has whole seconds only. */
const idleMs = raw("/*M! p.time_ms */ /*!50700 p.time * 1000 */");
/** Whole seconds at the start. */
const transactionMs = raw("timestampdiff(microsecond, x.trx_started, sysdate(6)) / 1000");

interface SessionRow extends Record<string, unknown> {
  readonly pid: string;
  readonly user: string | null;
  readonly command: string | null;
  readonly query: string | null;
}

interface LockRow extends SessionRow {
  readonly idle: string | null;
  readonly application: string | null;
  readonly namespace: string;
  readonly name: string;
  readonly mode: string;
}

const stateOf = (command: string | null): string => (command === null ? "" : command === "Sleep" ? "idle in transaction" : "active");

/** Locks that conflict, of others. Who holds one in order to ask for a stronger one has two rows; the stronger is told. */
async function fromLocks(session: Session, source: Source, wanted: readonly Wanted[]): Promise<readonly Blocker[]> {
  const condition = join(
    wanted.map(
      ({ table, mode }) =>
        sql`(l.namespace = ${table.schema} and l.name = ${table.name} and l.mode in (${join((conflicts[serverMode(mode)] ?? conflicts["EXCLUSIVE"] ?? []).map((each) => sql`${each}`))}))`,
    ),
    " or ",
  );
  const rows = await session.query<LockRow>(sql`
    select l.thread as pid, p.user as user, p.command as command, p.info as query, ${idleMs} as idle, ${source.application} as application, l.namespace as namespace, l.name as name, l.mode as mode
    from ${source.from} l left join information_schema.processlist p on p.id = l.thread
    where l.thread <> connection_id() and (${condition})`);
  const ages = await transactionAges(session);
  const strongest = new Map<string, Blocker>();
  const order = Object.keys(conflicts);
  const sorted = [...rows].sort((a, b) => order.indexOf(a.mode) - order.indexOf(b.mode));
  for (const row of sorted) {
    const relation = keyOf({ schema: row.namespace, name: row.name });
    const ageMs = Math.round(ages.get(String(row.pid)) ?? Number(row.idle ?? 0));
    strongest.set(`${row.pid} ${relation}`, { ...blockerOf(row), application: row.application ?? "", ageMs, relation, mode: stepMode(row.mode) });
  }
  return [...strongest.values()];
}

const blockerOf = (row: SessionRow): Omit<Blocker, "ageMs" | "relation" | "mode"> => ({
  pid: Number(row.pid),
  gid: null,
  user: row.user ?? "",
  application: "",
  state: stateOf(row.command),
  query: row.query ?? "",
  maintenance: false,
});

/**
 * By connection; nothing where the right PROCESS is missing. The server answers from a copy that it renews only when nobody has asked for
 * 100 ms, so whoever polls faster reads the same again and again.
 */
async function transactionAges(session: Session): Promise<ReadonlyMap<string, number>> {
  const rows = await orDenied(
    session.query<{ pid: string; age: string }>(sql`select trx_mysql_thread_id as pid, ${transactionMs} as age from information_schema.innodb_trx x`),
  );
  return new Map(rows.map(({ pid, age }) => [String(pid), Number(age)]));
}

async function orDenied<R extends Row>(asked: Promise<readonly R[]>): Promise<readonly R[]> {
  try {
    return await asked;
  } catch (error) {
    if (classify(error) === "denied") return [];
    throw error;
  }
}

/** A transaction or statement that is younger than this is not worth naming where it is not known what it holds. */
const worthNamingMs = 200;

interface TransactionRow extends SessionRow {
  readonly age: string;
}

/**
 * Where the server does not tell who holds what: transactions of others that are old enough, and statements that have run as long. A
 * session that idles under LOCK TABLES is not found this way.
 */
async function fromTransactions(session: Session, wanted: readonly Wanted[]): Promise<readonly Blocker[]> {
  const relation = wanted.map(({ table }) => keyOf(table)).join(", ");
  const may = { relation, mode: "possibly a lock" };
  const transactions = await orDenied(
    session.query<TransactionRow>(sql`
      select x.trx_mysql_thread_id as pid, p.user as user, p.command as command, coalesce(p.info, x.trx_query) as query, ${transactionMs} as age
      from information_schema.innodb_trx x left join information_schema.processlist p on p.id = x.trx_mysql_thread_id
      where x.trx_mysql_thread_id <> connection_id()`),
  );
  const running = await session.query<TransactionRow>(sql`
    select p.id as pid, p.user as user, p.command as command, p.info as query, ${idleMs} as age from information_schema.processlist p
    where p.id <> connection_id() and p.command = 'Query' and coalesce(p.state, '') not like 'Waiting for table metadata lock%'`);
  const known = new Set(transactions.map(({ pid }) => String(pid)));
  const rows = [...transactions, ...running.filter(({ pid }) => !known.has(String(pid)))].filter(({ age }) => Number(age) >= worthNamingMs);
  const prepared = rows.some(({ pid }) => Number(pid) === 0) ? await preparedTransactions(session) : "";
  return rows.map((row) => {
    const blocker = { ...blockerOf(row), ...may, ageMs: Math.round(Number(row.age)) };
    // A prepared transaction (XA) whose connection is gone.
    return blocker.pid === 0 ? { ...blocker, pid: null, gid: prepared, state: "prepared" } : blocker;
  });
}

/** Their names, of which the server does not say which transaction is which. */
async function preparedTransactions(session: Session): Promise<string> {
  const rows = await orDenied(session.query<{ data: string }>(raw("xa recover")));
  // Bytes, as text of the form 0x…
  return rows.map(({ data }) => (/^0x/.test(data) ? Buffer.from(data.slice(2), "hex").toString() : data)).join(", ");
}

/**
 * Oldest first.
 * @param wanted modes as steps name them: `EXCLUSIVE MDL`; an unknown one counts as the strongest.
 */
export async function blockers(session: Session, wanted: readonly Wanted[]): Promise<readonly Blocker[]> {
  if (wanted.length === 0) return [];
  const found = await fromBestSource(session, wanted);
  return [...found].sort((a, b) => b.ageMs - a.ageMs || (a.pid ?? 0) - (b.pid ?? 0));
}

async function fromBestSource(session: Session, wanted: readonly Wanted[]): Promise<readonly Blocker[]> {
  for (const source of await sources(session)) {
    try {
      return await fromLocks(session, source, wanted);
    } catch (error) {
      if (classify(error) !== "denied") throw error;
    }
  }
  return await fromTransactions(session, wanted);
}
