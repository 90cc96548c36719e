// The processes of a server, found in the process table, for killing them all.
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../account.ts";

/** SIGKILL to a server's first process and its children, and waits until the children are gone: they hold its shared memory. */
export async function killTree(parent: number): Promise<void> {
  const children = new Set((await processes()).filter((each) => each.parent === parent).map((each) => each.pid));
  // The parent first, or it would start new children.
  for (const pid of [parent, ...children]) end(pid);
  while ((await processes()).some((each) => children.has(each.pid) && !each.state.startsWith("Z"))) await sleep(5);
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** First letter of the state as ps shows it; `Z` has ended and waits to be collected, which can take seconds. */
  readonly state: string;
}

/** Not `ps` on Linux: small images lack it. */
async function processes(): Promise<readonly Process[]> {
  if (process.platform !== "linux") {
    const { stdout } = await run("ps", ["-axo", "pid=,ppid=,state="], undefined);
    return stdout.split("\n").map((line) => toProcess(line.trim().split(/\s+/)));
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return await Promise.all(
    pids.map(async (pid) => {
      // pid (command, which may hold anything) state ppid …
      const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      const [state = "Z", parent = ""] = line.slice(line.lastIndexOf(")") + 2).split(" ");
      return toProcess([pid, parent, state]);
    }),
  );
}

const toProcess = ([pid = "", parent = "", state = "Z"]: readonly string[]): Process => ({ pid: Number(pid), parent: Number(parent), state });
