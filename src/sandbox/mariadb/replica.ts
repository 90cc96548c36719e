// A replica of a sandbox server. Both begin with the same prepared data directory, so the primary's binary log from its first event on is
// all that the replica lacks. https://mariadb.com/kb/en/setting-up-replication/
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { Problem } from "../../problem.ts";
import { withClient } from "./admin.ts";
import { type MariadbServer, type ServerOptions, startServer } from "./server.ts";

/** A read-only server that follows another. Stop it before its primary. */
export interface Replica extends MariadbServer {
  /** Waits until everything that is written on the primary now can be read here. */
  catchUp(timeoutMs?: number): Promise<void>;
  /** Stops applying changes; they are still received. */
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
}

const defaultCatchUpMs = 30_000;

/** The name of the first file, as the sandbox's settings call the log. */
const firstLog = "binlog.000001";

const rowOf = async (client: Connection, statement: string): Promise<RowDataPacket> => {
  const [rows] = await client.query<RowDataPacket[]>(statement);
  const [row] = rows;
  if (row === undefined) throw new Error(`the server gave no row for ${statement}`);
  return row;
};

/**
 * Starts a server that replays the primary's whole binary log, and goes on.
 * @param options Settings of the replica.
 * @throws Problem `sandbox-start` when it does not start.
 */
export async function startReplica(primary: MariadbServer, options: ServerOptions = {}): Promise<Replica> {
  const server = await startServer({
    folder: dirname(dirname(primary.dataDirectory)),
    ...options,
    settings: { "server-id": "2", "read-only": "ON", "log-slave-updates": "ON", ...options.settings },
  });
  try {
    await withClient(server.url(), async (client) => {
      await client.query(
        `change master to master_host = '127.0.0.1', master_port = ${primary.port}, master_user = 'root', master_log_file = '${firstLog}', master_log_pos = 4, master_use_gtid = no, master_connect_retry = 1`,
      );
      await client.query("start slave");
    });
  } catch (error) {
    await server.stop("immediate");
    throw error;
  }
  const ask = async (statement: string): Promise<void> => void (await withClient(server.url(), (client) => client.query(statement)));
  const follow = {
    async catchUp(timeoutMs = defaultCatchUpMs) {
      const { File: file, Position: position } = await withClient(primary.url(), (client) => rowOf(client, "show master status"));
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const state = await withClient(server.url(), (client) => rowOf(client, "show slave status"));
        const [at, done] = [String(state["Relay_Master_Log_File"]), Number(state["Exec_Master_Log_Pos"])];
        if (at > String(file) || (at === String(file) && done >= Number(position))) return;
        const failure = [state["Last_IO_Error"], state["Last_SQL_Error"]].filter((text) => text !== "").join(" ");
        if (Date.now() > deadline)
          throw new Problem({
            code: "sandbox-replica",
            message: `The replica has not reached ${file} ${position} after ${timeoutMs} ms. ${failure}`.trim(),
            hint: `Read its log: ${server.logFile}`,
          });
        await sleep(5);
      }
    },
    pauseReplay: () => ask("stop slave sql_thread"),
    resumeReplay: () => ask("start slave sql_thread"),
  };
  // Not a spread: the server's pid is read anew each time.
  return Object.assign(server, follow);
}
