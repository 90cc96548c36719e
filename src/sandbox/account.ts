// Who a server runs as. Database servers refuse root, so root hands them to `nobody`.
import { execFile } from "node:child_process";
import { chown } from "node:fs/promises";
import { Problem } from "../problem.ts";

/** A user and group to run as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** `nobody` on every Linux we know. It needs an entry in passwd: initdb looks its user up. */
const nobody: Account = { uid: 65_534, gid: 65_534 };

/** The account that servers and their files belong to; undefined means ourselves. */
export const serverAccount = (): Account | undefined => (process.geteuid?.() === 0 ? nobody : undefined);

/** The caller's PG* and locale variables must not reach a sandbox, so that it is the same everywhere. */
export const serverEnvironment = (): Record<string, string> => ({ PATH: process.env["PATH"] ?? "/usr/bin:/bin", TZ: "UTC", LC_ALL: "C" });

/** How a command ended. `code` is -1 where it could not be started or was ended by a signal. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end as the given account, in `/`, because that account may not be able to enter our own directory. */
export function run(command: string, args: readonly string[], account: Account | undefined): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command, [...args], { ...account, cwd: "/", env: serverEnvironment() }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr: stderr === "" && error !== null ? error.message : stderr });
    });
  });
}

/**
 * Runs a command of a server's making as the server's account.
 * @throws Problem `sandbox-start` when it fails.
 */
export async function mustRun(command: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(command, args, serverAccount());
  if (code === 0) return;
  throw new Problem({
    code: "sandbox-start",
    message: `${command} failed while a database server was being prepared: ${(stderr || stdout).trim()}`,
    hint: "Set TMPDIR to a folder with free space that other users may enter (mode 0755 or 1777).",
  });
}

/** Hands one file or folder to the account. */
export async function give(path: string, account: Account | undefined): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}
