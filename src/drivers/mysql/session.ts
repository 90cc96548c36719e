// A Session over one `mysql2` connection: errors always reject the call they belong to, and never the process.
import type { Connection } from "mysql2";
import type { Sql } from "../../sql/sql.ts";
import type { Backend, Notice, Row, ScriptOptions, Session } from "../driver.ts";
import { sayGoodbye } from "../goodbye.ts";
import { classify, errnoOf, isInterrupted, lostConnection, overLimit } from "./errors.ts";
import type { Killer } from "./killer.ts";
import { inlined } from "./values.ts";
import { cut, prepared, type Results, several } from "./wire.ts";

/** Between the statements of one message; the line break ends a comment that a statement may close with. */
export const separator = "\n;\n";

/** What a session is made of, besides its connection. */
export type Parts = Pick<MysqlSession, "backend" | "pooled"> & { readonly killer: Killer; readonly keepsLimits: boolean };

/** A Session, and what its own driver needs to know besides. */
export class MysqlSession implements Session {
  readonly backend: Backend;
  /** True where a proxy in between does not keep a session. */
  readonly pooled: boolean;
  private readonly connection: Connection;
  private readonly killer: Killer;
  /** The server itself ends what is over its limit. */
  private readonly keepsLimits: boolean;
  private readonly listeners = new Set<(notice: Notice) => void>();
  private broken: Error | null = null;
  private ended: Promise<void> | null = null;
  /** Number of the call under way; 0 where there is none. */
  private running = 0;
  private calls = 0;
  /** The kill of the call under way, from its sending on; null where there is none. */
  private killing: Promise<void> | null = null;

  constructor(connection: Connection, { backend, pooled, killer, keepsLimits }: Parts) {
    this.connection = connection;
    this.backend = backend;
    this.pooled = pooled;
    this.killer = killer;
    this.keepsLimits = keepsLimits;
    // An idle connection that dies reports it only here; without a listener Node would end the process.
    connection.on("error", (error: Error) => {
      this.broken ??= error;
      killer.close(true);
    });
    connection.on("end", () => {
      this.broken ??= lostConnection("The server closed the connection", null);
      killer.close(true);
    });
  }

  get closed(): boolean {
    return this.broken !== null || this.ended !== null;
  }

  async query<R extends Row = Row>(statement: Sql): Promise<readonly R[]> {
    const text = inlined(statement);
    // The server itself tells one compound statement from several: it prepares one only.
    const mayBeSeveral = statement.parts.some((part) => part.kind === "text" && part.text.includes(";"));
    const [rows = []] = mayBeSeveral ? await this.guarded(() => one(this.connection, text)) : await this.script([text]);
    return rows as readonly R[];
  }

  /** A CALL of a routine that gives rows answers with more than one result, and then the results of what follows it come later. */
  async script(statements: readonly string[], { limitMs = 0 }: ScriptOptions = {}): Promise<readonly (readonly Row[])[]> {
    if (statements.length === 0) return [];
    const call = (): Promise<Results> => several(this.connection, statements.join(separator));
    if (limitMs <= 0 || this.keepsLimits) return await this.guarded(call);
    if (this.closed) throw this.gone();
    // Before the clock runs: connecting can take longer than a limit.
    await this.killer.open();
    return await this.guarded(() => this.limited(call, limitMs));
  }

  /** The server keeps the warnings of the last statement of a message only, so only those are passed on. */
  onNotice(listener: (notice: Notice) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  async cancel(): Promise<void> {
    const { running } = this;
    if (this.closed || running === 0) return;
    await this.killer.open();
    await this.end(running);
  }

  close(): Promise<void> {
    this.killer.close(this.broken !== null);
    this.ended ??= end(this.connection, this.running > 0 || this.broken !== null);
    return this.ended;
  }

  /** Ends that very call, where it is still under way. */
  private async end(call: number): Promise<void> {
    if (this.running !== call) return;
    this.killing ??= this.killer.kill();
    await this.killing;
  }

  private async limited(call: () => Promise<Results>, limitMs: number): Promise<Results> {
    const { running } = this;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void this.end(running);
    }, limitMs);
    try {
      return await call();
    } catch (error) {
      throw late && isInterrupted(error) ? overLimit(limitMs, error) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  private async guarded<T>(call: () => Promise<T>): Promise<T> {
    if (this.closed) throw this.gone();
    this.calls += 1;
    this.running = this.calls;
    let failure: unknown;
    try {
      const result = await call();
      if (this.listeners.size > 0) await this.passNotices();
      return result;
    } catch (error) {
      failure = error;
      if (classify(error) === "lost") this.broken ??= error as Error;
      throw error;
    } finally {
      this.running = 0;
      await this.outliveKill(failure);
    }
  }

  /** No manual says whether a kill that came just too late for its call is remembered for the next one, so one that does nothing is sent for it. */
  private async outliveKill(failure: unknown): Promise<void> {
    if (this.killing === null) return;
    await this.killing;
    this.killing = null;
    if (!isInterrupted(failure) && !this.closed) await several(this.connection, "do 0").catch(() => undefined);
  }

  private gone(): Error {
    return lostConnection("The connection was gone before this statement was sent", this.broken);
  }

  private async passNotices(): Promise<void> {
    const [rows = []] = await several(this.connection, "show warnings");
    for (const { Level, Code, Message } of rows) {
      for (const listener of this.listeners) listener({ severity: String(Level), message: String(Message), code: String(Code) });
    }
  }
}

/** Said of a statement that was understood, and so is one, but is none of those that can be prepared: MySQL's CREATE TRIGGER. */
const notPreparable = 1295;

/** Whatever is several is refused. */
async function one(connection: Connection, text: string): Promise<Results> {
  try {
    return await prepared(connection, text);
  } catch (error) {
    if (errnoOf(error) !== notPreparable) throw error;
    return await several(connection, text);
  }
}

/** A connection at work is not asked to finish first. */
function end(connection: Connection, atOnce: boolean): Promise<void> {
  if (!atOnce) return sayGoodbye(new Promise<void>((resolve) => connection.end(() => resolve())), () => cut(connection));
  cut(connection);
  return Promise.resolve();
}
