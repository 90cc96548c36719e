#!/usr/bin/env node
// The program `hotstick`. What is said before any other module is loaded is said at once.
import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
const argv = process.argv.slice(2);
const terminals = [0, 1, 2].filter(isatty);

/**
 * Where the terminal was closed, Node's exit dumps core over a terminal that it cannot set back (its ResetStdio expects success);
 * leaving by the signal that closing sends does not.
 */
function leaveClosedTerminal(): void {
  if (terminals.every(isatty)) return;
  process.removeAllListeners("SIGHUP");
  process.kill(process.pid, "SIGHUP");
}

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) process.stdout.write(`${version}\n`);
else {
  const [{ run }, { loadUseCase }] = await Promise.all([import("./run.ts"), import("./use-cases.ts")]);
  process.exitCode = await run(
    argv,
    {
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      cwd: process.cwd(),
      version,
      onSignal: (signal, listener) => process.on(signal, listener),
      exit(code) {
        leaveClosedTerminal();
        process.exit(code);
      },
    },
    loadUseCase,
  );
  leaveClosedTerminal();
  // Whatever keeps the process alive now is an oversight of ours, and nobody should wait for it. Output gets its time to drain.
  setTimeout(() => process.exit(), 2000).unref();
}
