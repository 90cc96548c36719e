// Merges and checks all settings at once, so that a person corrects them once and not one by one. Pure.
import { basename, dirname, resolve } from "node:path";
import { Problem } from "../problem.ts";
import { type Config, defaults } from "./config.ts";
import { type Environment, environmentLayer, type Flags, fileLayers, flagLayer, type Key, type Layer } from "./layers.ts";
import { count, databaseUrl, databaseUrls, duration, type Read, text, texts, Wanted } from "./read.ts";

export interface Sources {
  /** Absolute. */
  readonly cwd: string;
  readonly flags: Flags;
  readonly env: Environment;
  /** Null where there is no configuration file. */
  readonly file: { readonly path: string; readonly value: unknown } | null;
}

const hour = 3_600_000;
const readers = {
  url: databaseUrl,
  directUrl: databaseUrl,
  replicaUrls: databaseUrls,
  migrations: text,
  // Under 10 ms no lock is ever had on a busy server; over a minute nobody would call it a budget.
  lockBudget: duration({ least: 10, most: 60_000, bare: true }),
  lockTries: count,
  batchTarget: duration({ least: 1, most: 60_000, bare: true }),
  maxTime: duration({ least: 1000, most: 720 * hour, bare: false }),
  oldApplications: texts,
  oldRoles: texts,
} satisfies Readonly<Record<Key, Read<unknown>>>;

/** A setting's value and the layer that it came from. */
interface Found<T> {
  readonly value: T;
  readonly layer: Layer;
}

/** Checks the key in every layer and gives the first value. */
function find<T>(key: Key, read: Read<T>, layers: readonly Layer[], mistakes: string[]): Found<T> | null {
  let first: Found<T> | null = null;
  for (const layer of layers) {
    const written = layer.values[key];
    if (written === undefined) continue;
    const value = read(written);
    if (value instanceof Wanted) mistakes.push(`${layer.place(key)} ${value.text}`);
    else first ??= { value, layer };
  }
  return first;
}

/**
 * A direct URL, and those of replicas, belong to the URL beside them: where a stronger layer names another database, they would lead to the
 * wrong one.
 */
function besideUrl<T>(url: Found<string> | null, beside: Found<T> | null): T | null {
  if (beside === null || url === null || beside.layer === url.layer) return beside?.value ?? null;
  const overruled = url.layer.from === "flags" || beside.layer.values.url !== undefined;
  return overruled ? null : beside.value;
}

/** `--env production` beside a DATABASE_URL for another database: one of them was forgotten, and either may be the wrong one to change. */
function checkEnvironment({ flags }: Sources, url: Found<string> | null, layers: readonly Layer[], mistakes: string[]): void {
  const chosen = flags.env === undefined ? undefined : layers.find(({ from, values }) => from === "file" && values.url !== undefined);
  if (chosen && url?.layer.place("url") === "DATABASE_URL" && chosen.values.url !== url.value)
    mistakes.push(`DATABASE_URL and ${chosen.place("url")} name different databases; unset DATABASE_URL, or give --url`);
}

function refuse(mistakes: readonly string[]): void {
  if (mistakes.length === 0) return;
  throw new Problem({
    code: "bad-config",
    message:
      mistakes.length === 1
        ? `The configuration has a mistake: ${mistakes[0]}`
        : `The configuration has ${mistakes.length} mistakes:\n${mistakes.map((each) => `- ${each}`).join("\n")}`,
    hint: "Correct it and run the command again; nothing was changed.",
    details: mistakes,
  });
}

/**
 * Flags, then HOTSTICK_ variables and DATABASE_URL, then the chosen environment of the file, then its top level, then defaults.
 * @throws Problem `bad-config` naming every mistake.
 */
export function parseConfig(sources: Sources): Config {
  const { cwd, flags, env, file } = sources;
  const mistakes: string[] = [];
  const root = file ? dirname(file.path) : cwd;
  const environment = flags.env ?? (env["HOTSTICK_ENV"] || null);
  if (environment !== null && !file) mistakes.push(`environment "${environment}" was chosen, but there is no configuration file`);
  const name = file ? basename(file.path) : "";
  const layers = [flagLayer(flags), environmentLayer(env, mistakes), ...(file ? fileLayers({ name, value: file.value }, environment, mistakes) : [])];
  const setting = <K extends Key>(key: K) => find(key, readers[key] as Read<Exclude<ReturnType<(typeof readers)[K]>, Wanted>>, layers, mistakes);
  const url = setting("url");
  const directUrl = setting("directUrl");
  const replicaUrls = setting("replicaUrls");
  const migrations = setting("migrations");
  checkEnvironment(sources, url, layers, mistakes);
  const config: Config = {
    file: file?.path ?? null,
    root,
    environment,
    url: url?.value ?? null,
    directUrl: besideUrl(url, directUrl),
    replicaUrls: besideUrl(url, replicaUrls) ?? [],
    // What a person types is meant from where they stand, what a file says from where it lies.
    migrations: resolve(migrations && migrations.layer.from !== "file" ? cwd : root, migrations?.value ?? defaults.migrations),
    lockBudgetMs: setting("lockBudget")?.value ?? defaults.lockBudgetMs,
    lockTries: setting("lockTries")?.value ?? defaults.lockTries,
    batchTargetMs: setting("batchTarget")?.value ?? defaults.batchTargetMs,
    maxTimeMs: setting("maxTime")?.value ?? null,
    oldApplications: setting("oldApplications")?.value ?? [],
    oldRoles: setting("oldRoles")?.value ?? [],
  };
  refuse(mistakes);
  return config;
}
