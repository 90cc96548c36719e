// Which engine a database is of, its URL says.
import { Problem } from "../problem.ts";
import type { Engine } from "./engine.ts";

/** @throws Problem `no-database`, `unknown-engine`. */
export async function engineOf(url: string | null): Promise<Engine> {
  if (url === null)
    throw new Problem({
      code: "no-database",
      message: "No database is named.",
      hint: "Set DATABASE_URL, give --url, or write url in hotstick.config.ts.",
    });
  const scheme = url.slice(0, url.indexOf(":")).toLowerCase();
  if (scheme === "postgres" || scheme === "postgresql") return (await import("./postgres/engine.ts")).postgresEngine;
  if (scheme === "mysql" || scheme === "mariadb") return (await import("./mysql/engine.ts")).mysqlEngine;
  throw new Problem({
    code: "unknown-engine",
    message: `Databases of "${scheme}" are not supported by this version.`,
    hint: "Give a URL that begins with postgres://, mysql:// or mariadb://.",
  });
}
