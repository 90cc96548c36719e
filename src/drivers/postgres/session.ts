// A Session over one `pg` client: errors always reject the call they belong to, and never the process.
import type pg from "pg";
import { limitsStatements } from "../../dialects/postgres/enact.ts";
import { postgresQuoting } from "../../dialects/postgres/quoting.ts";
import type { Sql } from "../../sql/sql.ts";
import { render } from "../../sql/sql.ts";
import type { Backend, Notice, Row, ScriptOptions, Session } from "../driver.ts";
import { sayGoodbye } from "../goodbye.ts";
import { cancelRequest, cut } from "./cancel.ts";
import { classify, isCancelled, overLimit } from "./errors.ts";
import { RowStream } from "./stream.ts";
import { valueTypes } from "./values.ts";

/** Between the statements of one message; the line break ends a comment that a statement may close with. */
export const separator = "\n;\n";

/** A Session, and what its own driver needs to know besides. */
export class PostgresSession implements Session {
  readonly backend: Backend;
  /** True where a pooler in between does not keep a session; then nothing may be set for longer than a transaction. */
  readonly pooled: boolean;
  /** The `pg` client, for COPY and cursors. */
  readonly client: pg.Client;
  private readonly library: typeof pg;
  private broken: Error | null = null;
  private ended: Promise<void> | null = null;

  constructor(library: typeof pg, client: pg.Client, backend: Backend, pooled: boolean) {
    this.library = library;
    this.client = client;
    this.backend = backend;
    this.pooled = pooled;
    // An idle connection that dies reports it only here; without a listener Node would end the process.
    client.on("error", (error) => {
      this.broken ??= error;
    });
    client.on("end", () => {
      this.broken ??= new Error("Connection terminated");
    });
  }

  get closed(): boolean {
    return this.broken !== null || this.ended !== null;
  }

  async query<R extends Row = Row>(statement: Sql): Promise<readonly R[]> {
    const { text, values } = render(statement, postgresQuoting);
    // The extended protocol refuses a second statement in the text, which the simple one would run.
    const config = { text, values: [...values], queryMode: "extended" };
    return this.guarded(async () => (await this.client.query<Record<string, unknown>>(config)).rows as unknown as R[]);
  }

  async script(statements: readonly string[], { limitMs = 0 }: ScriptOptions = {}): Promise<readonly (readonly Row[])[]> {
    if (statements.length === 0) return [];
    const text = statements.join(separator);
    const since = performance.now();
    let completed = 0;
    const count = (): void => {
      completed += 1;
    };
    if (limitMs > 0) this.client.connection.on("commandComplete", count);
    try {
      return await this.guarded(async () => {
        const results = (await this.client.query(text)) as unknown as pg.QueryResult<Row> | readonly pg.QueryResult<Row>[];
        return (Array.isArray(results) ? results : [results]).map((result: pg.QueryResult<Row>) => result.rows);
      });
    } catch (error) {
      const ranOver = limitMs > 0 && performance.now() - since >= limitMs && isUnderLimit(statements, completed);
      throw ranOver && isCancelled(error) ? overLimit(limitMs, error) : error;
    } finally {
      this.client.connection.off("commandComplete", count);
    }
  }

  /** As `script`, but each row is handed over as it comes, with the number of its statement from 0. */
  async stream(statements: readonly string[], onRow: (statement: number, row: Row) => void): Promise<void> {
    await this.guarded(() => this.client.query(new RowStream(statements.join(separator), valueTypes(this.library), onRow)).finished);
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    const forward = (message: { readonly severity?: string | undefined; readonly message?: string | undefined; readonly code?: string | undefined }): void =>
      listener({ severity: message.severity ?? "", message: message.message ?? "", code: message.code ?? "" });
    this.client.on("notice", forward);
    return () => {
      this.client.removeListener("notice", forward);
    };
  }

  async cancel(): Promise<void> {
    if (!this.closed) await cancelRequest(this.library, this.client);
  }

  close(): Promise<void> {
    this.ended ??= sayGoodbye(this.client.end(), () => cut(this.client));
    return this.ended;
  }

  private async guarded<T>(call: () => Promise<T>): Promise<T> {
    if (this.closed) throw connectionGone(this.broken);
    try {
      return await call();
    } catch (error) {
      if (classify(error) === "lost") this.broken ??= error as Error;
      throw error;
    }
  }
}

/** Whether the limit of a message was on when a statement of it failed. A message that sets none is under its session's. */
const isUnderLimit = (statements: readonly string[], failed: number): boolean => statements.findIndex(limitsStatements) < failed;

/** Said with the SQLSTATE of a failed connection, so that it is classified like one the server reported. */
const connectionGone = (cause: Error | null): Error =>
  Object.assign(new Error("Connection terminated before this statement was sent", cause === null ? undefined : { cause }), { code: "08003" });
