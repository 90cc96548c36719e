// A configuration file to begin with. Pure.
import { defaults } from "./config.ts";
import { written } from "./read.ts";

const typescript = `import { defineConfig } from "hotstick";

// Flags come before this file, and so do DATABASE_URL and HOTSTICK_URL, HOTSTICK_LOCK_BUDGET and so on.
export default defineConfig({
  migrations: "${defaults.migrations}",

  // The database to change, if it is not in DATABASE_URL.
  // url: process.env.APP_DATABASE_URL,
  // The same database without a transaction pooler (PgBouncer) in between; runs need it.
  // directUrl: process.env.APP_DIRECT_DATABASE_URL,
  // Its replicas; a lock waits for their readers too.
  // replicaUrls: [process.env.APP_REPLICA_DATABASE_URL],

  // Longest time that a statement of the application may wait for a lock behind Hotstick.
  // lockBudget: "${written(defaults.lockBudgetMs)}",

  // What only old code bears; while it is seen, the old shape is not retired.
  // oldApplications: ["web-v1"],

  // hotstick up --env production
  // environments: {
  //   production: { url: process.env.PRODUCTION_DATABASE_URL },
  // },
});
`;

/** The name and text of a new configuration file. */
export const configStub = (format: "ts" | "json"): { readonly name: string; readonly text: string } =>
  format === "ts"
    ? { name: "hotstick.config.ts", text: typescript }
    : { name: "hotstick.config.json", text: `${JSON.stringify({ migrations: defaults.migrations, lockBudget: written(defaults.lockBudgetMs) }, null, 2)}\n` };
