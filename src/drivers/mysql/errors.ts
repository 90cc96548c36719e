// What an error means for the statement that met it: tables from the server's error number, its SQLSTATE and the library's codes to a class.
import { Problem } from "../../problem.ts";
import type { ErrorClass } from "../driver.ts";

/** Signalled by the store's own check when the lease of a run was taken over. States of class 45 are free for users; 45H is ours. */
export const fencedState = "45H01";
/** Signalled by a guard of a step. */
export const guardState = "45H02";

/** The fields of a server error that we read; `mysql2` sets them. A socket's error has a negative number. */
interface ServerError {
  readonly errno?: number | string;
  readonly code?: string;
  readonly sqlState?: string;
  readonly message?: string;
  readonly errors?: readonly unknown[];
  readonly cause?: unknown;
}

/**
 * By number. https://mariadb.com/kb/en/mariadb-error-code-reference/ and
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html; above 1900 and 3000 the two give one number different
 * meanings, so only those stand here that one of them has, or that mean the same.
 */
const numbers: Readonly<Record<ErrorClass, readonly number[]>> = {
  retry: [
    1205, // lock wait timeout, of rows and of tables; also NOWAIT on MariaDB
    1213, // deadlock
    1614, // XA deadlock
    3058, // deadlock of named locks
    1689, // a wait was ended for somebody's exclusive lock
    1969, // MariaDB: max_statement_time
    3024, // MySQL: max_execution_time
    3572, // MySQL: NOWAIT
    1412, // the table has changed since the snapshot of this transaction
    1020, // the row has changed since the snapshot of this transaction (innodb_snapshot_isolation)
    1615, // a prepared statement must be prepared again
    1637, // too many transactions at once
    3101, // MySQL: a group's certification rolled the transaction back
    1040, // too many connections
    1203, // too many connections of this account
    1226, // a limit of this account is reached
    1135, // no thread can be made
    3032, // MySQL: the server is in offline mode
    3168, // MySQL: the server is starting
    1047, // a cluster's node is not ready
  ],
  lost: [
    1053, // the server shuts down
    1080, // forced close of a thread
    1152, // aborted connection
    1184, // aborted connection, new
    1158, // packets could not be read or written, or not in time
    1159,
    1160,
    1161,
    1927, // MariaDB: killed
    3169, // MySQL: killed
    2006, // a proxy says what a client would: gone away, lost
    2013,
    2055,
  ],
  refused: [
    1048, // null
    1138, // null, met by an ALTER
    1364, // no default
    1022, // duplicates
    1062,
    1169,
    1557,
    1586,
    1761,
    1762,
    1859, // a duplicate, met by an online ALTER
    1216, // foreign keys
    1217,
    1451,
    1452,
    3819, // MySQL: CHECK
    4025, // MariaDB: CHECK
    1369, // WITH CHECK OPTION
    1264, // out of range
    1690,
    1265, // truncated
    1406, // too long
    1292, // a value is wrong for its type
    1366,
    1367,
    1411,
    1441,
    1365, // division by zero
    1416, // geometry
    1526, // no partition for the value
    1748,
    1916, // MariaDB: too large for the type that it becomes, or no such value
    1918,
    3140, // MySQL: JSON
    3141,
    3156,
    3157,
    3854, // MySQL: bytes that are no characters
    1643, // a user's trigger or routine says no
    1644,
    1645,
  ],
  denied: [
    1044, // of database, account, table, column, routine
    1045,
    1142,
    1143,
    1370,
    1698,
    1873,
    1227, // a right of the whole server
    1095, // somebody else's thread
    1129, // this host
    1130,
    1820, // the account's password, lock or encryption
    1862,
    3118,
    3159,
    4151,
    1418, // CREATE TRIGGER or FUNCTION while the binary log is on: SUPER or log_bin_trust_function_creators
    1419,
    1449, // the definer of a trigger, view or routine is gone
    1290, // read_only, secure_file_priv and their like
    1792, // the transaction is read only
    1836,
    1665, // binlog_format = STATEMENT
    1148, // LOAD DATA LOCAL
    3948,
  ],
  fenced: [],
  guard: [],
  fatal: [
    1317, // KILL QUERY: somebody asked for it
    1799, // the log of changes during an online ALTER is full: the next try would be as long, and end the same
  ],
};

const byNumber: ReadonlyMap<number, ErrorClass> = new Map(
  Object.entries(numbers).flatMap(([kind, list]) => list.map((each): [number, ErrorClass] => [each, kind as ErrorClass])),
);

/** For numbers that are not in the table: exact states, then classes of two characters. */
const bySqlState: Readonly<Record<string, ErrorClass>> = {
  "40001": "retry",
  "25006": "denied", // read-only transaction
  "08": "lost",
  "22": "refused",
  "23": "refused",
  "28": "denied",
};

/** The library's and Node's codes for a connection that cannot be made, has gone, or can no longer be understood. */
const byCode: ReadonlySet<string> = new Set([
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_ERROR",
  "PROTOCOL_UNEXPECTED_PACKET",
  "PROTOCOL_PACKETS_OUT_OF_ORDER",
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ERR_STREAM_DESTROYED",
]);

/** What the library says without a code, and MySQL with a number that is something else on MariaDB. */
const gone = /connection is in closed state|disconnected by the server because of inactivity/;

const fieldsOf = (error: unknown): ServerError => (typeof error === "object" && error !== null ? (error as ServerError) : {});

/** The server's number for an error, or 0. */
export const errnoOf = (error: unknown): number => {
  const { errno } = fieldsOf(error);
  return typeof errno === "number" && errno > 0 ? errno : 0;
};

/** Of a statement that we ended ourselves, as it was over its limit. */
const limitCode = "STATEMENT_LIMIT";

const interrupted: ReadonlySet<number> = new Set([
  1317, // KILL QUERY
  1028, // a sort was ended
]);

/** Whether the statement was ended by a KILL QUERY, whoever sent it. */
export const isInterrupted = (error: unknown): boolean => interrupted.has(errnoOf(error)) || fieldsOf(error).code === limitCode;

const alreadySo: ReadonlySet<number> = new Set([
  1007, // databases
  1008,
  1050, // tables and views
  1051,
  1060, // columns
  1061, // indexes
  1068, // the primary key
  1091, // columns, indexes and constraints
  1304, // routines
  1305,
  1359, // triggers
  1360,
  1396, // accounts
  1517, // partitions
  1537, // events
  1539,
  1826, // foreign keys
  3821, // checks of MySQL
  3822,
]);

/** Whether a statement failed because what it makes is there already, or what it takes away is not. InnoDB's own number is in the text. */
export const isAlreadySo = (error: unknown): boolean =>
  alreadySo.has(errnoOf(error)) || (errnoOf(error) === 1005 && /errno: 121\b/.test(fieldsOf(error).message ?? ""));

/** Whether a table or a column that a statement names is not there. */
export const isMissing = (error: unknown): boolean => [1146, 1054].includes(errnoOf(error));

/** What a statement says that we ended: it did nothing, and may pass later. */
export const overLimit = (limitMs: number, cause: unknown): Error =>
  Object.assign(new Error(`The statement was ended, as it had taken longer than ${limitMs} ms`, { cause }), { code: limitCode });

/** The class of an error; a Problem is judged by what caused it. */
export function classify(error: unknown): ErrorClass {
  const { code = "", sqlState = "", message = "", errors, cause } = fieldsOf(error);
  if (error instanceof Problem) return cause === undefined ? "fatal" : classify(cause);
  // Node tries every address of a host and reports all failures in one AggregateError.
  if (Array.isArray(errors) && errors.length > 0 && message === "") return classify(errors[0]);
  if (sqlState === fencedState) return "fenced";
  if (sqlState === guardState) return "guard";
  if (code === limitCode) return "retry";
  if (byCode.has(code) || gone.test(message)) return "lost";
  return byNumber.get(errnoOf(error)) ?? bySqlState[sqlState] ?? bySqlState[sqlState.slice(0, 2)] ?? "fatal";
}

/** One line for people: the message, and the number of a server error or the code of any other. */
export function describe(error: unknown): string {
  const { code, message = "", errors } = fieldsOf(error);
  if (Array.isArray(errors) && errors.length > 0 && message === "") return describe(errors[0]);
  const line = (message || String(error)).replaceAll(/\s+/g, " ").trim();
  const mark = errnoOf(error) || code;
  return error instanceof Problem || mark === undefined ? line.replace(/([^.!?:])$/, "$1.") : `${line.replace(/\.$/, "")} [${mark}]`;
}

/** Classified like what the library says when its socket ended. */
export const lostConnection = (message: string, cause: Error | null): Error =>
  Object.assign(new Error(message, cause === null ? undefined : { cause }), { code: "PROTOCOL_CONNECTION_LOST" });
