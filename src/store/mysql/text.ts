// Pieces that several of the store's statements share.
import { join, literal, type Quoting, raw, renderInline, type Sql, sql } from "../../sql/sql.ts";
import type { Happening, RunEvent } from "../event.ts";

/** A UTC time as ISO 8601. @param column text taken as it is. */
export const iso = (column: string): Sql => raw(`concat(left(date_format(${column}, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z')`);

/** The server's clock, whatever the session's time zone. */
export const now: Sql = raw("utc_timestamp(6)");

export const later = (ms: number): Sql => raw(`utc_timestamp(6) + interval ${Math.trunc(ms * 1000)} microsecond`);

export const number = (value: number | null): Sql => raw(value === null ? "null" : String(Math.trunc(value)));
export const text = (value: string | null): Sql => (value === null ? raw("null") : literal(value));
export const json = (value: unknown): Sql => (value === null ? raw("null") : literal(JSON.stringify(value)));
export const list = (values: readonly string[]): Sql => join(values.map(literal));

export const parsed = <T>(value: unknown): T => (typeof value === "string" ? JSON.parse(value) : value) as T;
export const parsedOrNull = <T>(value: unknown): T | null => (value === null ? null : parsed<T>(value));
export const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));
/** Comparisons come back as integers. */
export const isTrue = (value: unknown): boolean => Number(value) === 1;

/** Renders statements that travel as text. */
export const inliner =
  (quoting: Quoting) =>
  (piece: Sql): string =>
    renderInline(piece, quoting);

export type EventRow = {
  readonly id: unknown;
  readonly at: string;
  readonly kind: string;
  readonly step: string | null;
  readonly attempt: unknown;
  readonly data: unknown;
};

export const eventColumns: Sql = sql`id, ${iso("at")} as at, kind, step, attempt, data`;

/** Journals; the lease is not looked at. @param run an expression. */
export function insertEvent(run: Sql, happening: Happening): Sql {
  const { kind, step = null, attempt = null, ...data } = happening as { readonly kind: string; readonly step?: string | null; readonly attempt?: number };
  return sql`insert into hotstick.events (run, at, kind, step, attempt, data) values (${run}, ${now}, ${literal(kind)}, ${text(step)}, ${number(attempt)}, ${json(data)})`;
}

export const eventOf = ({ id, at, kind, step, attempt, data }: EventRow): RunEvent =>
  ({
    ...parsed<Readonly<Record<string, unknown>>>(data),
    id: Number(id),
    at,
    kind,
    ...(step === null ? {} : { step }),
    ...(attempt === null ? {} : { attempt: Number(attempt) }),
  }) as RunEvent;
