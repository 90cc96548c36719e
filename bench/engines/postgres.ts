// PostgreSQL as a server that is measured.
import pg from "pg";
import { type ServerOptions, startServer } from "../../src/sandbox/postgres/server.ts";
import type { Measured } from "../engine.ts";
import { processorMs } from "./schedstat.ts";

/** @param options Defaults to a server that waits for the disk as a real one does. */
export async function measured(major: number, options: Partial<ServerOptions> = { durable: true }): Promise<Measured> {
  const server = await startServer({ major, ...options });
  const client = new pg.Client({ connectionString: server.url(), application_name: "bench" });
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    const file = `/proc/${rows[0]?.pid}/schedstat`;
    return {
      server,
      version: `postgres ${major}`,
      url: server.url(),
      async run(...statements) {
        let last: readonly Record<string, unknown>[] = [];
        for (const statement of statements) last = (await client.query(statement)).rows;
        return last;
      },
      ownClock: () => processorMs(file),
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
