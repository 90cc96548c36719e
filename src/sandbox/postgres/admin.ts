// The few statements the sandbox itself sends, each over a connection of its own.
import type { Client } from "pg";
import { Problem } from "../../problem.ts";

/**
 * Connects, lets `work` use the connection, and closes it.
 * @throws whatever `work` or the server throws.
 */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url, application_name: "hotstick sandbox" });
  // A server that is killed meanwhile must not end this process; the statement under way fails by itself.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The files of the template are copied, not its pages through the log, which takes twice as long; before 15 there was no choice. */
const strategy = (major: number): string => (major < 15 ? "" : " strategy file_copy");

/**
 * @param url A database other than the two.
 * @param major Of the server.
 * @throws Problem `sandbox-database` when it exists already or the template is in use.
 */
export async function createDatabase(url: string, major: number, name: string, template = "template1"): Promise<void> {
  try {
    await withClient(url, async (client) => {
      await client.query(`create database ${client.escapeIdentifier(name)} template ${client.escapeIdentifier(template)}${strategy(major)}`);
    });
  } catch (cause) {
    throw new Problem({
      code: "sandbox-database",
      message: `The sandbox could not create the database ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: `Choose a name that is free, and close every connection to ${template}: a database in use cannot be copied.`,
      subject: { kind: "database", name },
      cause,
    });
  }
}

/** Ends the sessions in a database and drops it, where it exists. */
export const dropDatabase = (url: string, name: string): Promise<void> =>
  withClient(url, async (client) => {
    await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
  });
