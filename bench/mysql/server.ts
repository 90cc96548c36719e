// The server that MariaDB is measured on, and how a connection's own work is told from what the server does besides.
import { existsSync, readFileSync } from "node:fs";
import { type Connection, createConnection } from "mysql2/promise";
import { type MariadbServer, startServer } from "../../src/sandbox/mariadb/server.ts";

/** Waits for the disk as a real server does; memory and log have room for a million rows, so that what is measured is no checkpoint. */
export const benchServer = (): Promise<MariadbServer> =>
  startServer({ durable: true, settings: { "innodb-buffer-pool-size": "1G", "innodb-log-file-size": "1G", "binlog-cache-size": "1M" } });

export const benchConnection = (url: string): Promise<Connection> => createConnection({ uri: url, multipleStatements: true });

/** Milliseconds that the whole server has spent on processors, whoever else keeps them busy; null where the kernel does not tell. */
export function serverClock(server: MariadbServer): () => number | null {
  const file = `/proc/${server.pid}/stat`;
  // After the name, which may hold anything, user and system time are fields 12 and 13, in hundredths of a second.
  return () => {
    if (!existsSync(file)) return null;
    const fields = readFileSync(file, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };
}

/** Milliseconds that a connection's thread has spent on a processor; null where the kernel does not tell. */
export async function processorClock(server: MariadbServer, connection: Connection): Promise<() => number | null> {
  const [rows] = await connection.query("select tid from information_schema.processlist where id = connection_id()");
  const tid = (rows as unknown as readonly { readonly tid: number }[])[0]?.tid ?? 0;
  const file = `/proc/${server.pid}/task/${tid}/schedstat`;
  return () => (existsSync(file) ? Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6 : null);
}
