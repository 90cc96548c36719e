// Is there a pooler in between that hands out another server process for every transaction?
import type pg from "pg";

const pidOf = async (client: pg.Client, before = ""): Promise<number> => {
  const results = (await client.query(`${before}select pg_catalog.pg_backend_pid() as pid`)) as unknown as
    | pg.QueryResult<{ pid: number }>
    | pg.QueryResult<{ pid: number }>[];
  const last = Array.isArray(results) ? results.at(-1) : results;
  return last?.rows[0]?.pid ?? 0;
};

/** Enough to meet a pooler that picks its idle servers at random. */
const rounds = 3;

/**
 * Called only where the announced process number is not the server's, so something is in between. A second client opens a transaction: a
 * transaction pooler gives it the idle server process that was just ours, or gives us another one afterwards.
 *
 * Weakness: a pooler that passes the server's own process number on, or one that keeps many idle servers and picks at random, can
 * look like a session three times in a row.
 */
export async function losesSessions(first: pg.Client, openSecond: () => Promise<pg.Client>): Promise<boolean> {
  const second = await openSecond();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const ours = await pidOf(first);
      const theirs = await pidOf(second, "begin; ");
      // Asking again while the other holds the only server would wait for it.
      if (ours === theirs || (await pidOf(first)) !== ours) return true;
      await second.query("rollback");
    }
    return false;
  } finally {
    await second.end().catch(() => undefined);
  }
}
