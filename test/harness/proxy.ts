// A network that fails on command, between a run and its server.

import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export interface FaultyNetwork {
  /** The same database through the proxy. */
  url(direct: string): string;
  /** Breaks every connection at the client's side; the server learns of it this much later. */
  cut(serverLearnsAfterMs?: number): void;
  /** From now on the server hears everything and its answers are lost. */
  deafen(): void;
  /** Swallows everything from now on, without closing anything. */
  swallow(): void;
  /** Lets everything pass again. */
  heal(): void;
  close(): Promise<void>;
}

export async function startProxy(port: number): Promise<FaultyNetwork> {
  let swallowing = false;
  let deaf = false;
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  const listener = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    const pair = { client, server };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on("data", (data) => {
        if (!swallowing && !(deaf && to === client) && !to.destroyed) to.write(data);
      });
      from.on("error", () => undefined);
    }
    client.on("close", () => {
      // After a cut the server's side is ended later.
      if (pairs.has(pair)) end();
    });
    server.on("close", end);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port: own } = listener.address() as AddressInfo;
  return {
    url: (direct) => direct.replace(/:\d+\//, `:${own}/`),
    cut(serverLearnsAfterMs = 0) {
      for (const { client, server } of pairs) {
        client.destroy();
        setTimeout(() => server.destroy(), serverLearnsAfterMs);
      }
      pairs.clear();
    },
    deafen() {
      deaf = true;
    },
    swallow() {
      swallowing = true;
    },
    heal() {
      swallowing = false;
      deaf = false;
    },
    async close() {
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
