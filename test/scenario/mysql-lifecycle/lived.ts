// Carries operations through their phases on a real MariaDB, below the use cases, and says what its tables look like.
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import { type Lifecycle, type LifecycleOptions, lifecycleOf as ofUrl, planOf } from "../../harness/lifecycle.ts";
import { here, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { asPart } from "../../harness/part.ts";

export type Lived = Lifecycle;

/** A database by its name and URL. */
type Place = Pick<MariadbDatabase, "name" | "url">;

export async function planned({ url }: Place, operations: readonly Operation[], options: LifecycleOptions = {}) {
  const session = await mysqlDriver({ url }).connect({ purpose: "plan" });
  try {
    return await planOf(session, url, operations, options);
  } finally {
    await session.close();
  }
}

/** Opens a run of the operations. @throws Error where the plan is refused. */
export const lifecycleOf = ({ url }: Place, operations: readonly Operation[], options: LifecycleOptions = {}): Promise<Lived> =>
  ofUrl(url, operations, { ...options, carry: { pauseMs: 50, ...options.carry } });

/** A database of its own with these tables. */
export const stage = (create: string, work: (db: MariadbDatabase) => Promise<void>): Promise<void> =>
  asPart(async (part) => {
    const db = await mariadbDatabaseFor(part);
    await db.rows(create);
    await work(db);
  });

export interface Picture {
  readonly create: string;
  readonly rows: readonly Record<string, unknown>[];
  readonly triggers: readonly unknown[];
}

const sorted = (rows: readonly Record<string, unknown>[]) => rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** MySQL shows whether a column's collation was said or is its table's, which makes no other column. */
const withoutTheTables = (create: string): string => {
  const [, charset, collation] = /\n\).* DEFAULT CHARSET=(\w+) COLLATE=(\w+)/.exec(create) ?? [];
  return here?.given?.engine === "mysql" ? create.replaceAll(` CHARACTER SET ${charset} COLLATE ${collation}`, "") : create;
};

/** All that a way back must restore. */
export async function look(db: MariadbDatabase, table: string): Promise<Picture> {
  const [row] = await db.rows<Record<string, string>>(`show create table ${table}`);
  return {
    create: withoutTheTables((row?.["Create Table"] ?? "").replace(/ AUTO_INCREMENT=\d+/, "")),
    rows: sorted(await db.rows(`select * from ${table}`)),
    triggers: await db.rows("select trigger_name from information_schema.triggers where trigger_schema = database()"),
  };
}
