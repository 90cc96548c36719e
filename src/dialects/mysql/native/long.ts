// What long work on a table that is in use means for others, by what the server says of itself.
import type { Finding } from "../../../finding.ts";
import type { SizeFact } from "../../../schema/facts.ts";
import type { ObjectName } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import { limitsOf, workMs } from "./limits.ts";
import { loggedRows, type ServerFacts } from "./server.ts";

const count = new Intl.NumberFormat("en-US");

const seconds = (ms: number): string => {
  const whole = Math.max(1, Math.round(ms / 1000));
  return whole < 120 ? `${whole} s` : `${count.format(Math.round(whole / 60))} min`;
};

const megabyte = 1024 * 1024;

/** `about 12,000,000 rows, 3,100 MB, 2 min`. */
export function extent(size: SizeFact | null, way: "copy" | "rebuild"): string {
  if (size === null || size.rows < 0) return "whose size nobody knows";
  const time = seconds(workMs(size, way) ?? 0);
  return `about ${count.format(size.rows)} rows, ${count.format(Math.max(1, Math.round(size.bytes / 1_000_000)))} MB, ${time}`;
}

/** What is done to which table, and how the server that does it stands. */
export interface LongWork {
  /** `"alter table …"`, or a step's title. */
  readonly what: string;
  readonly table: ObjectName;
  readonly size: SizeFact | null;
  readonly way: "copy" | "rebuild";
  readonly server: ServerFacts;
  readonly version: number;
}

/** What others write meanwhile: how much of it the server keeps, and whether that will do. */
function overflow({ size, server, version }: LongWork): { readonly said: string; readonly bytes: number | null } {
  const { errno } = limitsOf(version).onlineLog;
  const [rows, ms] = [loggedRows(server.onlineLog, size), workMs(size, "rebuild")];
  const room = `${count.format(Math.floor(server.onlineLog / megabyte))} MB${rows === null ? "" : ` (about ${count.format(rows)} rows)`}`;
  const kept = `What others write to it meanwhile is kept in a log of ${room}; if it is more it fails (error ${errno}) and nothing has changed.`;
  if (rows === null || ms === null || size === null || server.rowsPerSecond === null) return { said: kept, bytes: null };
  const expected = server.rowsPerSecond * (ms / 1000);
  const said = `${kept} All tables of this server together get about ${count.format(Math.round(server.rowsPerSecond))} written rows a second on average, so about ${count.format(Math.ceil(expected))} meanwhile.`;
  // Twice as much, since an average is often exceeded.
  return { said, bytes: expected > rows ? Math.ceil((2 * expected * (size.bytes / size.rows)) / megabyte) * megabyte : null };
}

/** It is made anew, in place or by an online copy. Refused where, by all that is known, it would fail when most of its work is done. */
export function rebuildsTable(work: LongWork): Finding {
  const { what, table, size, way } = work;
  const log = way === "copy" ? null : overflow(work);
  const wanted = log?.bytes ?? null;
  const raise = `set global innodb_online_alter_log_max_size = ${wanted ?? 2 * work.server.onlineLog}`;
  return {
    rule: "rebuilds-table",
    severity: wanted === null ? "warn" : "refuse",
    acceptable: true,
    subject: { kind: "table", name: keyOf(table) },
    message: `${what} makes ${keyOf(table)} anew while others work (${extent(size, way)}): it needs the space once more, and transactions with an older snapshot fail on the table afterwards (error 1412).${log === null ? "" : ` ${log.said}`}`,
    fix:
      way === "copy"
        ? "Run it while little is written."
        : wanted === null
          ? "Run it while little is written, or raise innodb_online_alter_log_max_size before."
          : `As an administrator before: ${raise}; or run it while less is written, and accept rebuilds-table.`,
  };
}

/** Replicas get it as one statement when it has ended here; nothing where there is none, or where they begin when this server does. */
export function delaysReplicas(work: LongWork): readonly Finding[] {
  const { what, table, size, way, server } = work;
  if (server.binaryLog === null || server.twoPhase || server.replicas?.length === 0) return [];
  const ms = workMs(size, way);
  const who = server.replicas === null ? "Replicas, if there are any (this account may not see them)," : `Replicas (${server.replicas.join(", ")})`;
  return [
    {
      rule: "delays-replicas",
      severity: server.replicas === null ? "note" : "warn",
      subject: { kind: "table", name: keyOf(table) },
      message: `${who} get ${what} on ${keyOf(table)} as one statement when it has ended here, whatever the format of the binary log (${server.binaryLog}), and nothing behind it before it has ended there too: they lag by about as long as it takes${ms === null ? "" : `, up to ${seconds(ms)}`}.`,
      fix: "Run it when nobody needs fresh rows of a replica. On MariaDB replicas begin it together with this server after: set global binlog_alter_two_phase = 1.",
    },
  ];
}
