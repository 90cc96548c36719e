// A PostgreSQL server of our own, ready in well under a second.
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { give, serverAccount } from "../account.ts";
import { onFreePort } from "../port.ts";
import type { ServerProcess } from "../process.ts";
import type { SandboxServer, StopMode } from "../sandbox.ts";
import { watch } from "../watchdog.ts";
import * as admin from "./admin.ts";
import { type Binaries, type BinariesOptions, findBinaries } from "./binaries.ts";
import { launchPostmaster, type Place, pidFileOf } from "./postmaster.ts";
import { freshDataDirectory } from "./prepared.ts";
import { killTree } from "./processes.ts";
import { type Settings, settingLines } from "./settings.ts";

/** Which server to start, and how. */
export interface ServerOptions extends BinariesOptions {
  /** Settings of postgresql.conf, over the sandbox's defaults. */
  readonly settings?: Settings;
  /** True makes it wait for the disk as a real server does (fsync). Defaults to false. */
  readonly durable?: boolean;
  /** Where the server's own folder is made, for data on another disk or in memory. Defaults to the system's temporary folder. */
  readonly folder?: string;
  /** More options for initdb, such as `--no-data-checksums`. */
  readonly initdb?: readonly string[];
}

/** A running PostgreSQL: user `postgres`, no password, only from this machine. */
export interface PostgresServer extends SandboxServer {
  readonly engine: "postgres";
  readonly binaries: Binaries;
}

/**
 * Starts a server on a fresh data directory.
 * @throws Problem `sandbox-missing`, `sandbox-unusable`, `sandbox-folder` or `sandbox-start`.
 */
export async function startServer(options: ServerOptions = {}): Promise<PostgresServer> {
  const binaries = await findBinaries(options);
  const fill = async (dataDirectory: string): Promise<void> => {
    await freshDataDirectory(binaries, dataDirectory, options.initdb);
    await appendFile(join(dataDirectory, "postgresql.conf"), settingLines(options.durable ?? false, options.settings));
  };
  return await startIn(options.folder ?? tmpdir(), binaries, fill);
}

/**
 * Starts a server on the data directory that `fill` makes at the path it is given, in a new folder inside `parent`.
 * @throws Problem `sandbox-start`, and whatever `fill` throws.
 */
export async function startIn(parent: string, binaries: Binaries, fill: (dataDirectory: string) => Promise<void>): Promise<PostgresServer> {
  const folder = await mkdtemp(join(parent, `hotstick-pg${binaries.major}-`));
  await give(folder, serverAccount());
  const dataDirectory = join(folder, "data");
  const logFile = join(folder, "log");
  const watchdog = watch({ folder, dataDirectory, pidFile: pidFileOf(dataDirectory), signal: "QUIT" });
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    watchdog.leave();
  };
  const place = { program: join(binaries.bin, "postgres"), dataDirectory, socketDirectory: folder, logFile };
  try {
    await fill(dataDirectory);
    return await onFreePort(async (port) => serverOf(binaries, { ...place, port }, await launchPostmaster({ ...place, port }), remove, watchdog.leave));
  } catch (error) {
    await remove();
    throw error;
  }
}

function serverOf(binaries: Binaries, place: Place, first: ServerProcess, remove: () => Promise<void>, keep: () => void): PostgresServer {
  const { port, dataDirectory, logFile } = place;
  let postmaster = first;
  const url = (database = "postgres"): string => `postgresql://postgres@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  return {
    engine: "postgres",
    major: binaries.major,
    binaries,
    port,
    get pid() {
      return postmaster.pid;
    },
    dataDirectory,
    logFile,
    url,
    createDatabase: (name, template) => admin.createDatabase(url(), binaries.major, name, template),
    dropDatabase: (name) => admin.dropDatabase(url(), name),
    async stop(mode = "fast") {
      await halt(postmaster, mode);
      await remove();
    },
    async kill() {
      if (postmaster.running) await killTree(postmaster.pid);
      await postmaster.exited();
    },
    async restart(mode = "fast") {
      await halt(postmaster, mode);
      postmaster = await launchPostmaster(place);
    },
    keep,
  };
}

/** A fast shutdown waits for what a replica has not yet received, and a replica that hangs never receives it. */
const fastShutdownMs = 15_000;

async function halt(postmaster: ServerProcess, mode: StopMode): Promise<void> {
  if (!postmaster.running) return;
  postmaster.signal(mode === "fast" ? "SIGINT" : "SIGQUIT");
  const escalation = setTimeout(() => postmaster.signal("SIGQUIT"), fastShutdownMs);
  await postmaster.exited();
  clearTimeout(escalation);
}
