// A MariaDB server of our own, ready in half a second.
import { writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { give, serverAccount } from "../account.ts";
import { onFreePort } from "../port.ts";
import { launch, type ServerProcess } from "../process.ts";
import type { SandboxServer, StopMode } from "../sandbox.ts";
import { watch } from "../watchdog.ts";
import * as admin from "./admin.ts";
import { type Binaries, type BinariesOptions, findBinaries } from "./binaries.ts";
import { freshDataDirectory } from "./prepared.ts";
import { optionFile, type Settings } from "./settings.ts";

/** Which server to start, and how. */
export interface ServerOptions extends BinariesOptions {
  /** Settings of the option file, over the sandbox's defaults. */
  readonly settings?: Settings;
  /** True makes it wait for the disk as a real server does. Defaults to false. */
  readonly durable?: boolean;
  /** Where the server's own folder is made, for data on another disk or in memory. Defaults to the system's temporary folder. */
  readonly folder?: string;
}

/** A running MariaDB: user `root`, no password, only from this machine. */
export interface MariadbServer extends SandboxServer {
  readonly engine: "mariadb";
  readonly binaries: Binaries;
}

/** The server's folder and what is in it. */
interface Place {
  readonly folder: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  /** Written by us as soon as there is a process; the server writes its own only when it is ready. */
  readonly pidFile: string;
  readonly optionFile: string;
}

/**
 * Starts a server on a fresh data directory.
 * @throws Problem `sandbox-missing`, `sandbox-unusable`, `sandbox-folder` or `sandbox-start`.
 */
export async function startServer(options: ServerOptions = {}): Promise<MariadbServer> {
  const binaries = await findBinaries(options);
  const folder = await mkdtemp(join(options.folder ?? tmpdir(), "hotstick-mariadb-"));
  await give(folder, serverAccount());
  const [dataDirectory, logFile, pidFile, file] = [join(folder, "data"), join(folder, "log"), join(folder, "pid"), join(folder, "my.cnf")];
  const place: Place = { folder, dataDirectory, logFile, pidFile, optionFile: file };
  const watchdog = watch({ folder, dataDirectory, pidFile, signal: "KILL" });
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    watchdog.leave();
  };
  try {
    await freshDataDirectory(binaries, dataDirectory);
    await writeFile(file, optionFile(options.durable ?? false, options.settings));
    return await onFreePort(async (port) => serverOf(binaries, place, port, await start(binaries, place, port), remove, watchdog.leave));
  } catch (error) {
    await remove();
    throw error;
  }
}

const start = (binaries: Binaries, { folder, dataDirectory, logFile, pidFile, optionFile: file }: Place, port: number): Promise<ServerProcess> =>
  launch({
    program: binaries.server,
    // The first must be the first. Its files of temporary tables go with the server.
    args: [`--defaults-file=${file}`, `--datadir=${dataDirectory}`, `--port=${port}`, `--tmpdir=${folder}`],
    workingDirectory: dataDirectory,
    logFile,
    onStart: (pid) => writeFileSync(pidFile, String(pid)),
    isReady: async (_, logged) => (await logged()).includes(": ready for connections."),
    portTaken: "Can't start server: Bind on TCP/IP port",
  });

function serverOf(binaries: Binaries, place: Place, port: number, first: ServerProcess, remove: () => Promise<void>, keep: () => void): MariadbServer {
  let server = first;
  const url = (database = "mysql"): string => `mysql://root@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  return {
    engine: "mariadb",
    major: binaries.major,
    binaries,
    port,
    get pid() {
      return server.pid;
    },
    dataDirectory: place.dataDirectory,
    logFile: place.logFile,
    url,
    createDatabase: (name, template) => admin.createDatabase(url(), name, template),
    dropDatabase: (name) => admin.dropDatabase(url(), name),
    async stop(mode = "fast") {
      await halt(server, mode);
      await remove();
    },
    async kill() {
      if (server.running) server.signal("SIGKILL");
      await server.exited();
    },
    async restart(mode = "fast") {
      await halt(server, mode);
      server = await start(binaries, place, port);
    },
    keep,
  };
}

/** A clean shutdown waits for connected replicas and for pages to be written. */
const fastShutdownMs = 15_000;

async function halt(server: ServerProcess, mode: StopMode): Promise<void> {
  if (!server.running) return;
  server.signal(mode === "fast" ? "SIGTERM" : "SIGKILL");
  const escalation = setTimeout(() => server.signal("SIGKILL"), fastShutdownMs);
  await server.exited();
  clearTimeout(escalation);
}
