// How a sandbox server is set up unless told otherwise: for tests and throw-away copies.

/** Settings by name, as an option file has them. */
export type Settings = Readonly<Record<string, string>>;

const defaults: Settings = {
  "bind-address": "127.0.0.1",
  // Relative to the data directory: a socket's path may have a hundred characters, and temporary folders can be longer.
  socket: "socket",
  // What a server has that can be replicated and restored; triggers and isolation levels behave differently with it.
  "log-bin": "binlog",
  "binlog-format": "ROW",
  "server-id": "1",
  "character-set-server": "utf8mb4",
  "collation-server": "utf8mb4_general_ci",
  "default-time-zone": "+00:00",
  "max-connections": "200",
  "innodb-buffer-pool-size": "128M",
  "innodb-log-file-size": "16M",
  // A stop must not write what nobody will read, nor a start read it.
  "innodb-buffer-pool-dump-at-shutdown": "OFF",
  "innodb-buffer-pool-load-at-startup": "OFF",
};

/** No wait for the disk: a crash of the machine, not of the server, may then lose data. */
const careless: Settings = {
  "innodb-flush-log-at-trx-commit": "2",
  "innodb-flush-method": "nosync",
  "innodb-doublewrite": "OFF",
  "sync-binlog": "0",
};

/** What a real server does. */
const careful: Settings = { "innodb-flush-log-at-trx-commit": "1", "sync-binlog": "1" };

/** `#` and `;` begin comments in an option file; a backslash escapes. */
const quoted = (value: string): string => `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/**
 * Text of the option file.
 * @param durable False spares the waits for the disk.
 */
export function optionFile(durable: boolean, settings: Settings = {}): string {
  // The two spellings of a name, with `-` and with `_`, are one.
  const given = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name.replaceAll("_", "-"), value]));
  const all: Settings = { ...defaults, ...(durable ? careful : careless), ...given };
  return `[mysqld]\n${Object.entries(all)
    .map(([name, value]) => `${name} = ${quoted(value)}\n`)
    .join("")}`;
}
