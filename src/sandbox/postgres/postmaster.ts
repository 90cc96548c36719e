// One life of one server process: from spawn to exit.
import { spawn } from "node:child_process";
import { close, openSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../../problem.ts";
import { serverAccount, serverEnvironment } from "../account.ts";

/** Where and with what a server process runs. */
export interface Launch {
  /** Full path of `postgres`. */
  readonly program: string;
  readonly dataDirectory: string;
  readonly socketDirectory: string;
  readonly logFile: string;
  readonly port: number;
}

/** A server process that accepts connections. */
export interface Postmaster {
  readonly pid: number;
  readonly running: boolean;
  /** Resolves when the process is gone. */
  exited(): Promise<void>;
  signal(signal: "SIGINT" | "SIGQUIT" | "SIGKILL"): void;
}

/** Recovery after a crash can take a while on a busy machine; a server that takes longer hangs. */
const startTimeoutMs = 120_000;

/**
 * Starts the server and waits until it accepts connections (on a hot standby: reading ones).
 * @throws Problem `sandbox-start` with the end of the log; its `details.portTaken` tells when another port would help.
 */
export async function launch(options: Launch): Promise<Postmaster> {
  const logged = await stat(options.logFile).then(
    (found) => found.size,
    () => 0,
  );
  const postmaster = start(options);
  const deadline = Date.now() + startTimeoutMs;
  // The server's own word for "ready", in its own folder: a connection could reach somebody else's server on that port.
  while (!(await isReady(options.dataDirectory, postmaster.pid))) {
    if (!postmaster.running) throw await startProblem(options, logged, "ended at once");
    if (Date.now() > deadline) {
      postmaster.signal("SIGKILL");
      throw await startProblem(options, logged, `was not ready after ${startTimeoutMs / 1000} s`);
    }
    await sleep(5);
  }
  return postmaster;
}

function start({ program, dataDirectory, socketDirectory, logFile, port }: Launch): Postmaster {
  const log = openSync(logFile, "a");
  const child = spawn(program, ["-D", dataDirectory, "-h", "127.0.0.1", "-p", String(port), "-k", socketDirectory], {
    ...serverAccount(),
    cwd: "/",
    env: serverEnvironment(),
    // A session of its own: Ctrl-C must not shut the server down under a command that is cleaning up.
    detached: true,
    stdio: ["ignore", log, log],
  });
  close(log);
  child.unref();
  let running = true;
  const exited = new Promise<void>((resolve) => {
    const end = (): void => {
      running = false;
      resolve();
    };
    child.once("exit", end);
    child.once("error", end);
  });
  return {
    pid: child.pid ?? -1,
    get running() {
      return running;
    },
    exited() {
      // Only now may the child keep us alive: whoever awaits this must not be ended by an empty event loop.
      if (running) child.ref();
      return exited;
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** Line 1 of the pid file is the process, line 8 its state (src/include/utils/pidfile.h). */
async function isReady(dataDirectory: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(dataDirectory, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  return lines[0] === String(pid) && lines[7]?.trim() === "ready";
}

async function startProblem({ logFile, program }: Launch, from: number, what: string): Promise<Problem> {
  const text = (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(from).toString().trim();
  const end = text.split("\n").slice(-12).join("\n");
  return new Problem({
    code: "sandbox-start",
    message: `The database server ${program} ${what}. Its log ends:\n${end || "(empty)"}`,
    hint: "Look at the last lines of the log above: a setting, a library, a full disk or too little memory stops it.",
    details: { portTaken: text.includes("could not create any TCP/IP sockets") },
  });
}
