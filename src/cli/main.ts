#!/usr/bin/env node
// The program `hotstick`. What is said before any other module is loaded is said at once.
import { readFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
const argv = process.argv.slice(2);

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
      exit: (code) => process.exit(code),
    },
    loadUseCase,
  );
  // Whatever keeps the process alive now is an oversight of ours, and nobody should wait for it. Output gets its time to drain.
  setTimeout(() => process.exit(), 2000).unref();
}
