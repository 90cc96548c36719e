// Who stands between us and a table's metadata lock. What can be asked for that differs between servers: the best source that is there is
// taken.
import type { ObjectName } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import { join, raw, type Sql, sql } from "../../sql/sql.ts";
import type { Blocker, Session } from "../driver.ts";
import { answers, orDenied } from "./denied.ts";
import { classify } from "./errors.ts";
import { askForSources, conflicts, type Source, serverMode, sourcesOf, stepMode } from "./metadata-locks.ts";

interface Wanted {
  readonly table: ObjectName;
  readonly mode: string;
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
  const [ages, abandoned] = await transactionAges(session);
  const strongest = new Map<string, Blocker>();
  const order = Object.keys(conflicts);
  const sorted = [...rows].sort((a, b) => order.indexOf(a.mode) - order.indexOf(b.mode));
  for (const row of sorted) {
    const relation = keyOf({ schema: row.namespace, name: row.name });
    const ageMs = Math.round(ages.get(String(row.pid)) ?? Number(row.idle ?? 0));
    strongest.set(`${row.pid} ${relation}`, { ...blockerOf(row), application: row.application ?? "", ageMs, relation, mode: stepMode(row.mode) });
  }
  return [...strongest.values(), ...(await preparedBlockers(session, wanted, abandoned))];
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
 * Ages by connection, and those of prepared transactions (XA) whose connection is gone; nothing where the right PROCESS is missing. The server
 * answers from a copy that it renews only when nobody has asked for 100 ms, so whoever polls faster reads the same again and again.
 */
async function transactionAges(session: Session): Promise<readonly [ages: ReadonlyMap<string, number>, abandoned: readonly number[]]> {
  const rows = await orDenied(
    session.query<{ pid: string; age: string }>(sql`select trx_mysql_thread_id as pid, ${transactionMs} as age from information_schema.innodb_trx x`),
  );
  const [abandoned, others] = [rows.filter(({ pid }) => Number(pid) === 0), rows.filter(({ pid }) => Number(pid) !== 0)];
  return [new Map(others.map(({ pid, age }) => [String(pid), Number(age)])), abandoned.map(({ age }) => Number(age))];
}

/** A transaction or statement that is younger than this is not worth naming where it is not known what it holds. */
const worthNamingMs = 200;

interface TransactionRow extends SessionRow {
  readonly age: string;
}

/** Transactions and running statements of others. */
const othersAtWork: readonly Sql[] = [
  sql`select x.trx_mysql_thread_id as pid, p.user as user, p.command as command, coalesce(p.info, x.trx_query) as query, ${transactionMs} as age
    from information_schema.innodb_trx x left join information_schema.processlist p on p.id = x.trx_mysql_thread_id
    where x.trx_mysql_thread_id <> connection_id()`,
  sql`select p.id as pid, p.user as user, p.command as command, p.info as query, ${idleMs} as age from information_schema.processlist p
    where p.id <> connection_id() and p.command = 'Query' and coalesce(p.state, '') not like 'Waiting for table metadata lock%'`,
];

/**
 * Where the server does not tell who holds what: transactions of others that are old enough, and statements that have run as long. A
 * session that idles under LOCK TABLES is not found this way.
 */
async function fromTransactions(
  session: Session,
  wanted: readonly Wanted[],
  transactions: readonly TransactionRow[],
  running: readonly TransactionRow[],
): Promise<readonly Blocker[]> {
  const known = new Set(transactions.map(({ pid }) => String(pid)));
  const rows = [...transactions, ...running.filter(({ pid }) => !known.has(String(pid)))].filter(({ age }) => Number(age) >= worthNamingMs);
  const [abandoned, present] = [rows.filter(({ pid }) => Number(pid) === 0), rows.filter(({ pid }) => Number(pid) !== 0)];
  return [
    ...present.map((row) => ({ ...blockerOf(row), ...possibly(wanted), ageMs: Math.round(Number(row.age)) })),
    ...(await preparedBlockers(
      session,
      wanted,
      abandoned.map(({ age }) => Number(age)),
    )),
  ];
}

const possibly = (wanted: readonly Wanted[]): Pick<Blocker, "relation" | "mode"> => ({
  relation: wanted.map(({ table }) => keyOf(table)).join(", "),
  mode: "possibly a lock",
});

/**
 * Prepared transactions (XA) whose connection is gone. They hold no metadata lock that anybody tells of, and yet whoever alters their table
 * waits, with everybody else behind, as long as innodb_lock_wait_timeout says; neither max_statement_time nor a KILL ends that wait.
 */
async function preparedBlockers(session: Session, wanted: readonly Wanted[], agesMs: readonly number[]): Promise<readonly Blocker[]> {
  if (agesMs.length === 0) return [];
  const gid = await preparedTransactions(session);
  const nobody = { pid: null, gid, user: "", application: "", state: "prepared", query: "", maintenance: false };
  return agesMs.map((age) => ({ ...nobody, ...possibly(wanted), ageMs: Math.round(age) }));
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
  const [plugin = [], instrument = [], transactions = [], running = []] = await answers(session, [...askForSources, ...othersAtWork]);
  for (const source of sourcesOf(plugin, instrument)) {
    try {
      return await fromLocks(session, source, wanted);
    } catch (error) {
      if (classify(error) !== "denied") throw error;
    }
  }
  return await fromTransactions(session, wanted, transactions as readonly TransactionRow[], running as readonly TransactionRow[]);
}
