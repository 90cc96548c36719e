// A network that breaks when a COMMIT is on its way.
import { connect, createServer, type Server, type Socket } from "node:net";

/** `before`: the server never gets the message. `after`: it has done what it says, and the answer never comes. */
export type Cut = "before" | "after";

export interface Proxy {
  readonly port: number;
  /** Commits seen so far. */
  readonly commits: number;
  /** Whether it has cut. */
  readonly cut: boolean;
  close(): Promise<void>;
}

/** The end of a simple query whose last statement is COMMIT. */
const isCommit = (data: Buffer): boolean => /(^|[\s;])commit;?\s*\0$/i.test(data.subarray(-16).toString("latin1"));

/** Stands before a server of this machine and cuts the connection of the so many-th COMMIT, once. */
export async function severingProxy(port: number, nth: number, cut: Cut): Promise<Proxy> {
  let commits = 0;
  let isCut = false;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    let waiting = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on("error", end);
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on("data", (data) => {
      if (isCommit(data)) {
        commits += 1;
        if (commits === nth) {
          isCut = true;
          if (cut === "before") return end();
          waiting = true;
        }
      }
      upstream.write(data);
    });
    // ReadyForQuery ends an answer: by then the server has committed.
    upstream.on("data", (data) => {
      if (!waiting) client.write(data);
      else if (data.subarray(-6, -1).equals(Buffer.from([0x5a, 0, 0, 0, 5]))) end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get commits() {
      return commits;
    },
    get cut() {
      return isCut;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
