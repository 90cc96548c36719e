// The processes of a server, found in the process table, for killing them all.
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../account.ts";

/** SIGKILL to a server's first process and its children, and waits until the children are gone: they hold its shared memory. */
export async function killTree(parent: number): Promise<void> {
  const children = await childrenOf(parent);
  // The parent first, or it would start new children.
  for (const pid of [parent, ...children]) end(pid);
  while (children.some(isAlive)) await sleep(5);
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  if (process.platform !== "linux") {
    const { stdout } = await run("ps", ["-axo", "pid=,ppid="], undefined);
    return stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number)).filter(([, ppid]) => ppid === parent).map(([pid]) => pid ?? -1);
  }
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    // pid (command, which may hold anything) state ppid …
    if (Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[1]) === parent) found.push(Number(name));
  }
  return found;
}
