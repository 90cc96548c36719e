// Pieces that several of the store's statements share.
import { raw, type Sql } from "../../sql/sql.ts";
import type { Happening, RunEvent } from "../event.ts";

/** A timestamp as ISO 8601, whatever the session's settings. @param column text taken as it is. */
export const iso = (column: string): Sql => raw(`pg_catalog.to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

/** JSON that a database of any encoding can hold. */
export const json = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

export type EventRow = {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly step: string | null;
  readonly attempt: number | null;
  readonly data: Readonly<Record<string, unknown>>;
};

export const eventColumns: Sql = raw(`id, pg_catalog.to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, kind, step, attempt, data`);

/** The columns of an event, and the rest of it. */
export function columnsOf(happening: Happening): {
  readonly kind: string;
  readonly step: string | null;
  readonly attempt: number | null;
  readonly data: string;
} {
  const { kind, step = null, attempt = null, ...data } = happening as { readonly kind: string; readonly step?: string | null; readonly attempt?: number };
  return { kind, step, attempt, data: json(data) };
}

export const eventOf = ({ id, at, kind, step, attempt, data }: EventRow): RunEvent =>
  ({ ...data, id: Number(id), at, kind, ...(step === null ? {} : { step }), ...(attempt === null ? {} : { attempt }) }) as RunEvent;
