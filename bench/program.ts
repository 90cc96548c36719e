// The built program as a whole process, and a wire that counts its round trips. A part of other benchmarks, and no figure of its own.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer, connect as dial, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds into a folder of its own, so that nobody else's build is in the way; returns the program's file. */
export function buildProgram(): { readonly main: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "hotstick-bench-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  symlinkSync(join(root, "package.json"), join(folder, "package.json"));
  execFileSync(process.execPath, [join(root, "scripts", "build.mjs"), join(folder, "dist")], { stdio: ["ignore", "ignore", "inherit"] });
  return { main: join(folder, "dist", "cli", "main.js"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Ran {
  /** Wall time of the whole process, ms. */
  readonly ms: number;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runProgram(main: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const since = performance.now();
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, "exit")) as [number];
  return { ms: performance.now() - since, code, stdout, stderr };
}

/** Passes connections on to a port and counts how often the client speaks after the server has: round trips, logins included. */
export async function countingWire(port: number): Promise<{ readonly port: number; readonly count: () => number; readonly close: () => void }> {
  let trips = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = dial(port, "127.0.0.1");
    let answered = true;
    client.on("data", (chunk) => {
      if (answered) trips += 1;
      answered = false;
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      answered = true;
      client.write(chunk);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    count: () => trips,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
