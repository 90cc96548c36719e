// What the store's own errors mean for people.

import { plural } from "../../plural.ts";
import { Problem } from "../../problem.ts";
import type { Holder } from "../store.ts";

interface ServerError {
  readonly errno?: number;
  readonly sqlState?: string;
  readonly message?: string;
}

const fieldsOf = (error: unknown): ServerError => (typeof error === "object" && error !== null ? (error as ServerError) : {});

/** The server's error number; 0 for any other error. https://mariadb.com/kb/en/mariadb-error-codes/ */
export const errnoOf = (error: unknown): number => fieldsOf(error).errno ?? 0;

/** Raised by hotstick.expect. */
const unexpected = "45H04";
const duplicate = 1062;

/** Whether opening was refused because somebody else was there. */
export const isRefused = (error: unknown): boolean => errnoOf(error) === duplicate || fieldsOf(error).sqlState === unexpected;

/** No such database, or no table hotstick.version. */
export const isAbsent = (error: unknown): boolean => errnoOf(error) === 1049 || (errnoOf(error) === 1146 && /\bversion\b/.test(fieldsOf(error).message ?? ""));
/** Unknown column, table or routine, or a table that was made after the snapshot: a store of another version, or half of one. */
export const isOther = (error: unknown): boolean => [1054, 1146, 1305, 1412].includes(errnoOf(error));
/** Access to a database, table, column or routine; a missing privilege. */
export const isDenied = (error: unknown): boolean => [1044, 1142, 1143, 1227, 1370].includes(errnoOf(error));

export const newerStore = (found: number, known: number): Problem =>
  new Problem({
    code: "store-newer",
    message: `This server's Hotstick store has version ${found}; this program knows versions up to ${known}.`,
    hint: "Use the Hotstick version that made it, or a newer one.",
  });

export const deniedStore = (cause: unknown): Problem =>
  new Problem({
    code: "store-denied",
    message: `Hotstick may not use or make its database "hotstick" on this server: ${fieldsOf(cause).message ?? ""}.`,
    hint: "As an administrator, also before the database exists: grant all privileges on hotstick.* to <account>;",
    cause,
  });

/** @param applied how many migrations are recorded. */
export const emptiedDatabase = (database: string, applied: number): Problem =>
  new Problem({
    code: "database-emptied",
    message: `${plural(applied, "migration is", "migrations are")} recorded as applied to the database ${database}, and it has no table any more.`,
    hint: `Restore it. Or, where it was made anew on purpose, let every migration run again: delete from hotstick.migrations where home = '${database.replaceAll("'", "''")}';`,
    subject: { kind: "database", name: database },
    exit: 4,
  });

/** @param bytes of the message that does not get through. @param most what the server takes. */
export const tooLarge = (bytes: number, most: number): Problem =>
  new Problem({
    code: "message-too-large",
    message: `What is to be stored takes ${bytes} bytes, and the server takes messages of up to ${most} bytes (max_allowed_packet).`,
    hint: `As an administrator: set global max_allowed_packet = ${2 ** Math.ceil(Math.log2(bytes + 1))}; and in the server's configuration file. Then run the command again.`,
    details: { bytes, most },
  });

/** How a run is named together with whoever carries it. */
const carriedBy = (run: number, holder: Holder | null): string =>
  `run ${run}, ${holder === null ? "which nobody is carrying now" : `carried by ${holder.name} (pid ${holder.pid})`}`;

export const stalePlan = (cause: unknown): Problem =>
  new Problem({
    code: "plan-stale",
    message: "Another run was opened or closed while this plan was made, so it may not fit the schema any more.",
    hint: "Run the command again.",
    exit: 5,
    cause,
  });

/** What stands in the way of opening a run. */
export interface InTheWay {
  readonly run: number | null;
  readonly holder: Holder | null;
}

export const claimedTable = (table: string, { run, holder }: InTheWay, cause: unknown): Problem =>
  new Problem({
    code: "table-claimed",
    message: `Table ${table} belongs to ${carriedBy(run ?? 0, holder)}.`,
    hint: `Bring that run to its end first: hotstick complete ${run}, or hotstick rollback ${run}.`,
    subject: { kind: "table", name: table },
    exit: 5,
    cause,
    details: { run, holder, state: null },
  });

export const claimedMigration = (name: string, state: string, { run, holder }: InTheWay, cause: unknown): Problem =>
  new Problem({
    code: "migration-claimed",
    message: `Migration ${name} ${state === "applied" ? "is applied already" : `belongs to ${carriedBy(run ?? 0, holder)}`}.`,
    hint: state === "applied" ? "Run the command again: it will see that nothing is left to do." : `See hotstick status ${run}.`,
    subject: { kind: "migration", name },
    exit: 5,
    cause,
    details: { run, holder, state },
  });

export const openRun = (run: number, holder: Holder | null, cause: unknown): Problem =>
  new Problem({
    code: "migration-claimed",
    message: `Run ${run} is open already.`,
    hint: `See hotstick status ${run}.`,
    subject: { kind: "run", name: String(run) },
    exit: 5,
    cause,
    details: { run, holder, state: null },
  });
