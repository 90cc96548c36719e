// What a migration or a configuration file imports from "hotstick". Loaded for every such file, so it holds nothing else.
export { type ConfigFile, defineConfig, type EnvironmentSettings } from "./config/config.ts";
export type { Operation } from "./operations/operation.ts";
export { type MigrationDefinition, migration, type Written } from "./sources/define.ts";
export { ident, sql } from "./sql/sql.ts";
