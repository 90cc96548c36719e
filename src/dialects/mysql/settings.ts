// The settings of every session of ours: what a user's own SET is measured by, and set back to.
import { quoteLiteral } from "./quoting.ts";

/** Known to MariaDB and MySQL alike. The sort order is that of comparisons between literals; columns have their own. */
export const ourNames = "names utf8mb4 collate utf8mb4_general_ci";

/**
 * What both servers know. `sql_mode`: errors instead of silently other values; literals with backslashes and names in backticks, which our
 * quoting relies on.
 */
export const settings: Readonly<Record<string, string>> = {
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
  // Rows. DEFAULT would be the server's own, which cuts off what we read of the catalog.
  sql_select_limit: "18446744073709551615",
  // Whatever max_join_size says: the server guesses high at what a batch reads.
  sql_big_selects: "1",
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

/** What MariaDB knows only. A limit of the server's must not cut a backfill short. */
export const ofMariadb: Readonly<Record<string, string>> = {
  max_statement_time: "0",
  idle_transaction_timeout: "0",
  idle_write_transaction_timeout: "0",
  idle_readonly_transaction_timeout: "0",
  check_constraint_checks: "1",
  // It goes before the ALGORITHM that a statement asks for.
  alter_algorithm: quoteLiteral("DEFAULT"),
  explicit_defaults_for_timestamp: "1",
};

/** What MySQL knows only. */
export const ofMysql: Readonly<Record<string, string>> = { max_execution_time: "0" };

/** The value that sessions of ours give to a variable; that of the server where they give none. */
export const ourValue = (name: string): string => settings[name] ?? ofMariadb[name] ?? ofMysql[name] ?? "default";
