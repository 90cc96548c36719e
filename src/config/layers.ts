// Where settings come from: flags, the environment, and the two levels of a configuration file. Pure.
import { didYouMean, nearest } from "../nearest.ts";
import type { ConfigFile, EnvironmentSettings } from "./config.ts";

export type Key = Exclude<keyof ConfigFile, "environments">;

/** One place that settings come from; values are not yet checked. */
export interface Layer {
  readonly from: "flags" | "environment" | "file";
  readonly values: Readonly<Partial<Record<Key, unknown>>>;
  /** How a person finds the setting again: `--lock-budget`, `HOTSTICK_LOCK_BUDGET`, `lockBudget in hotstick.config.ts`. */
  readonly place: (key: Key) => string;
}

/** Flags of the command line; undefined: not given. */
export interface Flags {
  readonly url?: string | undefined;
  readonly env?: string | undefined;
  readonly config?: string | undefined;
  readonly migrations?: string | undefined;
  readonly lockBudget?: string | undefined;
  readonly maxTime?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a person may set in an environment of the file, and with `migrations` at its top. */
const environmentKeys: readonly (keyof EnvironmentSettings)[] = [
  "url",
  "directUrl",
  "replicaUrls",
  "lockBudget",
  "lockTries",
  "batchTarget",
  "maxTime",
  "oldApplications",
  "oldRoles",
];
const fileKeys: readonly (keyof ConfigFile)[] = [...environmentKeys, "migrations", "environments"];
const keys: readonly Key[] = [...environmentKeys, "migrations"];

const variable = (key: string): string => `HOTSTICK_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
/** Names of the environment that are not settings. */
const otherVariables = ["HOTSTICK_ENV", "HOTSTICK_CONFIG"];
const variables = [...keys.map(variable), ...otherVariables];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

export const flagLayer = (flags: Flags): Layer => ({
  from: "flags",
  values: { url: flags.url, migrations: flags.migrations, lockBudget: flags.lockBudget, maxTime: flags.maxTime },
  place: (key) => `--${key.replace(/[A-Z]/g, "-$&").toLowerCase()}`,
});

/** An empty variable is an unset one: that is how shells and container files unset. */
const given = (value: string | undefined): string | undefined => (value === "" ? undefined : value);

export function environmentLayer(env: Environment, mistakes: string[]): Layer {
  for (const name of Object.keys(env)) {
    // Only what is nearly ours: other HOTSTICK_ variables may be somebody's own.
    const guess =
      name.startsWith("HOTSTICK_") && !variables.includes(name)
        ? nearest(
            name.slice(9),
            variables.map((each) => each.slice(9)),
          )
        : null;
    if (guess !== null) mistakes.push(`${name} is not a setting. Did you mean HOTSTICK_${guess}?`);
  }
  const own = Object.fromEntries(keys.map((key) => [key, given(env[variable(key)])]));
  const fallback = own["url"] === undefined ? given(env["DATABASE_URL"]) : undefined;
  return {
    from: "environment",
    values: { ...own, ...(fallback === undefined ? {} : { url: fallback }) },
    place: (key) => (key === "url" && fallback !== undefined ? "DATABASE_URL" : variable(key)),
  };
}

function unknownKeys(values: Readonly<Record<string, unknown>>, known: readonly string[], place: (key: string) => string, mistakes: string[]): void {
  for (const key of Object.keys(values)) if (!known.includes(key)) mistakes.push(`${place(key)} is not a setting.${didYouMean(key, known)}`);
}

/** The chosen environment of the file, then its top level; every environment is looked through for unknown keys. */
export function fileLayers(file: { readonly name: string; readonly value: unknown }, environment: string | null, mistakes: string[]): readonly Layer[] {
  const { name, value } = file;
  if (!isObject(value)) {
    mistakes.push(`${name} must export an object: export default defineConfig({ … })`);
    return [];
  }
  const top = (key: string): string => `${key} in ${name}`;
  unknownKeys(value, [...fileKeys, "$schema"], top, mistakes);
  const layers: Layer[] = [{ from: "file", values: value, place: top }];
  const environments = value["environments"] ?? {};
  if (!isObject(environments)) mistakes.push(`${top("environments")} must be an object of environments`);
  for (const [each, settings] of Object.entries(isObject(environments) ? environments : {})) {
    const place = (key: string): string => `environments.${each}.${key} in ${name}`;
    if (!isObject(settings)) mistakes.push(`environments.${each} in ${name} must be an object`);
    else {
      unknownKeys(settings, environmentKeys, place, mistakes);
      if (each === environment) layers.unshift({ from: "file", values: settings, place });
    }
  }
  const known = isObject(environments) ? Object.keys(environments) : [];
  if (environment !== null && !known.includes(environment))
    mistakes.push(`environment "${environment}" is not in ${name}, which has ${known.join(", ") || "none"}.${didYouMean(environment, known)}`);
  return layers;
}
