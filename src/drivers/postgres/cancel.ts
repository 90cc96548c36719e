// Cancelling what a connection runs, by the protocol's own request: it needs no login and no free connection slot.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
import type pg from "pg";

/** What `pg` keeps of the key that the server (or a pooler) gave out; not in its published types. */
interface BackendKey {
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
}

/** The library's wire connection, as far as we use it. */
interface Wire {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(pid: number, key: number): void;
  on(event: string, listener: (error: Error) => void): void;
  readonly stream: { destroy(): void };
}

/** The server process behind a connection, as the startup message told it: a pooler tells a number of its own. */
export const announcedPid = (client: pg.Client): number | null => (client as unknown as BackendKey).processID;

/** Ends a connection without a word. */
export const cut = (client: pg.Client): void => (client as unknown as { readonly connection: Wire }).connection.stream.destroy();

/** A cancel that nobody answers is given up after this; the statement's own timeout still ends it. */
const patienceMs = 5_000;

/** Resolves when the server has closed the request, which it does after signalling. A cancel that comes too late does nothing. */
export function cancelRequest(library: typeof pg, client: pg.Client): Promise<void> {
  const { processID, secretKey, host, port, ssl } = client as unknown as BackendKey;
  if (processID === null || secretKey === null) return Promise.resolve();
  const wire = new library.Connection({ ssl }) as unknown as Wire;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => wire.stream.destroy(), patienceMs);
    const send = (): void => wire.cancel(processID, secretKey);
    wire.on("connect", () => (ssl ? wire.requestSsl() : send()));
    wire.on("sslconnect", send);
    wire.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    wire.on("end", () => {
      clearTimeout(timer);
      resolve();
    });
    if (host.startsWith("/")) wire.connect(`${host}/.s.PGSQL.${port}`);
    else wire.connect(port, host);
  });
}
