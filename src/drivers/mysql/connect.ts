// Opening a Session: one connection, one message that makes it ours.
import type { Connection, ConnectionOptions } from "mysql2";
import { isMariadb } from "../../dialects/mysql/capabilities.ts";
import { Problem } from "../../problem.ts";
import type { Backend } from "../driver.ts";
import { type Address, addressOf, cannotConnect, connectionOptions, type MysqlConfig, mayGoUnencrypted } from "./address.ts";
import { killerFor } from "./killer.ts";
import { losesSessions } from "./pooler.ts";
import { versionOf } from "./server.ts";
import { MysqlSession } from "./session.ts";
import { applySettings, whoAmI } from "./settings.ts";
import { valueOptions } from "./values.ts";
import { cut, several } from "./wire.ts";

export type { MysqlConfig } from "./address.ts";

/** A dead peer shows after this plus the system's probes, instead of two hours. */
const keepAliveMs = 10_000;

/** What is found out once for one address. */
export interface AddressMemory {
  /** The server has no encryption, and the URL allows to go on without. */
  unencrypted?: boolean;
  /** A proxy there loses sessions. */
  losesSessions?: boolean;
}

/** Loaded when first needed: commands that never connect should not pay for it. */
const load = async (): Promise<(options: ConnectionOptions) => Connection> => (await import("mysql2")).createConnection;

const fixed: ConnectionOptions = {
  ...valueOptions,
  charset: "UTF8MB4_GENERAL_CI",
  multipleStatements: true,
  // Affected rows are those that changed, as for every other client of the server; none of the library's habits from elsewhere.
  flags: ["-FOUND_ROWS", "-ODBC", "-IGNORE_SPACE", "-LOCAL_FILES"],
  enableKeepAlive: true,
  keepAliveInitialDelay: keepAliveMs,
};

async function open(address: Address, purpose: string, memory: AddressMemory): Promise<Connection> {
  const create = await load();
  const target: Address = memory.unencrypted === true ? { ...address, tls: "DISABLED" } : address;
  const connection = create({ ...fixed, ...connectionOptions(target), connectAttributes: { program_name: `hotstick ${purpose}` } });
  // Without a listener an error between two calls would end the process; the session adds its own.
  connection.on("error", () => undefined);
  try {
    await new Promise<void>((resolve, reject) => connection.connect((error) => (error === null || error === undefined ? resolve() : reject(error))));
    return connection;
  } catch (error) {
    cut(connection);
    if (!mayGoUnencrypted(target, error)) throw cannotConnect(address, error);
    memory.unencrypted = true;
    return open(address, purpose, memory);
  }
}

/**
 * Connects and makes the session ours.
 * @throws Problem `cannot-connect`, `bad-url`.
 */
export async function connect(config: MysqlConfig, purpose: string, memory: AddressMemory = {}): Promise<MysqlSession> {
  const address = addressOf(config);
  const connection = await open(address, purpose, memory);
  try {
    const results = await several(connection, [...applySettings, whoAmI].join(";\n"));
    const [row] = results.at(-1) ?? [];
    const backend: Backend = { pid: Number(row?.["pid"]), started: String(row?.["started"]) };
    const direct = backend.pid === connection.threadId;
    if (!direct) memory.losesSessions ??= await losesSessions(connection, () => open(address, "proxy check", memory));
    return new MysqlSession(connection, {
      backend,
      pooled: !direct && memory.losesSessions === true,
      killer: killerFor(() => open(address, "cancel", memory), backend.pid),
      keepsLimits: isMariadb(versionOf(String(row?.["version"])).version),
    });
  } catch (error) {
    cut(connection);
    throw error instanceof Problem ? error : cannotConnect(address, error);
  }
}
