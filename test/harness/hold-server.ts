// Starts a server, says where it is, and stays until it is killed. Its argument is a PostgreSQL major, or "mariadb".
import { startServer as startMariadb } from "../../src/sandbox/mariadb/server.ts";
import { startServer as startPostgres } from "../../src/sandbox/postgres/server.ts";

/** What the first line holds. */
export interface Held {
  readonly port: number;
  readonly dataDirectory: string;
}

const [, , which = ""] = process.argv;
const server = which === "mariadb" ? await startMariadb() : await startPostgres({ major: Number(which) });
const held: Held = { port: server.port, dataDirectory: server.dataDirectory };
console.log(JSON.stringify(held));
setInterval(() => undefined, 60_000);
