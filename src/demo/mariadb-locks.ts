// Who waits for a lock on MariaDB, and for whom.
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { LockSample, LockWait } from "./engine.ts";

/**
 * All sessions at work on the database. The server knows since when a statement runs and not since when it waits, so a wait is said to be as
 * long as its statement, which it never is longer than.
 */
const sessions = `
select id, user, cast(query_id as char) as statement, cast(time_ms as double) as ms, coalesce(state, '') as state, command
from information_schema.processlist where db = database() and id <> connection_id()`;

/** Transactions that wait for rows, with the statement that waits. */
const rowWaits = `
select w.trx_mysql_thread_id as id, cast(p.query_id as char) as statement, h.trx_mysql_thread_id as holder
from information_schema.innodb_lock_waits l join information_schema.innodb_trx w on w.trx_id = l.requesting_trx_id
join information_schema.innodb_trx h on h.trx_id = l.blocking_trx_id join information_schema.processlist p on p.id = w.trx_mysql_thread_id`;

/**
 * The server renews what it tells of transactions only when nobody has asked for 100 ms; whoever asks more often reads the same again and
 * again. So a wait for a row that lasts longer is seen for certain, and from then on it is followed to the end of its statement.
 */
const rowsEveryMs = 110;

/** What Hotstick is on the demo's server; nobody else is. */
const hotstickUser = "root";

interface SessionRow extends RowDataPacket {
  readonly id: number;
  readonly user: string;
  readonly statement: string;
  readonly ms: number;
  readonly state: string;
  readonly command: string;
}

interface RowWait extends RowDataPacket {
  readonly id: number;
  readonly statement: string;
  readonly holder: number;
}

/** Looks at the locks over a connection of its own account. */
export class Locks {
  private readonly connection: Connection;
  private rowWaits: readonly RowWait[] = [];
  private asked = 0;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async look(): Promise<LockSample> {
    if (performance.now() - this.asked >= rowsEveryMs) {
      [this.rowWaits] = await this.connection.query<RowWait[]>(rowWaits);
      this.asked = performance.now();
    }
    const [rows] = await this.connection.query<SessionRow[]>(sessions);
    const hotstick = rows.filter(({ user }) => user === hotstickUser).map(({ id }) => id);
    return { waits: rows.flatMap((row) => this.waitOf(row, hotstick)), hotstick };
  }

  private waitOf({ id, user, statement, ms, state, command }: SessionRow, hotstick: readonly number[]): readonly LockWait[] {
    if (command === "Sleep") return [];
    const wait = { session: id, application: user, ms };
    // Nobody but Hotstick takes a table from others here, so whoever waits for a table waits for one of its sessions.
    if (/^Waiting for .* lock$/.test(state)) return [{ ...wait, table: true, behind: hotstick }];
    const behind = this.rowWaits.filter((row) => row.id === id && row.statement === statement).map(({ holder }) => holder);
    return behind.length === 0 ? [] : [{ ...wait, table: false, behind }];
  }
}
