// What the server says of itself that decides how a long ALTER goes there.
import { type Facts, type Question, questionKey, type SizeFact } from "../../../schema/facts.ts";
import { limitsOf } from "./limits.ts";

export interface ServerFacts {
  /** What others may write to a table while it is made anew, bytes. */
  readonly onlineLog: number;
  /** Rows of all tables that are written in a second, on average since the server started; null where that says nothing. */
  readonly rowsPerSecond: number | null;
  /** The format of the binary log; null where none is written. */
  readonly binaryLog: string | null;
  /** Who fetches it; null where our account may not see them. */
  readonly replicas: readonly string[] | null;
  /** Replicas begin an ALTER when this server does. @see https://mariadb.com/kb/en/replication-and-binary-log-system-variables/ */
  readonly twoPhase: boolean;
}

const onlineLog = "innodb_online_alter_log_max_size";
/** MySQL counts the rows of tables by these. */
const innodbRows = ["Innodb_rows_inserted", "Innodb_rows_updated", "Innodb_rows_deleted"];
/** MariaDB by these, which leave temporary tables out there. */
const handlerRows = ["Handler_write", "Handler_update", "Handler_delete"];
const names = [onlineLog, "log_bin", "binlog_format", "binlog_alter_two_phase", "Uptime", ...innodbRows, ...handlerRows];

export const serverQuestions: readonly Question[] = [...names.map((name): Question => ({ kind: "setting", name })), { kind: "replicas" }];

/** Seconds. The average of a server that was started a moment ago says nothing of a day. */
const longEnough = 3_600;

export function serverFacts(facts: Facts, version: number): ServerFacts {
  const said = (name: string): string | null => facts.setting[questionKey({ kind: "setting", name })] ?? null;
  const isOn = (name: string): boolean => /^(1|on)$/i.test(said(name) ?? "");
  const counted = (all: readonly string[]): number | null =>
    all.some((name) => said(name) === null) ? null : all.reduce((sum, name) => sum + Number(said(name)), 0);
  const [uptime, rows] = [Number(said("Uptime") ?? 0), counted(innodbRows) ?? counted(handlerRows)];
  return {
    onlineLog: Number(said(onlineLog) ?? limitsOf(version).onlineLog.bytes),
    rowsPerSecond: rows === null || uptime < longEnough ? null : rows / uptime,
    binaryLog: isOn("log_bin") ? said("binlog_format") : null,
    replicas: facts.replicas[questionKey({ kind: "replicas" })] ?? null,
    twoPhase: isOn("binlog_alter_two_phase"),
  };
}

/**
 * Rows that others may write while a table of this size is made anew: the log takes each whole (80 bytes for one of 75, 920 for one of 910,
 * measured on MariaDB 10.11). Null where nobody counted the rows.
 */
export const loggedRows = (bytes: number, size: SizeFact | null): number | null =>
  size === null || size.rows <= 0 ? null : Math.floor(bytes / (size.bytes / size.rows));
