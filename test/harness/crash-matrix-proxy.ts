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

/** What an engine's protocol looks like from outside. */
export interface Wire {
  /** A message after which something is committed. */
  readonly commits: (data: Buffer) => boolean;
  /** An answer is whole, so that the server has committed; null: as soon as it is silent. */
  readonly ends: ((data: Buffer) => boolean) | null;
}

/** The end of a simple query whose last statement is COMMIT; ReadyForQuery ends an answer. */
export const postgresWire: Wire = {
  commits: (data) => /(^|[\s;])commit;?\s*\0$/i.test(data.subarray(-16).toString("latin1")),
  ends: (data) => data.subarray(-6, -1).equals(Buffer.from([0x5a, 0, 0, 0, 5])),
};

/** What commits by itself, behind the look at the lease. */
const alone = /call hotstick\.hold\([^)]*\)\n;\n\s*(alter|create|drop|rename|replace) /i;

/** A COM_QUERY of a step: a statement by itself, or a transaction; the store's own begin without a step's limits. */
export const mysqlWire: Wire = {
  commits(data) {
    const [start, end] = [data.subarray(5, 605).toString("latin1"), data.subarray(-16).toString("latin1")];
    return data[4] === 3 && start.startsWith("set session lock_wait_timeout") && (alone.test(start) || /[\s;]commit\s*$/i.test(end));
  },
  ends: null,
};

/** Longer than the server is silent within an answer of ours, ms. */
const silenceMs = 150;

/** Stands before a server of this machine and cuts the connection of the so many-th COMMIT, once. */
export async function severingProxy(port: number, nth: number, cut: Cut, { commits: isCommit, ends }: Wire): Promise<Proxy> {
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
    let silence: NodeJS.Timeout | null = null;
    upstream.on("data", (data) => {
      if (!waiting) return void client.write(data);
      if (ends !== null) return ends(data) ? end() : undefined;
      if (silence !== null) clearTimeout(silence);
      silence = setTimeout(end, silenceMs);
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
