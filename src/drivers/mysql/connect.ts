// Opening a Session: one connection, one message that makes it ours.
import type { Connection, ConnectionOptions } from "mysql2";
import { Problem } from "../../problem.ts";
import type { Backend } from "../driver.ts";
import { type Address, addressOf, cannotConnect, connectionOptions, type MysqlConfig, mayGoUnencrypted } from "./address.ts";
import { losesSessions } from "./pooler.ts";
import { cut, type Kill, MysqlSession, several } from "./session.ts";
import { applySettings, whoAmI } from "./settings.ts";
import { valueOptions } from "./values.ts";

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

/** Ends what another connection runs, over one of its own. */
async function killQuery(address: Address, memory: AddressMemory, pid: number, ready: Parameters<Kill>[0]): Promise<void> {
  const connection = await open(address, "cancel", memory);
  try {
    await ready(async () => {
      // One that has ended meanwhile is no matter.
      await several(connection, `kill query ${pid}`).catch(() => undefined);
    });
  } finally {
    connection.end();
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
    return new MysqlSession(connection, backend, !direct && memory.losesSessions === true, (ready) => killQuery(address, memory, backend.pid, ready));
  } catch (error) {
    cut(connection);
    throw error instanceof Problem ? error : cannotConnect(address, error);
  }
}
