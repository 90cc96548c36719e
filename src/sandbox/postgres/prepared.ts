// A fresh data directory without the second that initdb takes: made once, copied for each server.
import { createHash } from "node:crypto";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { give, mustRun, serverAccount } from "../account.ts";
import { cached } from "../cache.ts";
import type { Binaries } from "./binaries.ts";

/** macOS has no C.UTF-8. */
const locale = process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8";

const always = ["--username=postgres", "--auth=trust", "--encoding=UTF8", `--locale=${locale}`, "--no-sync", "--no-instructions"];

/**
 * The folder that fresh data directories are copied from.
 * @param initdb More options for initdb; each set of them is prepared once.
 * @throws Problem `sandbox-start` when initdb fails.
 */
export async function preparedDataDirectory(binaries: Binaries, initdb: readonly string[] = []): Promise<string> {
  const options = [...always, ...initdb];
  const digest = createHash("sha256").update(JSON.stringify(options)).digest("hex").slice(0, 12);
  return await cached(`data-${binaries.version}-${digest}`, async (folder) => {
    await chmod(folder, 0o700);
    await give(folder, serverAccount());
    await mustRun(join(binaries.bin, "initdb"), [...options, "--pgdata", folder]);
  });
}

/**
 * Makes a fresh data directory at a path that does not exist yet.
 * @throws Problem `sandbox-start` when initdb or the copy fails.
 */
export async function freshDataDirectory(binaries: Binaries, target: string, initdb?: readonly string[]): Promise<void> {
  await mustRun("cp", ["-R", "-p", await preparedDataDirectory(binaries, initdb), target]);
}
