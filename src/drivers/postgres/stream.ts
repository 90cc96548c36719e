// Rows one at a time, over several statements in one message: a large answer never stands in memory as a whole.
import type pg from "pg";

type Parse = (text: string) => unknown;
type OnRow = (statement: number, row: Record<string, unknown>) => void;

interface FieldMessage {
  readonly name: string;
  readonly dataTypeID: number;
}

/**
 * What `pg` calls a submittable: it is given the protocol's messages as they come. Statements are counted by their completion, from 0.
 */
export class RowStream implements pg.Submittable {
  readonly finished: Promise<void>;
  private readonly text: string;
  private readonly types: pg.CustomTypesConfig;
  private readonly onRow: OnRow;
  private statement = 0;
  private names: string[] = [];
  private parsers: Parse[] = [];
  /** The first failure of the server or of `onRow`; the rest of the answer is then read and dropped. */
  private failure: Error | null = null;
  private resolve: () => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;

  constructor(text: string, types: pg.CustomTypesConfig, onRow: OnRow) {
    this.text = text;
    this.types = types;
    this.onRow = onRow;
    this.finished = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(this.text);
  }

  handleRowDescription(message: { readonly fields: readonly FieldMessage[] }): void {
    this.names = message.fields.map((field) => field.name);
    this.parsers = message.fields.map((field) => this.types.getTypeParser(field.dataTypeID, "text") as Parse);
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    if (this.failure !== null) return;
    try {
      const row: Record<string, unknown> = {};
      for (let at = 0; at < this.names.length; at += 1) {
        const text = message.fields[at] ?? null;
        row[this.names[at] ?? ""] = text === null ? null : this.parsers[at]?.(text);
      }
      this.onRow(this.statement, row);
    } catch (error) {
      this.failure = error as Error;
    }
  }

  handleCommandComplete(): void {
    this.statement += 1;
  }

  handleEmptyQuery(): void {
    this.statement += 1;
  }

  /** The server says no, or the connection is gone; after the first no more may come. */
  handleError(error: Error): void {
    this.reject(error);
  }

  handleReadyForQuery(): void {
    if (this.failure === null) this.resolve();
    else this.reject(this.failure);
  }

  handlePortalSuspended(): void {
    // Only for portals with a row limit, which the simple protocol has not.
  }

  handleCopyInResponse(connection: { sendCopyFail(message: string): void }): void {
    connection.sendCopyFail("no COPY here");
  }

  handleCopyData(): void {
    // COPY … TO STDOUT among the statements: its data is nobody's.
  }
}
