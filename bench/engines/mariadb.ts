// MariaDB as a server that is measured.
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { type MariadbServer, startServer } from "../../src/sandbox/mariadb/server.ts";
import type { Measured } from "../engine.ts";
import { processorMs } from "./schedstat.ts";

/** Waits for the disk as a real server does; memory and log have room for a million rows, so that what is measured is no checkpoint. */
export const benchServer = (): Promise<MariadbServer> =>
  startServer({ durable: true, settings: { "innodb-buffer-pool-size": "1G", "innodb-log-file-size": "1G", "binlog-cache-size": "1M" } });

/** That is measured in. */
export const database = "bench";

async function rowsOf(client: Connection, statement: string): Promise<readonly RowDataPacket[]> {
  const [rows] = await client.query<RowDataPacket[]>(statement);
  return Array.isArray(rows) ? rows : [];
}

/** A connection's thread is known to the kernel by the number that the server tells. */
async function threadClock(server: MariadbServer, client: Connection): Promise<() => number | null> {
  const [row] = await rowsOf(client, "select tid as tid from information_schema.processlist where id = connection_id()");
  const file = `/proc/${server.pid}/task/${row?.["tid"]}/schedstat`;
  return () => processorMs(file);
}

export async function measured(): Promise<Measured> {
  const server = await benchServer();
  try {
    await server.createDatabase(database);
    const client = await createConnection({ uri: server.url(database) });
    const [row] = await rowsOf(client, "select version() as version");
    return {
      server,
      version: String(row?.["version"]),
      url: server.url(database),
      async run(...statements) {
        let last: readonly Record<string, unknown>[] = [];
        for (const statement of statements) last = await rowsOf(client, statement);
        return last;
      },
      ownClock: await threadClock(server, client),
      async stop() {
        await client.end();
        await server.stop("immediate");
      },
    };
  } catch (error) {
    await server.stop("immediate");
    throw error;
  }
}
