// What is going on right now and would be in the way.
import type { Session } from "../../../drivers/driver.ts";
import { classify } from "../../../drivers/mysql/errors.ts";
import { raw, sql } from "../../../sql/sql.ts";
import { type Check, good, some, warn } from "../../health.ts";
import { heldGrants, onServer } from "../grants.ts";

/** @param olderThan seconds. */
export const transactions = (olderThan = 60): Check => ({
  title: "long transactions",
  async ask(session) {
    const held = await heldGrants(session);
    if (!held.may("PROCESS", onServer))
      return warn("cannot be seen; a step waits for those that have used its table", `grant process on *.* to ${held.account};`);
    const rows = await session.query<{ pid: string; who: string | null; seconds: string }>(sql`
      select x.trx_mysql_thread_id as pid, p.user as who, timestampdiff(second, x.trx_started, sysdate()) as seconds
      from information_schema.innodb_trx x left join information_schema.processlist p on p.id = x.trx_mysql_thread_id
      where x.trx_mysql_thread_id not in (0, connection_id()) and timestampdiff(second, x.trx_started, sysdate()) >= ${olderThan} order by x.trx_started`);
    const named = rows.map(({ pid, who, seconds }) => `connection ${pid} (${who ?? "?"}, ${seconds} s)`);
    return rows.length === 0
      ? good(`none is older than ${olderThan} s`)
      : warn(
          `${some(named)}: a step that needs a table that one of them has used waits for it; and one that first looks at a table after an index or a rebuild came to it fails with error 1412`,
          "End them, or start when they are done. idle_transaction_timeout ends forgotten ones (MariaDB).",
        );
  },
});

interface Prepared extends Record<string, unknown> {
  readonly formatID: string | number;
  readonly gtrid_length: string | number;
  readonly bqual_length: string | number;
  /** Bytes, as `0x…` where they come so. */
  readonly data: string;
}

/** As XA COMMIT and XA ROLLBACK take it. */
function xidOf({ formatID, gtrid_length, bqual_length, data }: Prepared): string {
  const hex = data.startsWith("0x") ? data.slice(2) : Buffer.from(data, "utf8").toString("hex");
  const end = 2 * Number(gtrid_length);
  return `X'${hex.slice(0, end)}',X'${hex.slice(end, end + 2 * Number(bqual_length))}',${formatID}`;
}

/** Null: MySQL asks for XA_RECOVER_ADMIN. */
async function recovered(session: Session): Promise<readonly Prepared[] | null> {
  try {
    return await session.query<Prepared>(raw("xa recover"));
  } catch (error) {
    if (classify(error) === "denied") return null;
    throw error;
  }
}

/** Of all databases: the server does not say where one has been. */
const prepared: Check = {
  title: "prepared transactions",
  async ask(session) {
    const rows = await recovered(session);
    if (rows === null) return warn("cannot be seen; one that nobody ends holds its locks for ever", "grant xa_recover_admin on *.* to this account.");
    const xids = rows.map(xidOf);
    return rows.length === 0
      ? good("none")
      : warn(
          `${some(xids)} ${rows.length === 1 ? "holds its" : "hold their"} locks until somebody ends ${rows.length === 1 ? "it" : "them"}, over restarts too; a change of a table that was written waits, with everybody behind it`,
          `Ask whoever began it; then: xa commit ${xids[0] ?? ""}; or: xa rollback ${xids[0] ?? ""};`,
        );
  },
};

export const activity: readonly Check[] = [transactions(), prepared];
