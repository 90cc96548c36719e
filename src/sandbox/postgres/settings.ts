// How a sandbox server is set up unless told otherwise: for tests and throw-away copies.

/** Settings by name, as postgresql.conf has them. */
export type Settings = Readonly<Record<string, string>>;

const defaults: Settings = {
  // One transaction that drops or creates a thousand tables must fit; 64 does not hold it.
  max_locks_per_transaction: "512",
  max_connections: "200",
  max_prepared_transactions: "20",
  wal_level: "logical",
  // A replica streams without a slot, so the primary keeps some WAL for it.
  wal_keep_size: "256MB",
  shared_preload_libraries: "pg_stat_statements",
  // In the data directory, so that a server that was killed leaves nothing behind, and a container's 64 MB of /dev/shm do not matter.
  dynamic_shared_memory_type: "mmap",
  log_line_prefix: "%m [%p] %a ",
};

/**
 * Lines for postgresql.conf. They are not given on the command line, because there they would win over ALTER SYSTEM.
 * @param durable False spares the waits for the disk: a crash of the machine, not of the server, may then lose data.
 */
export function settingLines(durable: boolean, settings: Settings = {}): string {
  const all: Settings = { ...defaults, fsync: durable ? "on" : "off", ...settings };
  return Object.entries(all)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join("");
}
