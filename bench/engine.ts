// Which engine a benchmark is run on, and what every benchmark needs of it. A part of other benchmarks, and no figure of its own.
import { readdirSync, readFileSync } from "node:fs";
import type { SandboxServer } from "../src/sandbox/sandbox.ts";

export type EngineName = "postgres" | "mariadb";

/** Takes `--engine NAME` out of the arguments; PostgreSQL where it is not there. @throws Error for another name. */
export function engineOf(args: readonly string[]): { readonly engine: EngineName; readonly rest: readonly string[] } {
  const at = args.findIndex((arg) => arg === "--engine" || arg.startsWith("--engine="));
  if (at < 0) return { engine: "postgres", rest: args };
  const joined = args[at]?.split("=")[1];
  const engine = joined ?? args[at + 1];
  if (engine !== "postgres" && engine !== "mariadb") throw new Error(`--engine is postgres or mariadb, not ${engine}`);
  return { engine, rest: args.toSpliced(at, joined === undefined ? 2 : 1) };
}

/** A server of its own that is measured, and a connection to a database in it, in the few words that all engines have. */
export interface Measured {
  readonly server: SandboxServer;
  /** `postgres 18`, or what the server calls itself. */
  readonly version: string;
  /** Of the database that is measured in. */
  readonly url: string;
  /** Sends statements one by one, each committed by itself; the rows of the last. */
  run(...statements: readonly string[]): Promise<readonly Record<string, unknown>[]>;
  /** Milliseconds that this connection's process or thread has spent on a processor; null where the kernel does not tell. */
  readonly ownClock: () => number | null;
  stop(): Promise<void>;
}

/** Starts a server that waits for the disk as a real one does. @param major of PostgreSQL. */
export const measuredOn = async (engine: EngineName, major: number): Promise<Measured> =>
  engine === "mariadb" ? (await import("./engines/mariadb.ts")).measured() : (await import("./engines/postgres.ts")).measured(major);

/** What the kernel counts in, ms. */
const hundredths = 10;

/** After the name, which may hold anything, come the parent and, as fields 12 to 15, user and system time: its own, and that of children which ended. */
function statOf(pid: string): { readonly parent: string | undefined; readonly own: number; readonly ended: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map((field) => Number(field) * hundredths);
    return { parent: fields[1], own: (user ?? 0) + (system ?? 0), ended: (endedUser ?? 0) + (endedSystem ?? 0) };
  } catch {
    return null;
  }
}

/**
 * Milliseconds that the whole server has spent on processors, whoever else keeps them busy: its process and those that it has started; null
 * where the kernel does not tell. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function serverClock({ pid }: SandboxServer): number | null {
  const first = statOf(String(pid));
  if (first === null) return null;
  const children = readdirSync("/proc")
    .flatMap((name) => (/^\d+$/.test(name) ? (statOf(name) ?? []) : []))
    .filter(({ parent }) => parent === String(pid));
  return children.reduce((sum, { own, ended }) => sum + own + ended, first.own + first.ended);
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
