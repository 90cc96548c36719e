// Which accounts the server has: what runs with the rights of one that is gone fails with error 1449.
import type { Session } from "../../drivers/driver.ts";
import { classify } from "../../drivers/mysql/errors.ts";
import { account } from "../../drivers/mysql/read/text.ts";
import { sql } from "../../sql/sql.ts";

/** A role is told with an empty host. */
export const accountOf = (definer: string): string => account(definer.replace(/@$/, ""));

/** `user@host`, and `role@`. Null: the accounts are told to administrators only. */
export async function accounts(session: Session): Promise<ReadonlySet<string> | null> {
  try {
    const rows = await session.query<{ name: string }>(sql`select concat(user, '@', host) as name from mysql.user`);
    return new Set(rows.map(({ name }) => name));
  } catch (error) {
    if (classify(error) === "denied") return null;
    throw error;
  }
}
