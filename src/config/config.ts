// What Hotstick is told once per command: validated, complete, and the same wherever it came from.

/** Settings after flags, environment and file have been merged and checked. */
export interface Config {
  /** The configuration file that was read, absolute; null where there is none. */
  readonly file: string | null;
  /** The folder that relative paths are meant from, absolute. */
  readonly root: string;
  /** The environment chosen by `--env`; null where none was. */
  readonly environment: string | null;
  /** The database to change; null where nothing names one, which only some commands can do without. */
  readonly url: string | null;
  /** The same database without the pooler in between, for runs. */
  readonly directUrl: string | null;
  /** Copies of the database whose readers are waited for before a lock that would stop them. */
  readonly replicaUrls: readonly string[];
  /** The migrations folder, absolute. */
  readonly migrations: string;
  /** Longest time that an application's statement may wait for a lock behind Hotstick, ms. */
  readonly lockBudgetMs: number;
  /** How often a lock is tried before a command gives up with exit 5. */
  readonly lockTries: number;
  /** What one batch of a backfill should last, ms. */
  readonly batchTargetMs: number;
  /** A command pauses safely after this time, ms; null: no limit. */
  readonly maxTimeMs: number | null;
  /** Values of `application_name` that only old code bears; seen, they hold up `retire`. */
  readonly oldApplications: readonly string[];
  /** Database roles that only old code uses; seen, they hold up `retire`. */
  readonly oldRoles: readonly string[];
}

/** What holds where nothing else is said. */
export const defaults = {
  migrations: "./migrations",
  // Below what people notice; twice the wait that most connection pools take for a hiccup.
  lockBudgetMs: 200,
  lockTries: 60,
  batchTargetMs: 100,
} as const;

/** A time as people write it: `200` (ms), `"200ms"`, `"3s"`, `"10m"`, `"2h"`. */
export type Duration = number | string;

/** Settings that an environment may set for itself; `undefined` is not set, so that a variable of the environment may be named as it is. */
export interface EnvironmentSettings {
  url?: string | undefined;
  directUrl?: string | undefined;
  replicaUrls?: readonly string[] | undefined;
  lockBudget?: Duration | undefined;
  lockTries?: number | undefined;
  batchTarget?: Duration | undefined;
  maxTime?: Duration | undefined;
  oldApplications?: readonly string[] | undefined;
  oldRoles?: readonly string[] | undefined;
}

/** What `hotstick.config.*` exports. */
export interface ConfigFile extends EnvironmentSettings {
  migrations?: string | undefined;
  environments?: Readonly<Record<string, EnvironmentSettings>> | undefined;
}

/** Types a configuration file; returns it as it is. */
export const defineConfig = (config: ConfigFile): ConfigFile => config;
