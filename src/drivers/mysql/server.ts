// What the server is.
import { Problem } from "../../problem.ts";
import { join, sql } from "../../sql/sql.ts";
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

const isOn = (value: string | number): boolean => !["", "0", "OFF"].includes(String(value).toUpperCase());

type Value = (name: string) => string;

const globals = async (session: Session, names: readonly string[]): Promise<Value> => {
  // Shown and not selected: not every server has each.
  const list = join(names.map((name) => sql`${name}`));
  const rows = await session.query<{ Variable_name: string; Value: string }>(sql`show global variables where variable_name in (${list})`);
  return (name) => rows.find((row) => row.Variable_name.toLowerCase() === name)?.Value ?? "";
};

const instant = "innodb_instant_alter_column_allowed";

function instantSetting(value: Value): Server["setting"] {
  return value(instant) === "" || value(instant) === "add_drop_reorder"
    ? undefined
    : {
        message: `${instant} is ${value(instant)}: columns cannot come and go without making the table anew, so steps of a run are refused (error 1846)`,
        fix: `As an administrator: set global ${instant} = add_drop_reorder; and the same in the server's option file.`,
      };
}

/** MariaDB can be told to change no columns in an instant; then steps that may make no table anew are refused (error 1846). */
export const settingOf = async (session: Session): Promise<Server["setting"]> => instantSetting(await globals(session, [instant]));

/** Our sessions work in READ COMMITTED. @see https://mariadb.com/kb/en/set-transaction/ */
const logSetting = (value: Value): Server["setting"] =>
  !isOn(value("log_bin")) || value("binlog_format") !== "STATEMENT"
    ? undefined
    : {
        message:
          "binlog_format is STATEMENT: in READ COMMITTED, in which a run works so that it locks no gaps between rows, the server refuses every write (error 1665)",
        fix: "As an administrator: set global binlog_format = ROW; and the same in the server's option file.",
      };

const ofClusters: readonly string[] = ["wsrep_on", "wsrep_provider", "group_replication_group_name"];

function clusterFrom(value: Value): string | undefined {
  if (isOn(value("wsrep_on")) && !/^(none)?$/i.test(value("wsrep_provider"))) return "Galera";
  return value("group_replication_group_name") === "" ? undefined : "group replication";
}

/**
 * Galera, and groups of MySQL: also one with a single primary, since a group takes no rows of tables without a primary key, as archives are.
 * MariaDB names a library even where it is not in use.
 * @see https://mariadb.com/kb/en/galera-cluster-system-variables/ https://dev.mysql.com/doc/refman/8.4/en/group-replication-requirements.html
 */
export const clusterOf = async (session: Session): Promise<string | undefined> => clusterFrom(await globals(session, ofClusters));

/**
 * Reads the server's version, database, account and state.
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
  const value = await globals(session, [...ofClusters, instant, "log_bin", "binlog_format"]);
  const [cluster, setting] = [clusterFrom(value), instantSetting(value) ?? logSetting(value)];
  return {
    ...(cluster === undefined ? {} : { cluster }),
    ...(setting === undefined ? {} : { setting }),
    version,
    product: `${family.product} ${text}`,
    database: row.name ?? "",
    user: row.account,
    namespace: row.name ?? "",
    readOnly: isOn(row.readonly) || isOn(row.innodb),
    pooled: session instanceof MysqlSession && session.pooled,
  };
}
