// Opening a Session: one connection, one message that makes it ours.
import type pg from "pg";
import type { Backend } from "../driver.ts";
import type { PostgresConfig } from "./address.ts";
import { badUrl, cannotConnect, mayGoUnencrypted, unencrypted, withLibpqModes } from "./address.ts";
import { announcedPid } from "./cancel.ts";
import { sqlStateOf } from "./errors.ts";
import { losesSessions } from "./pooler.ts";
import { PostgresSession } from "./session.ts";
import { applySettings, checkInterval, whoAmI } from "./settings.ts";
import { valueTypes } from "./values.ts";

export type { PostgresConfig } from "./address.ts";

const defaultTimeoutMs = 10_000;
/** A dead peer shows after this plus ten probes of a second, instead of two hours. */
const keepAliveMs = 10_000;

/** Loaded when first needed: commands that never connect should not pay for it. */
const load = async (): Promise<typeof pg> => (await import("pg")).default;

async function openClient(library: typeof pg, config: PostgresConfig, purpose: string): Promise<pg.Client> {
  let client: pg.Client;
  try {
    client = new library.Client({
      connectionString: withLibpqModes(config.url),
      connectionTimeoutMillis: config.connectTimeoutMs ?? defaultTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
      application_name: `hotstick ${purpose}`,
      types: valueTypes(library),
    });
  } catch (error) {
    throw badUrl(error);
  }
  // Without a listener an error between two calls would end the process; the session adds its own.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (mayGoUnencrypted(config.url) && /does not support SSL/.test(String(error)))
      return openClient(library, { ...config, url: unencrypted(config.url) }, purpose);
    throw cannotConnect(client, error);
  }
}

interface Identified {
  readonly backend: Backend;
  /** The server process is the one that was announced: nothing is in between, and the settings are applied. */
  readonly direct: boolean;
}

async function identify(client: pg.Client, purpose: string, without?: string): Promise<Identified> {
  const announced = announcedPid(client);
  const settings = applySettings(purpose, { ...(without === undefined ? {} : { without }), backend: announced });
  try {
    const results = (await client.query(`${settings};\n${whoAmI}`)) as unknown as readonly pg.QueryResult<Backend>[];
    const { pid = 0, started = "" } = results.at(-1)?.rows[0] ?? {};
    return { backend: { pid, started }, direct: pid === announced };
  } catch (error) {
    // invalid_parameter_value: the platform cannot watch a socket.
    if (sqlStateOf(error) === "22023" && without === undefined) return identify(client, purpose, checkInterval);
    throw error;
  }
}

/** Remembers, for one address, whether a pooler there loses sessions, so that it is found out once. */
export interface PoolerMemory {
  losesSessions?: boolean;
}

/**
 * Connects and makes the session ours.
 * @throws Problem `cannot-connect`, `bad-url`.
 */
export async function connect(config: PostgresConfig, purpose: string, memory: PoolerMemory = {}): Promise<PostgresSession> {
  const library = await load();
  const client = await openClient(library, config, purpose);
  try {
    const { backend, direct } = await identify(client, purpose);
    if (!direct) {
      memory.losesSessions ??= await losesSessions(client, () => openClient(library, config, "pooler check"));
      // A pooler that keeps sessions cleans them up itself; one that does not would hand our settings to the application.
      if (!memory.losesSessions) await client.query(applySettings(purpose, { without: checkInterval }));
    }
    return new PostgresSession(library, client, backend, !direct && memory.losesSessions === true);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw cannotConnect(client, error);
  }
}
