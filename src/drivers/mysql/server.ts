// What the server is.
import { Problem } from "../../problem.ts";
import { sql } from "../../sql/sql.ts";
import type { Server, Session } from "../driver.ts";
import { MysqlSession } from "./session.ts";

/** The oldest series whose rules we know, by product. Debian's 10.11 is the one that is tested. */
const oldest = [
  { product: "MariaDB", version: 101_100, text: "10.11" },
  { product: "MySQL", version: 80_000, text: "8.0" },
] as const;

interface ServerRow extends Record<string, unknown> {
  readonly banner: string;
  readonly comment: string;
  readonly name: string | null;
  readonly account: string;
  readonly readonly: string | number;
  readonly innodb: string | number;
}

/** `10.11.19-MariaDB-0+deb12u1-log` is 101119, `8.4.3` is 80403: from 100000 on it is MariaDB. */
export function versionOf(banner: string): { readonly version: number; readonly text: string } {
  const [text = "", major = 0, minor = 0, patch = 0] = /(\d+)\.(\d+)\.(\d+)/.exec(banner) ?? [];
  return { version: Number(major) * 10_000 + Number(minor) * 100 + Number(patch), text };
}

const isOn = (value: string | number): boolean => !["0", "OFF"].includes(String(value).toUpperCase());

/**
 * Reads the server's version, database, account and state in one query.
 * @throws Problem `server-too-old`.
 */
export async function readServer(session: Session): Promise<Server> {
  const [row] = await session.query<ServerRow>(sql`
    select version() as banner, @@version_comment as comment, database() as name, current_user() as account, @@global.read_only as readonly, @@global.innodb_read_only as innodb`);
  if (row === undefined) throw new Error("the server gave no row for a query that always has one");
  const { version, text } = versionOf(row.banner);
  const family = /mariadb/i.test(`${row.banner} ${row.comment}`) ? oldest[0] : oldest[1];
  if (version < family.version) {
    throw new Problem({
      code: "server-too-old",
      message: `${family.product} ${text} is older than ${family.product} ${family.text}.`,
      hint: `Hotstick works on ${oldest.map((each) => `${each.product} ${each.text}`).join(" and ")} and newer; upgrade the server first.`,
    });
  }
  return {
    version,
    product: `${family.product} ${text}`,
    database: row.name ?? "",
    user: row.account,
    namespace: row.name ?? "",
    readOnly: isOn(row.readonly) || isOn(row.innodb),
    pooled: session instanceof MysqlSession && session.pooled,
  };
}
