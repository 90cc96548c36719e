// What every embedded database server can do, whichever engine runs in it.

/** `fast` ends sessions and shuts down cleanly; `immediate` leaves recovery to the next start, like a crash. */
export type StopMode = "fast" | "immediate";

/** A server on which databases can be made for a while: one of our own, or one that was given by its URL. */
export interface DatabaseServer {
  readonly engine: string;
  /** Major version, such as 18. */
  readonly major: number;
  /** TCP port; stays the same over a restart. */
  readonly port: number;
  /** Connection URL of a database, by default the engine's maintenance database. */
  url(database?: string): string;
  /**
   * @param template Database to clone; nobody may be connected to it.
   * @throws Problem `sandbox-database` when the server refuses.
   */
  createDatabase(name: string, template?: string): Promise<void>;
  /** Ends the sessions in it and drops it; no error where it does not exist. */
  dropDatabase(name: string): Promise<void>;
}

/** A throw-away database server of our own, on 127.0.0.1. It dies with the process that started it, however that ends. */
export interface SandboxServer extends DatabaseServer {
  /** Process id of the server now running; changes with `restart`. */
  readonly pid: number;
  readonly dataDirectory: string;
  /** The server's own log, removed with the server. */
  readonly logFile: string;
  /** Ends the server and removes its folder. May be called twice. Defaults to `fast`. */
  stop(mode?: StopMode): Promise<void>;
  /** SIGKILL to every process of the server, as when the machine fails. The data stay: `restart` recovers, `stop` removes. */
  kill(): Promise<void>;
  /** Ends the server where it runs and starts it again on the same data and port. Defaults to `fast`. */
  restart(mode?: StopMode): Promise<void>;
  /** Leaves the server and its folder behind when this process ends, for someone to look at. */
  keep(): void;
}

/** A database that exists for one purpose and goes away afterwards. */
export interface Scratch {
  readonly name: string;
  readonly url: string;
  drop(): Promise<void>;
}
