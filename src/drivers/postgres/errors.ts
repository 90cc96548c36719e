// What an error means for the statement that met it: one table from SQLSTATE (and Node's own codes) to a class.
import { guardState } from "../../dialects/postgres/enact.ts";
import { Problem } from "../../problem.ts";
import type { ErrorClass } from "../driver.ts";

/** Raised by the store's own check when the lease of a run was taken over; class HS is in nobody's use. */
const fencedState = "HS001";

/** The fields of a server error that we read; `pg` sets them on its DatabaseError. */
interface ServerError {
  readonly code?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly errors?: readonly unknown[];
  readonly cause?: unknown;
}

/** Exact states first, then classes of two characters. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const bySqlState: Readonly<Record<string, ErrorClass>> = {
  [fencedState]: "fenced",
  [guardState]: "guard",
  "55P03": "retry", // lock_not_available: lock_timeout or NOWAIT
  "40P01": "retry", // deadlock_detected
  "40001": "retry", // serialization_failure
  "57014": "retry", // query_canceled: our statement_timeout; see userRequest below
  "53300": "retry", // too_many_connections
  "57P03": "retry", // cannot_connect_now: starting up or shutting down
  "40003": "lost", // statement_completion_unknown
  "57P01": "lost", // admin_shutdown, pg_terminate_backend
  "57P02": "lost", // crash_shutdown
  "57P05": "lost", // idle_session_timeout
  "25P03": "lost", // idle_in_transaction_session_timeout ends the connection
  "25P04": "lost", // transaction_timeout ends the connection (17+)
  "08": "lost", // connection exceptions
  "22": "refused", // data exceptions: a bad value
  "23": "refused", // integrity constraint violations
  "44000": "refused", // WITH CHECK OPTION
  P0001: "refused", // RAISE EXCEPTION: a user's trigger or function says no
  "42501": "denied", // insufficient_privilege
  "25006": "denied", // read_only_sql_transaction
  "28": "denied", // invalid authorization
  "0L": "denied", // invalid grantor
  "0P": "denied", // invalid role
};

/** Node's codes for a socket that cannot be opened or has gone. */
const bySocket: ReadonlySet<string> = new Set([
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

/** What `pg` says, without a code, when its socket ended. */
const terminated = /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired)/;

/**
 * A cancel that somebody asked for (Ctrl-C, an administrator) has the same state as a timeout; only the text tells them apart. On a
 * server that speaks another language both read as `retry`, which is bounded by the number of tries.
 */
const userRequest = /user request/;

export const isCancelled = (error: unknown): boolean => {
  const { code = "", message = "" } = fieldsOf(error);
  return code === "57014" && userRequest.test(message);
};

/**
 * A limit that fires at the very end of its statement is forgotten and its cancel is not: the server says "user request" then. Measured on 14
 * and 18: one in a hundred statements that last just as long as they may. Who cancels by hand at that very moment has to do it once more.
 */
export const overLimit = (limitMs: number, cause: unknown): Error =>
  Object.assign(new Error(`The statement was ended, as it had taken longer than ${limitMs} ms`, { cause }), { code: "57014" });

/** Internal errors that two sessions changing one catalog row give each other. They come from elog(), which is never translated. */
const concurrentDdl = /^(tuple concurrently (updated|deleted)|cache lookup failed for|could not open relation with OID)/;

const fieldsOf = (error: unknown): ServerError => (typeof error === "object" && error !== null ? (error as ServerError) : {});

/** The class of an error; a Problem is judged by what caused it. */
export function classify(error: unknown): ErrorClass {
  const { code = "", message = "", errors, cause } = fieldsOf(error);
  if (error instanceof Problem) return cause === undefined ? "fatal" : classify(cause);
  // Node tries every address of a host and reports all failures in one AggregateError.
  if (Array.isArray(errors) && errors.length > 0 && message === "") return classify(errors[0]);
  if (bySocket.has(code) || terminated.test(message)) return "lost";
  if (isCancelled(error)) return "fatal";
  if (code === "XX000" && concurrentDdl.test(message)) return "retry";
  return bySqlState[code] ?? bySqlState[code.slice(0, 2)] ?? "fatal";
}

const alreadySo: ReadonlySet<string> = new Set([
  "42P04", // databases
  "42P06", // schemas
  "42P07", // tables, indexes and views
  "42701", // columns
  "42710", // every other object
  "42723", // functions
  "42P01", // the same, to be dropped
  "42703",
  "42704",
  "42883",
  "3F000",
]);

/** Whether a statement failed because what it makes is there already, or what it takes away is not. */
export const isAlreadySo = (error: unknown): boolean => alreadySo.has(fieldsOf(error).code ?? "");

/** Whether a table or a column that a statement names is not there. */
export const isMissing = (error: unknown): boolean => ["42P01", "42703"].includes(fieldsOf(error).code ?? "");

/** One line for people: message, detail, hint and code of a server error; the plain message of any other. */
export function describe(error: unknown): string {
  const { code, message = "", detail, hint, errors } = fieldsOf(error);
  if (Array.isArray(errors) && errors.length > 0 && message === "") return describe(errors[0]);
  const sentences = [message || String(error), detail, hint].filter((text) => text !== undefined && text !== "");
  const line = sentences
    .map((text) =>
      String(text)
        .replaceAll(/\s+/g, " ")
        .trim()
        .replace(/([^.!?:])$/, "$1."),
    )
    .join(" ");
  return code === undefined || error instanceof Problem ? line : `${line.replace(/\.$/, "")} [${code}]`;
}

/** The SQLSTATE of a server error, or "". */
export const sqlStateOf = (error: unknown): string => {
  const { code = "" } = fieldsOf(error);
  return /^[0-9A-Z]{5}$/.test(code) ? code : "";
};
