// Everything that a use case works with, wired: one connection, the engine's parts, and the tools of a run.
import type { Driver, Server, Session } from "../drivers/driver.ts";
import { Problem } from "../problem.ts";
import { readOnlyServer } from "../run/preflight/server.ts";
import type { Tools } from "../run/tools.ts";
import type { Schema } from "../schema/model.ts";
import type { Holder, Store } from "../store/store.ts";
import type { AppContext, ServerView } from "./contract.ts";
import type { Engine } from "./engine.ts";
import { engineOf } from "./engines.ts";
import { denied } from "./problems.ts";
import { Teller } from "./teller.ts";
import { whoAmI } from "./who.ts";

/** What changes while a command works. */
export interface Memory {
  /** Called when everything is done and the run is about to be closed; set by whoever drives it. */
  closing: (() => Promise<void>) | null;
  /** As read last, where nothing of ours has changed it since. */
  schema: Schema | null;
}

export interface Parts {
  readonly context: AppContext;
  readonly engine: Engine;
  readonly driver: Driver;
  readonly store: Store;
  readonly holder: Holder;
  readonly teller: Teller;
  readonly memory: Memory;
  /** When the command began, by `performance.now()`. */
  readonly since: number;
  /** Asks on this command's own connection, which is made again where it broke; so `work` may be called twice. */
  ask<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** What the server is; asked once. */
  server(): Promise<Server>;
  /** What runs are carried with. */
  tools(): Promise<Tools>;
}

export interface PartsOptions {
  /** For people who look at the server's sessions: `hotstick up`. */
  readonly purpose: string;
  /** A reading command goes through a pooler if that is what the URL says; a run needs the server itself. */
  readonly reads?: boolean;
}

/** Without the password. */
function placeOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return "a replica";
  }
}

async function toolsOf(parts: Omit<Parts, "tools">): Promise<Tools> {
  const [dialect, { systemClock }, { moduleLoader }] = await Promise.all([parts.engine.dialect(), import("../run/clock.ts"), import("./modules.ts")]);
  return {
    driver: parts.driver,
    dialect,
    store: parts.store,
    replicas: await Promise.all(parts.context.config.replicaUrls.map(async (url) => ({ name: placeOf(url), driver: await parts.engine.driver(url) }))),
    clock: systemClock,
    random: Math.random,
    modules: moduleLoader(parts.context),
    checkpoint: async (checkpoint) => {
      if (checkpoint === "run:closing") await parts.memory.closing?.();
    },
    report: (news) => parts.teller.tell(news),
  };
}

/** A connection that is made when first asked for, and again when it broke. */
class Line {
  private readonly driver: Driver;
  private readonly purpose: string;
  private current: Promise<Session> | null = null;

  constructor(driver: Driver, purpose: string) {
    this.driver = driver;
    this.purpose = purpose;
  }

  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.session();
    try {
      return await work(session);
    } catch (error) {
      // It was idle while a run was carried, perhaps for hours.
      if (this.driver.classify(error) !== "lost") throw error;
      await session.close();
      return work(await this.session());
    }
  }

  async cancel(): Promise<void> {
    await (await this.current)?.cancel();
  }

  async close(): Promise<void> {
    await (await this.current?.catch(() => null))?.close();
  }

  private async session(): Promise<Session> {
    const open = await this.current?.catch(() => null);
    if (open && !open.closed) return open;
    this.current = this.driver.connect({ purpose: this.purpose });
    return this.current;
  }
}

/**
 * Connects, works, and closes whatever happened.
 * @throws Problem `no-database`, `unknown-engine`, `cannot-connect`, and what the work throws; `read-only-server` or `missing-privilege` where the
 * server denies what it throws over.
 */
export async function withParts<T>(context: AppContext, { purpose, reads = false }: PartsOptions, work: (parts: Parts) => Promise<T>): Promise<T> {
  const { url, directUrl } = context.config;
  const address = reads ? (url ?? directUrl) : (directUrl ?? url);
  const engine = await engineOf(address);
  const [driver, store] = await Promise.all([engine.driver(address ?? ""), engine.store()]);
  const line = new Line(driver, purpose);
  const once = <V>(make: () => Promise<V>): (() => Promise<V>) => {
    let made: Promise<V> | null = null;
    return () => (made ??= make());
  };
  const ask = <V>(asked: (session: Session) => Promise<V>): Promise<V> => line.use(asked);
  const base = {
    context,
    engine,
    driver,
    store,
    holder: whoAmI(context.version),
    teller: new Teller(context.report),
    memory: { closing: null, schema: null } as Memory,
    since: performance.now(),
    ask,
    server: once(() => ask((session) => driver.server(session))),
  };
  const cancel = (): void => void line.cancel().catch(() => undefined);
  context.abort.addEventListener("abort", cancel);
  try {
    return await work({ ...base, tools: once(() => toolsOf(base)) });
  } catch (error) {
    if (error instanceof Problem || driver.classify(error) !== "denied") throw error;
    // It may have become so since it was looked at: a switchover closes the old primary for writes.
    const server = await ask((session) => driver.server(session)).catch(() => null);
    throw server?.readOnly ? readOnlyServer(server.database) : denied(driver.describe(error), error);
  } finally {
    context.abort.removeEventListener("abort", cancel);
    await line.close();
  }
}

export const serverView = ({ driver }: Parts, server: Server): ServerView => ({
  engine: driver.engine,
  product: server.product,
  database: server.database,
  user: server.user,
});
