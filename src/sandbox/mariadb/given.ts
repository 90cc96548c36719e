// A MariaDB or MySQL server that was given by its URL, instead of one of our own. It stays as it is but for the databases that are asked for.
import type { RowDataPacket } from "mysql2/promise";
import { addressOf, cannotConnect } from "../../drivers/mysql/address.ts";
import { versionOf } from "../../drivers/mysql/server.ts";
import type { DatabaseServer } from "../sandbox.ts";
import * as admin from "./admin.ts";

/** A server that others run. */
export interface GivenServer extends DatabaseServer {
  readonly engine: "mariadb" | "mysql";
  /** Comparable, as in `Schema.version`. */
  readonly version: number;
}

/**
 * @param given Of any database on it, of an account that may make and drop databases.
 * @throws Problem `bad-url`, `cannot-connect`.
 */
export async function givenServer(given: string): Promise<GivenServer> {
  const address = addressOf({ url: given });
  const url = (database = address.database): string => {
    const target = new URL(given);
    target.pathname = `/${encodeURIComponent(database)}`;
    return target.href;
  };
  const { version } = await admin
    .withClient(given, async (client) => {
      const [[row]] = await client.query<RowDataPacket[]>("select version() as banner");
      return versionOf(String(row?.["banner"]));
    })
    .catch((cause: unknown) => {
      throw cannotConnect(address, cause);
    });
  return {
    engine: version >= 100_000 ? "mariadb" : "mysql",
    version,
    major: Math.floor(version / 10_000),
    port: address.port,
    url,
    createDatabase: (name, template) => admin.createDatabase(given, name, template),
    dropDatabase: (name) => admin.dropDatabase(given, name),
  };
}
