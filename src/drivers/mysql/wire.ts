// One call of the library's each, as a promise.
import type { Socket } from "node:net";
import type { Connection, FieldPacket, QueryError } from "mysql2";
import type { Row } from "../driver.ts";

/** The rows of each statement of a message. */
export type Results = readonly (readonly Row[])[];

/** A statement that gives rows has fields, any other has none; several give a list of such. */
const rowsOf = (result: unknown, fields: readonly FieldPacket[] | undefined): readonly Row[] => (fields === undefined ? [] : (result as readonly Row[]));

/** Sends a message of any number of statements. */
export function several(connection: Connection, text: string): Promise<Results> {
  return new Promise((resolve, reject) => {
    connection.query(text, (error: QueryError | null, result: unknown, fields: unknown) => {
      if (error !== null) return reject(error);
      const list = fields as readonly (FieldPacket | readonly FieldPacket[] | undefined)[] | undefined;
      // One statement's fields are objects; a list of lists, or of nothing, is that of several.
      const isList = list?.some((each) => each === undefined || Array.isArray(each)) ?? false;
      if (!isList) return resolve([rowsOf(result, list as readonly FieldPacket[] | undefined)]);
      resolve((result as readonly unknown[]).map((each, index) => rowsOf(each, list?.[index] as readonly FieldPacket[] | undefined)));
    });
  });
}

/** The server takes one statement only, and says so of several. */
export function prepared(connection: Connection, text: string): Promise<Results> {
  return new Promise((resolve, reject) => {
    connection.execute(text, (error: QueryError | null, result: unknown, fields: FieldPacket[] | undefined) => {
      connection.unprepare(text);
      if (error !== null) reject(error);
      else resolve([rowsOf(result, fields)]);
    });
  });
}

/** Ends it without a word. The library's own `destroy` lets the server finish, and leaves the call under way without an answer. */
export const cut = (connection: Connection): void => void (connection as unknown as { readonly stream: Socket }).stream.destroy();
