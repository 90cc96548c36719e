// What the server is.
import { Problem } from "../../problem.ts";
import { sql } from "../../sql/sql.ts";
import type { Server, Session } from "../driver.ts";
import { PostgresSession } from "./session.ts";

/** The oldest major that is tested, and the first one that can notice a dead client while it waits for a lock. */
const oldest = 14;

interface ServerRow extends Record<string, unknown> {
  readonly version: number;
  readonly banner: string;
  readonly database: string;
  readonly user: string;
  readonly namespace: string | null;
  readonly readonly: boolean;
}

/** `PostgreSQL 18.4` out of a banner that goes on about compilers and distributions. */
const productOf = (banner: string): string => /^\S+ \S+/.exec(banner)?.[0] ?? banner;

/**
 * Reads the server's version, database, role and state in one query.
 * @throws Problem `server-too-old`.
 */
export async function readServer(session: Session): Promise<Server> {
  const [row] = await session.query<ServerRow>(sql`
    select current_setting('server_version_num')::int as version, version() as banner, current_database()::text as database, current_user::text as user,
      current_schema()::text as namespace, pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool as readonly`);
  if (row === undefined) throw new Error("the server gave no row for a query that always has one");
  if (row.version < oldest * 10_000) {
    throw new Problem({
      code: "server-too-old",
      message: `${productOf(row.banner)} is older than PostgreSQL ${oldest}.`,
      hint: `Hotstick is tested on PostgreSQL ${oldest} and newer; upgrade the server first.`,
    });
  }
  return {
    version: row.version,
    product: productOf(row.banner),
    database: row.database,
    user: row.user,
    // With an empty search_path nothing can be named without its schema; public is what people then mean.
    namespace: row.namespace ?? "public",
    readOnly: row.readonly,
    pooled: session instanceof PostgresSession && session.pooled,
  };
}
