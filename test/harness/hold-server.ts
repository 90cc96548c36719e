// Starts a server, says where it is, and stays until it is killed.
import { startServer } from "../../src/sandbox/postgres/server.ts";

/** What the first line holds. */
export interface Held {
  readonly port: number;
  readonly dataDirectory: string;
}

const server = await startServer({ major: Number(process.argv[2]) });
const held: Held = { port: server.port, dataDirectory: server.dataDirectory };
console.log(JSON.stringify(held));
setInterval(() => undefined, 60_000);
