// A project on disk and the use cases on its database, as a program would call them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, type TestContext } from "vitest";
import { openContext } from "../../../src/app/context.ts";
import type { AppContext, Environment, Invocation, RunEvent } from "../../../src/app/contract.ts";
import { Problem } from "../../../src/problem.ts";

const never = new AbortController().signal;

export interface Project {
  readonly cwd: string;
  /** Told so far. */
  readonly events: RunEvent[];
  write(name: string, text: string): void;
  remove(name: string): void;
  context(own?: Partial<Invocation>): Promise<AppContext>;
}

/** A folder with migrations; gone after the test. */
export function projectFor(
  test: Pick<TestContext, "onTestFinished">,
  url: string,
  files: Readonly<Record<string, string>> = {},
  env: Environment = {},
): Project {
  const cwd = mkdtempSync(join(tmpdir(), "hotstick-app-"));
  test.onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const events: RunEvent[] = [];
  const path = (name: string): string => join(cwd, "migrations", name);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  mkdirSync(join(cwd, "migrations"), { recursive: true });
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    cwd,
    events,
    write,
    remove: (name) => rmSync(path(name)),
    context: (own = {}) =>
      openContext({
        cwd,
        version: "0.0.0",
        flags: { url },
        env,
        report: (event) => void events.push(event),
        pause: never,
        abort: never,
        confirm: async () => true,
        ...own,
      }),
  };
}

/** A TypeScript migration of these operations. */
export const script = (operations: readonly object[], more: object = {}): string => `export default ${JSON.stringify({ operations, ...more }, null, 2)};\n`;

/** A column that gets a second one beside it. */
export const shouting = {
  "1_shout.mjs": script([
    {
      kind: "transform",
      table: "users",
      from: ["name"],
      to: [{ name: "loud", type: "varchar(100)", up: "upper(name)" }],
      down: { name: "lower(loud)" },
    },
  ]),
};

/** The Problem with which it failed. */
export const caught = async (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    (value) => expect.fail(`no Problem, but ${JSON.stringify(value)}`),
    (error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    },
  );
