// What every session sets, whatever role, database or server has set before it.
import { quoteLiteral } from "../../dialects/postgres/quoting.ts";

/** A server waiting for a lock on behalf of a dead client notices within this time. Some platforms refuse the setting. */
export const checkInterval = "client_connection_check_interval";

/** What decides how the server prints values and names, and so what a definition looks like. */
export const printing: Readonly<Record<string, string>> = {
  DateStyle: "ISO",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  extra_float_digits: "1",
  bytea_output: "hex",
  standard_conforming_strings: "on",
  quote_all_identifiers: "off",
};

/** Names that the server does not know (transaction_timeout below 17) are passed over. */
const settings: Readonly<Record<string, string>> = {
  // Under FORCE ROW LEVEL SECURITY a filtered read would silently skip rows; off makes it an error instead.
  row_security: "off",
  [checkInterval]: "500",
  // Where the client's machine vanishes, its locks are released after about 25 s instead of two hours.
  tcp_keepalives_idle: "10",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "3",
  ...printing,
  // Each step sets its own; a default of the role must neither cut a backfill short nor be relied on.
  statement_timeout: "0",
  lock_timeout: "0",
  transaction_timeout: "0",
  idle_in_transaction_session_timeout: "0",
  idle_session_timeout: "0",
  default_transaction_isolation: "read committed",
};

/**
 * One statement that sets them all for the session.
 * @param without a setting to leave alone.
 * @param backend set nothing unless this is the server process: behind a pooler another client would inherit it.
 */
export function applySettings(purpose: string, options: { readonly without?: string; readonly backend?: number | null }): string {
  const wanted = Object.entries({ ...settings, application_name: `hotstick ${purpose}` }).filter(([name]) => name !== options.without);
  const rows = wanted.map(([name, value]) => `(${quoteLiteral(name)}, ${quoteLiteral(value)})`).join(", ");
  const guard = options.backend === undefined ? "" : ` and pg_catalog.pg_backend_pid() = ${options.backend ?? "null"}`;
  return `select pg_catalog.set_config(s.name, s.value, false) from (values ${rows}) as s(name, value) where pg_catalog.current_setting(s.name, true) is not null${guard}`;
}

/** When a backend started, printed the same way whatever the session's DateStyle and TimeZone. */
export const startedText = "pg_catalog.to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

/**
 * Who this server process is: two statements of one message. A role that `alter role … set role` gives the session may not see when the
 * session of the role it logged in with began; that role may.
 */
export const whoAmI = `set local role none;
select pid, ${startedText} as started from pg_catalog.pg_stat_activity where pid = pg_catalog.pg_backend_pid()`;
