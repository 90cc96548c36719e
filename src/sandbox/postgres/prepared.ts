// A fresh data directory without the second that initdb takes: made once, copied for each server.
import { createHash } from "node:crypto";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../../problem.ts";
import { give, run, serverAccount } from "../account.ts";
import { cached } from "../cache.ts";
import type { Binaries } from "./binaries.ts";

/** macOS has no C.UTF-8. */
const locale = process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8";

const always = ["--username=postgres", "--auth=trust", "--encoding=UTF8", `--locale=${locale}`, "--no-sync", "--no-instructions"];

/**
 * Copies a fresh data directory to a path that does not exist yet.
 * @param initdb More options for initdb; each set of them is prepared once.
 * @throws Problem `sandbox-start` when initdb or the copy fails.
 */
export async function freshDataDirectory(binaries: Binaries, target: string, initdb: readonly string[] = []): Promise<void> {
  const options = [...always, ...initdb];
  const digest = createHash("sha256").update(JSON.stringify(options)).digest("hex").slice(0, 12);
  const prepared = await cached(`data-${binaries.version}-${digest}`, async (folder) => {
    await chmod(folder, 0o700);
    await give(folder, serverAccount());
    await mustRun(join(binaries.bin, "initdb"), [...options, "--pgdata", folder]);
  });
  await mustRun("cp", ["-R", "-p", prepared, target]);
}

async function mustRun(command: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(command, args, serverAccount());
  if (code === 0) return;
  throw new Problem({
    code: "sandbox-start",
    message: `${command} failed while a database server was being prepared: ${(stderr || stdout).trim()}`,
    hint: "Set TMPDIR to a folder with free space that other users may enter (mode 0755 or 1777).",
  });
}
