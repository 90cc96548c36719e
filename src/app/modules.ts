// Loads the function of a `run` operation, only from the very file that was planned.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Problem } from "../problem.ts";
import type { ModuleContext, RunModule } from "../run/acts/module.ts";
import { bytesHash } from "../sources/hash.ts";
import type { ModuleAct, Step } from "../step/step.ts";
import type { AppContext } from "./contract.ts";

/**
 * The path of the act's file, if it is still the one that was planned.
 * @throws Problem `module-changed`.
 */
export function checkModule(folder: string, { file, sha256 }: ModuleAct): string {
  const path = resolve(folder, file);
  const changed = (message: string, cause?: unknown): Problem =>
    new Problem({
      code: "module-changed",
      message,
      hint: "Bring back the version of the file that was planned, from version control; then run the command again.",
      subject: { kind: "file", name: file },
      exit: 4,
      cause,
    });
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw changed(`${path} is needed to go on or back, and cannot be read (${(cause as NodeJS.ErrnoException).code}).`, cause);
  }
  if (bytesHash(bytes) !== sha256) throw changed(`${path} was changed since it was planned.`);
  return path;
}

/** Checks the files of all these steps before anything is touched. @throws Problem `module-changed`. */
export function checkModules(folder: string, steps: readonly Step[], way: "do" | "undo"): void {
  for (const step of steps) {
    for (const { act } of way === "do" ? [step] : step.undo) if (act.kind === "module") checkModule(folder, act);
  }
}

const property = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** The named export, a property of the default export, or the default export itself where that is asked for. */
async function find(context: AppContext, path: string, name: string): Promise<unknown> {
  const value = await context.evaluate(path);
  const found = name === "default" ? (property(value, name) ?? value) : property(value, name);
  // The default export is all that `evaluate` gives of plain JavaScript.
  if (found === undefined && /\.[mc]?js$/.test(path)) return property(await import(pathToFileURL(path).href), name);
  return found;
}

/** So that `{ batch, cursor }` may be taken out of it. */
const loose = (context: ModuleContext): ModuleContext => ({
  cursor: context.cursor,
  signal: context.signal,
  batch: (work) => context.batch(work),
  report: (done, total) => context.report(done, total),
});

export const moduleLoader =
  (context: AppContext) =>
  async (act: ModuleAct): Promise<RunModule> => {
    const path = checkModule(context.config.migrations, act);
    const found = await find(context, path, act.export);
    if (typeof found === "function") return (run) => (found as RunModule)(loose(run));
    throw new Problem({
      code: "module-load",
      message: `${path} has no function "${act.export}".`,
      hint: `Write: export async function ${act.export}({ batch }: ModuleContext) { … }`,
      subject: { kind: "file", name: act.file },
    });
  };
