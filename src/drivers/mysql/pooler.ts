// Is there a proxy in between that hands out another connection to the server for every transaction, or for what only reads?
import type { Connection } from "mysql2";
import { several } from "./wire.ts";

/** Server and connection. Not the bare function: some proxies answer that one themselves. */
const pidOf = async (connection: Connection, ...before: readonly string[]): Promise<string> => {
  const results = await several(connection, [...before, "select concat(@@server_id, ' ', connection_id() + 0) as pid"].join(";\n"));
  return String(results.at(-1)?.[0]?.["pid"]);
};

/** One that sends what only reads to a replica: what a run looks for there may not have arrived yet, and its connections are not to be found. */
async function splitsReads(connection: Connection): Promise<boolean> {
  const outside = await pidOf(connection);
  const inside = await pidOf(connection, "start transaction read write");
  await several(connection, "rollback");
  return outside !== inside;
}

/** Enough to meet a proxy that picks its idle connections at random. */
const rounds = 3;

/**
 * Called only where the number that was announced is not the server's, so something is in between. A second client opens a transaction: a
 * proxy that multiplexes gives it the connection that was just ours, or gives us another one afterwards.
 *
 * Weakness: a proxy that keeps many idle connections and picks at random can look like a session three times in a row.
 */
export async function losesSessions(first: Connection, openSecond: () => Promise<Connection>): Promise<boolean> {
  if (await splitsReads(first)) return true;
  const second = await openSecond();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const ours = await pidOf(first);
      const theirs = await pidOf(second, "begin");
      // Asking again while the other holds the only connection would wait for it.
      if (ours === theirs || (await pidOf(first)) !== ours) return true;
      await several(second, "rollback");
    }
    return false;
  } finally {
    second.end();
  }
}
