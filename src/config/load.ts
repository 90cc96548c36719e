// Finds and reads the configuration file. Without one, or with JSON, nothing need be loaded for it.
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Problem } from "../problem.ts";
import type { Config } from "./config.ts";
import type { Environment, Flags } from "./layers.ts";
import { parseConfig } from "./parse.ts";

export interface LoadOptions {
  readonly cwd: string;
  readonly flags: Flags;
  readonly env: Environment;
  /** Gives the default export of a TypeScript or JavaScript file; throws Problem `file-load`. */
  readonly evaluate: (file: string) => Promise<unknown>;
}

export const configFiles = ["ts", "mts", "js", "mjs", "json"].map((extension) => `hotstick.config.${extension}`);

function findFile(cwd: string, asked: string | undefined): string | null {
  if (asked !== undefined) {
    const path = resolve(cwd, asked);
    if (existsSync(path)) return path;
    throw new Problem({
      code: "bad-config",
      message: `There is no configuration file ${path}.`,
      hint: "Correct --config, or run `hotstick init` to make one.",
    });
  }
  const found = configFiles.filter((name) => existsSync(join(cwd, name)));
  if (found.length > 1)
    throw new Problem({
      code: "bad-config",
      message: `There are several configuration files in ${cwd}: ${found.join(", ")}.`,
      hint: "Keep one, or choose it with --config.",
    });
  return found[0] === undefined ? null : join(cwd, found[0]);
}

async function read(path: string, evaluate: LoadOptions["evaluate"]): Promise<unknown> {
  try {
    return path.endsWith(".json") ? (JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, "")) as unknown) : await evaluate(path);
  } catch (cause) {
    const { message } = cause as Error;
    throw new Problem({
      code: "bad-config",
      message: cause instanceof Problem ? message : `${path} cannot be read: ${message}`,
      hint: `Correct ${basename(path)} and run the command again; nothing was changed.`,
      cause,
    });
  }
}

/**
 * All settings of a command. No file is looked for above the working folder, so that a command means the same wherever the project lies.
 * @throws Problem `bad-config`.
 */
export async function loadConfig({ cwd, flags, env, evaluate }: LoadOptions): Promise<Config> {
  const path = findFile(cwd, flags.config ?? (env["HOTSTICK_CONFIG"] || undefined));
  return parseConfig({ cwd, flags, env, file: path === null ? null : { path, value: await read(path, evaluate) } });
}
