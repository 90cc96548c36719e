// Ending what runs on a connection: only another one can.
import type { Connection } from "mysql2";
import { cut, several } from "./wire.ts";

/** Ends, over a connection of its own, what another one runs. */
export interface Killer {
  /** Makes sure that there is a connection, which is kept. */
  open(): Promise<void>;
  /** Only after `open`. Resolves when the server has answered; then the kill has happened. */
  kill(): Promise<void>;
  /** @param gone the other connection has gone: this one may be as dead, and is not asked to finish. */
  close(gone?: boolean): void;
}

/** @param pid of the connection to act on. */
export function killerFor(connect: () => Promise<Connection>, pid: number): Killer {
  let connection: Connection | null = null;
  let closed = false;
  return {
    async open() {
      if (connection !== null || closed) return;
      const opened = await connect();
      if (closed || connection !== null) return cut(opened);
      connection = opened;
      for (const event of ["error", "end"]) {
        opened.on(event, () => {
          if (connection === opened) connection = null;
        });
      }
    },
    async kill() {
      // What has ended meanwhile is no matter, and what cannot be ended ends by the timeouts of its session.
      if (connection !== null) await several(connection, `kill query ${pid}`).catch(() => undefined);
    },
    close(gone = false) {
      closed = true;
      if (connection !== null && gone) cut(connection);
      else connection?.end();
      connection = null;
    },
  };
}
