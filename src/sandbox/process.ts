// One life of one server process: from spawn to exit.
import { spawn } from "node:child_process";
import { close, openSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../problem.ts";
import { serverAccount, serverEnvironment } from "./account.ts";

/** How a server process is started, and how it is seen that it works. */
export interface Launch {
  /** Full path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** A folder that the server's account may enter. */
  readonly workingDirectory: string;
  readonly logFile: string;
  /** Called as soon as the process has a number. */
  onStart?(pid: number): void;
  /**
   * The server's own word for "ready", from its own folder: a connection could reach somebody else's server on that port.
   * @param logged What this process has logged so far.
   */
  isReady(pid: number, logged: () => Promise<string>): Promise<boolean>;
  /** What the log says when the port is in use. */
  readonly portTaken: string;
}

/** A server process that accepts connections. */
export interface ServerProcess {
  readonly pid: number;
  readonly running: boolean;
  /** Resolves when the process is gone. */
  exited(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** Recovery after a crash can take a while on a busy machine; a server that takes longer hangs. */
const startTimeoutMs = 120_000;

/**
 * Starts the server and waits until it accepts connections (on a hot standby: reading ones).
 * @throws Problem `sandbox-start` with the end of the log; its `details.portTaken` tells when another port would help.
 */
export async function launch(options: Launch): Promise<ServerProcess> {
  const before = await stat(options.logFile).then(
    (found) => found.size,
    () => 0,
  );
  const server = start(options);
  const deadline = Date.now() + startTimeoutMs;
  while (!(await options.isReady(server.pid, () => logSince(options.logFile, before)))) {
    if (!server.running) throw await startProblem(options, before, "ended at once");
    if (Date.now() > deadline) {
      server.signal("SIGKILL");
      throw await startProblem(options, before, `was not ready after ${startTimeoutMs / 1000} s`);
    }
    await sleep(5);
  }
  return server;
}

function start({ program, args, workingDirectory, logFile, onStart }: Launch): ServerProcess {
  const log = openSync(logFile, "a");
  const child = spawn(program, [...args], {
    ...serverAccount(),
    cwd: workingDirectory,
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
  if (child.pid !== undefined) onStart?.(child.pid);
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

const logSince = async (logFile: string, from: number): Promise<string> =>
  (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(from).toString().trim();

async function startProblem({ logFile, program, portTaken }: Launch, from: number, what: string): Promise<Problem> {
  const text = await logSince(logFile, from);
  const end = text.split("\n").slice(-12).join("\n");
  return new Problem({
    code: "sandbox-start",
    message: `The database server ${program} ${what}. Its log ends:\n${end || "(empty)"}`,
    hint: "Look at the last lines of the log above: a setting, a library, a full disk or too little memory stops it.",
    details: { portTaken: text.includes(portTaken) },
  });
}
