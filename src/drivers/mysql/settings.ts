// What every session sets, whatever account or server has set before it.
import { ofMariadb, ofMysql, ourNames, settings } from "../../dialects/mysql/settings.ts";

const assigned = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `session ${name} = ${value}`)
    .join(", ");

/** Statements that make a fresh connection ours. */
export const applySettings: readonly string[] = [
  `set ${ourNames}`,
  // Not `transaction_isolation`, which MariaDB knows from 11.1 on; MySQL has nothing else.
  "set session transaction isolation level read committed, read write",
  `set ${assigned(settings)} /*M!101000 , ${assigned(ofMariadb)} */ /*!50708 , ${assigned(ofMysql)} */`,
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
