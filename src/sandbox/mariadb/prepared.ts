// A fresh data directory without the seconds that mariadb-install-db takes: made once, copied for each server.
import { createHash } from "node:crypto";
import { chmod } from "node:fs/promises";
import { give, mustRun, serverAccount } from "../account.ts";
import { cached } from "../cache.ts";
import type { Binaries } from "./binaries.ts";

const options = [
  // Root without a password from anywhere on this machine; the server listens nowhere else.
  "--auth-root-authentication-method=normal",
  "--skip-test-db",
  // The folder is copied for every server; the default log of 96 MB is most of it.
  "--innodb-log-file-size=16M",
  // Nothing of it is worth waiting for a disk.
  "--innodb-flush-method=nosync",
];

/**
 * The folder that fresh data directories are copied from.
 * @throws Problem `sandbox-start` when mariadb-install-db fails.
 */
export async function preparedDataDirectory(binaries: Binaries): Promise<string> {
  const digest = createHash("sha256").update(JSON.stringify(options)).digest("hex").slice(0, 12);
  return await cached(`mariadb-data-${binaries.version}-${digest}`, async (folder) => {
    await chmod(folder, 0o700);
    await give(folder, serverAccount());
    // A server that starts removes whatever looks like a temporary table from the folder that it shares with others.
    await mustRun(binaries.install, ["--no-defaults", `--datadir=${folder}`, `--tmpdir=${folder}`, ...options]);
  });
}

/**
 * Makes a fresh data directory at a path that does not exist yet.
 * @throws Problem `sandbox-start` when mariadb-install-db or the copy fails.
 */
export async function freshDataDirectory(binaries: Binaries, target: string): Promise<void> {
  await mustRun("cp", ["-R", "-p", await preparedDataDirectory(binaries), target]);
}
