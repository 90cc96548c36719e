// What every session sets, whatever account or server has set before it.
import { quoteLiteral } from "../../dialects/mysql/quoting.ts";

/** Known to MariaDB and MySQL alike. The sort order of comparisons between literals; columns have their own. */
const collation = "utf8mb4_general_ci";

/**
 * What both servers know. `sql_mode`: errors instead of silently other values; literals with backslashes and names in backticks, which our
 * quoting relies on.
 */
const settings: Readonly<Record<string, string>> = {
  sql_mode: quoteLiteral("STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"),
  time_zone: quoteLiteral("+00:00"),
  autocommit: "1",
  // A COMMIT must not open the next transaction.
  completion_type: quoteLiteral("NO_CHAIN"),
  default_storage_engine: quoteLiteral("InnoDB"),
  foreign_key_checks: "1",
  unique_checks: "1",
  sql_safe_updates: "0",
  sql_notes: "1",
  sql_auto_is_null: "0",
  sql_select_limit: "default",
  sql_quote_show_create: "1",
  // The most that MariaDB takes. Longer texts are cut off, with a warning only.
  group_concat_max_len: "1073741824",
  default_week_format: "0",
  div_precision_increment: "4",
  lc_time_names: quoteLiteral("en_US"),
  // Seconds. Each step sets its own; the server's default for locks on tables is a day.
  lock_wait_timeout: "10",
  innodb_lock_wait_timeout: "10",
  // Seconds. A server that is tuned for web applications would end a session that waits while another one works.
  wait_timeout: "28800",
  net_read_timeout: "60",
  net_write_timeout: "600",
};

/** What one of them knows only, in comments that the other skips. A limit of the server's must not cut a backfill short. */
const ofMariadb =
  "/*M!101000 , max_statement_time = 0, idle_transaction_timeout = 0, idle_write_transaction_timeout = 0, idle_readonly_transaction_timeout = 0, check_constraint_checks = 1, explicit_defaults_for_timestamp = 1 */";
const ofMysql = "/*!50708 , max_execution_time = 0 */";

/** Statements that make a fresh connection ours. */
export const applySettings: readonly string[] = [
  `set names utf8mb4 collate ${collation}`,
  // Not `transaction_isolation`, which MariaDB knows from 11.1 on; MySQL has nothing else.
  "set session transaction isolation level read committed, read write",
  `set ${Object.entries(settings)
    .map(([name, value]) => `session ${name} = ${value}`)
    .join(", ")} ${ofMariadb} ${ofMysql}`,
];

/**
 * When the server started, from one statement: both parts count from that statement's own second, so the difference never wavers. A query
 * and not `show status`, as that could fall into the next second.
 */
export const serverStarted =
  "date_format(from_unixtime(unix_timestamp() - (select variable_value from /*M! information_schema */ /*!50700 performance_schema */ .global_status where variable_name = 'Uptime')), '%Y-%m-%dT%H:%i:%sZ')";

/**
 * Text that tells a connection from every later one with its number: the numbers begin again when the server starts, so its start is in it,
 * and the client's port for a server that starts again within a second.
 */
export const startedText = `concat(${serverStarted}, ' from ', host)`;

/** Who this connection is, and what it leads to. */
export const whoAmI = `select id as pid, ${startedText} as started, version() as version from information_schema.processlist where id = connection_id()`;
