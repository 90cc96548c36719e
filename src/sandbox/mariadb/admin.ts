// The few statements the sandbox itself sends, each over a connection of its own.
import type { Connection, RowDataPacket } from "mysql2/promise";
import { type Address, addressOf, connectionOptions, mayGoUnencrypted } from "../../drivers/mysql/address.ts";
import { Problem } from "../../problem.ts";

/**
 * Connects, lets `work` use the connection, and closes it.
 * @throws whatever `work` or the server throws.
 */
export async function withClient<T>(url: string, work: (client: Connection) => Promise<T>): Promise<T> {
  const client = await open(addressOf({ url }));
  // A server that is killed meanwhile must not end this process; the statement under way fails by itself.
  client.on("error", () => undefined);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function open(address: Address): Promise<Connection> {
  const { createConnection } = await import("mysql2/promise");
  try {
    return await createConnection({ ...connectionOptions(address), multipleStatements: true });
  } catch (error) {
    if (!mayGoUnencrypted(address, error)) throw error;
    return await open({ ...address, tls: "DISABLED" });
  }
}

const name = (text: string): string => `\`${text.replaceAll("`", "``")}\``;

/**
 * @param url A database other than the new one.
 * @throws Problem `sandbox-database` when it exists already, or where a template is asked for.
 */
export async function createDatabase(url: string, database: string, template?: string): Promise<void> {
  if (template !== undefined) {
    throw new Problem({
      code: "sandbox-database",
      message: `The sandbox cannot copy the database ${template}: this engine clones no databases.`,
      hint: "Create an empty database, and fill it with the statements that filled the other.",
      subject: { kind: "database", name: template },
    });
  }
  try {
    await withClient(url, (client) => client.query(`create database ${name(database)}`));
  } catch (cause) {
    throw new Problem({
      code: "sandbox-database",
      message: `The sandbox could not create the database ${database}: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: "Choose a name that is free.",
      subject: { kind: "database", name: database },
      cause,
    });
  }
}

/** Ends the sessions in a database, which could hold locks on its tables, and drops it, where it exists. */
export const dropDatabase = (url: string, database: string): Promise<void> =>
  withClient(url, async (client) => {
    const [sessions] = await client.query<RowDataPacket[]>("select id from information_schema.processlist where db = ? and id <> connection_id()", [database]);
    // One that has ended meanwhile is an error here, and no matter.
    for (const { id } of sessions) await client.query(`kill ${Number(id)}`).catch(() => undefined);
    await client.query(`drop database if exists ${name(database)}`);
  });
