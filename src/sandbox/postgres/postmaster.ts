// How PostgreSQL's first process is started.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { launch, type ServerProcess } from "../process.ts";

/** Where and with what a server process runs. */
export interface Place {
  /** Full path of `postgres`. */
  readonly program: string;
  readonly dataDirectory: string;
  readonly socketDirectory: string;
  readonly logFile: string;
  readonly port: number;
}

/** Written by the server in its data directory. */
export const pidFileOf = (dataDirectory: string): string => join(dataDirectory, "postmaster.pid");

/**
 * Starts the server and waits until it accepts connections (on a hot standby: reading ones).
 * @throws Problem `sandbox-start`; its `details.portTaken` tells when another port would help.
 */
export const launchPostmaster = ({ program, dataDirectory, socketDirectory, logFile, port }: Place): Promise<ServerProcess> =>
  launch({
    program,
    args: ["-D", dataDirectory, "-h", "127.0.0.1", "-p", String(port), "-k", socketDirectory],
    workingDirectory: "/",
    logFile,
    isReady: (pid) => isReady(dataDirectory, pid),
    portTaken: "could not create any TCP/IP sockets",
  });

/** Line 1 of the pid file is the process, line 8 its state (src/include/utils/pidfile.h). */
async function isReady(dataDirectory: string, pid: number): Promise<boolean> {
  const lines = (await readFile(pidFileOf(dataDirectory), "utf8").catch(() => "")).split("\n");
  return lines[0] === String(pid) && lines[7]?.trim() === "ready";
}
