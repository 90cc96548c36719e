// How a step is put to MariaDB and MySQL: the order of its statements, and which clock limits which of them.
import type { BatchRequest, Dialect, Key, TransactionRequest } from "../dialect.ts";
import { guard } from "./guard.ts";
import { bound } from "./key.ts";
import { quoteName } from "./quoting.ts";

const whole = (ms: number): number => Math.max(0, Math.ceil(ms));
/** Seconds, as MariaDB takes them: with a fraction. 0: no limit. */
const fraction = (ms: number): string => (whole(ms) / 1000).toFixed(3);

/** Longer than anybody waits. The server's own default for locks on tables is a day. */
const longestSeconds = 86_400;
/** Both servers count whole seconds, and what is less than one becomes one. */
const seconds = (ms: number): number => (ms <= 0 ? longestSeconds : Math.min(longestSeconds, Math.max(1, Math.ceil(ms / 1000))));

/**
 * Timeouts of a session, ms; 0: none. What waits for a lock counts whole seconds on both servers, so a statement that only waits and is then
 * done at once is limited as a whole, which MariaDB can; on MySQL the run ends such a statement from another connection.
 * @see https://mariadb.com/kb/en/aborting-statements/
 */
const limits = (lock: number, statement: number): string =>
  `set session lock_wait_timeout = ${seconds(lock)}, session innodb_lock_wait_timeout = ${seconds(lock)} /*M! , session max_statement_time = ${fraction(statement)} */`;

/** For what must not be cut off between being written and being told. */
const unlimited = "set session innodb_lock_wait_timeout = @@session.innodb_lock_wait_timeout /*M! , session max_statement_time = 0 */";

/**
 * Meant for statements that change rows: rows are locked as they are met, and tables by every statement against DDL, so there is nothing to
 * be locked first. DDL among them commits what stands before it; so the journal comes last, and never says done of what was not. The lease
 * is looked at again there, since such a commit lets go of it.
 */
function transaction(request: TransactionRequest): readonly string[] {
  return [
    limits(request.lockTimeout, 0),
    "start transaction",
    request.lease,
    ...(request.holdTimeout > 0 ? [limits(request.lockTimeout, request.holdTimeout)] : []),
    ...request.guards.flatMap(guard),
    ...request.statements,
    ...(request.holdTimeout > 0 ? [unlimited] : []),
    request.lease,
    ...request.journal,
    "commit",
  ];
}

/**
 * Who waits for a row while he holds others is in the next deadlock, and of two the server lets live whoever has changed more: an application
 * would die of ours. So a batch waits for no row. MySQL has no less than a second; there the batch itself locks its rows with NOWAIT first.
 */
const withoutWaiting = "set session innodb_lock_wait_timeout = /*M! 0 */ /*!50700 1 */";

/** Counted at once: every statement sets ROW_COUNT anew. */
function batch(request: BatchRequest): readonly string[] {
  return [
    `${limits(request.lockTimeout, request.statementTimeout)}, session foreign_key_checks = 1`,
    "start transaction",
    request.lease,
    ...(request.apply === null
      ? []
      : [withoutWaiting, request.apply, "set @hotstick_changed = row_count()", `set session innodb_lock_wait_timeout = ${seconds(request.lockTimeout)}`]),
    ...request.journal(request.apply === null ? "0" : "@hotstick_changed"),
    ...(request.statementTimeout > 0 ? [unlimited] : []),
    request.trial ? "rollback" : "commit",
  ];
}

/**
 * A row comparison of several columns is no range of an index here: the first column bounds it, and the rest decides among what is equal.
 */
function bounds(key: Key, values: readonly string[]): { readonly after: string; readonly upto: string } {
  const parts = key.map(({ name, type }, i) => ({ name: quoteName([name]), value: bound(type, values[i] ?? "") }));
  const beyond = (sign: ">" | "<", last: ">" | "<="): string => {
    const from = (at: number): string => {
      const part = parts[at];
      if (part === undefined) throw new TypeError("a key has at least one column");
      if (at === parts.length - 1) return `${part.name} ${last} ${part.value}`;
      return `(${part.name} ${sign} ${part.value} or (${part.name} = ${part.value} and ${from(at + 1)}))`;
    };
    const [first] = parts;
    if (first === undefined || parts.length === 1) return from(0);
    return `(${first.name} ${sign}= ${first.value} and ${from(0)})`;
  };
  return { after: beyond(">", ">"), upto: beyond("<", "<=") };
}

/**
 * Of a copy MariaDB tells the stages; of an ALTER in place one percentage for the whole server, in hundredths. MySQL tells it only where that
 * was switched on for the whole server. @see https://mariadb.com/kb/en/progress-reporting/
 */
const inPlace = "(select variable_value / 100 from information_schema.global_status where variable_name = 'INNODB_ONLINEDDL_PCT_PROGRESS')";
const progress = (pid: number): string => `
  select coalesce(state, '') as doing, cast(/*M! if(max_stage > 0, (stage - 1) * 100 + progress, ${inPlace}) */ /*!50700 null */ as double) as done,
    cast(/*M! if(max_stage > 0, max_stage, 1) * 100 */ /*!50700 null */ as double) as total
  from information_schema.processlist where id = ${whole(pid)} and command <> 'Sleep' and (state like '%alter%' or state like '%copy%' or state like '%index%')`;

/** INPLACE waits a second time at its end; both waits have this word. */
const queued = (pid: number): string => `select 1 as waits from information_schema.processlist where id = ${whole(pid)} and state like 'Waiting for % lock'`;

/**
 * DDL waits for locks of InnoDB's own in two cases: rows of a prepared transaction (XA) whose connection is gone, and writers of a table that
 * references the altered one, which MariaDB keeps out at the end. Neither max_statement_time nor KILL ends that wait, the server counts it in
 * whole seconds, and everybody waits behind it. So only what the budget has in whole seconds is waited, by default none: the statement is sent
 * again. But what has worked long waits a second, since without it the work of hours would be lost to any writer who is there at its end.
 */
const insideSeconds = (lock: number, statement: number): number => Math.max(Math.floor(lock / 1000), statement === 0 ? 1 : 0);

const prelude = ({ lock, statement, alone }: Parameters<Dialect["prelude"]>[0]): readonly string[] => [
  limits(lock, statement),
  ...(alone === true ? [`set session innodb_lock_wait_timeout = ${insideSeconds(lock, statement)}`] : []),
];

export const enact: Pick<
  Dialect,
  "transaction" | "batch" | "bounds" | "progress" | "queued" | "rowChangers" | "messageIsTransaction" | "leavesState" | "prelude"
> = {
  transaction,
  batch,
  bounds,
  progress,
  queued,
  rowChangers: "SHARED READ ONLY MDL",
  messageIsTransaction: false,
  leavesState: () => false,
  prelude,
};
