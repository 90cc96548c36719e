// Ends a server whose starter is gone, even by kill -9, and removes its folder.
import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { serverEnvironment } from "./account.ts";

/**
 * Waits on a pipe that closes when the starter dies. A shell, because it is ready in a millisecond and takes 1 MB.
 * The server may just be starting, so its pid file is waited for; the pid is believed only while that process works in our folder.
 */
const script = `
trap '' HUP INT TERM
folder=$1 data=$2 file=$3 signal=$4
read -r word
[ "$word" = leave ] && exit 0
ours() {
  if [ -d /proc/self ]; then [ "$(readlink "/proc/$1/cwd")" = "$data" ]; else ps -p "$1" -o args= | grep -qF -- "$data"; fi
} 2>/dev/null
tries=0
while [ $tries -lt 20 ]; do
  pid=$(head -n 1 "$file" 2>/dev/null)
  [ -n "$pid" ] && break
  tries=$((tries + 1)); sleep 0.1
done
if [ -n "$pid" ] && ours "$pid"; then
  kill -"$signal" "$pid"; kill -CONT "$pid"
  tries=0
  while [ $tries -lt 100 ] && ours "$pid"; do tries=$((tries + 1)); sleep 0.1; done
  ours "$pid" && kill -KILL "$pid"
fi
rm -rf -- "$folder"
`;

/** What to watch over. */
export interface Watched {
  /** Goes away with the server. */
  readonly folder: string;
  /** Inside `folder`; the server works in it. */
  readonly dataDirectory: string;
  /** Its first line is the pid of the server's first process. */
  readonly pidFile: string;
  /** Ends the server and all its processes at once, without regard for the data. */
  readonly signal: "QUIT" | "KILL";
}

/** The shell that watches over one server. */
export interface Watchdog {
  /** Makes it end without touching anything. */
  leave(): void;
}

/**
 * Starts watching; from here on the folder goes when this process does. Neither keeps the other alive.
 * It runs as ourselves, not as the server's account, which may not remove a folder from where we made it.
 */
export function watch({ folder, dataDirectory, pidFile, signal }: Watched): Watchdog {
  const child = spawn("/bin/sh", ["-c", script, "hotstick-watchdog", folder, dataDirectory, pidFile, signal], {
    cwd: "/",
    env: serverEnvironment(),
    // A session of its own: Ctrl-C and signals to our process group must not end the watchdog first.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.unref();
  const pipe = child.stdin as Socket;
  pipe.unref();
  // A watchdog that is already gone has nothing left to be told.
  pipe.on("error", () => undefined);
  child.on("error", () => undefined);
  return { leave: () => void pipe.end("leave\n") };
}
