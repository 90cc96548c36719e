// Writers of the old side: from switch on the sync trigger takes a number of a sequence for each row that one writes.
import type { Session } from "../../../drivers/driver.ts";
import { classify } from "../../../drivers/mysql/errors.ts";
import { homeNamespace, keyOf } from "../../../schema/names.ts";
import { ident, join, sql } from "../../../sql/sql.ts";
import type { Evidence } from "../../contract.ts";
import type { OldColumns } from "../../old-shape.ts";
import { byCounter, written } from "../../old-traffic.ts";

/** Numbers taken so far; null: some, and how many may not be asked. */
export type Writers = ReadonlyMap<string, number | null>;

/** Characters, of which each is a byte or more. */
export const counterNameLimit = 64;

/**
 * The server shows only where the next block of numbers begins, a thousand ahead; how far the present one is used tells only who takes a
 * number himself. So it is left alone while nobody has taken one.
 */
async function taken(session: Session, name: string): Promise<number | null> {
  const sequence = ident(homeNamespace, name);
  const [state] = await session.query<{ next: string; start: string }>(sql`select next_not_cached_value as next, start_value as start from ${sequence}`);
  if (state === undefined || Number(state.next) <= Number(state.start)) return 0;
  try {
    const [row] = await session.query<{ number: string }>(sql`select nextval(${sequence}) as number`);
    return Number(row?.number) - Number(state.start);
  } catch (error) {
    if (classify(error) === "denied") return null;
    throw error;
  }
}

/** A table without a sequence has no old side to be written; MySQL has no sequences at all. */
export async function sampleWriters(session: Session, run: number, old: readonly OldColumns[]): Promise<Writers> {
  const counters = byCounter(run, old, counterNameLimit);
  if (counters.size === 0) return new Map();
  const there = await session.query<{ name: string }>(sql`
    select table_name as name from information_schema.tables where table_schema = ${homeNamespace} and table_type = 'SEQUENCE'
      and table_name in (${join([...counters.keys()].map((name) => sql`${name}`))})`);
  const writers = new Map<string, number | null>();
  for (const { name } of there) {
    const each = counters.get(name);
    if (each !== undefined) writers.set(keyOf(each.table), await taken(session, name));
  }
  return writers;
}

export function compareWriters(before: Writers, after: Writers, seconds: string): readonly Evidence[] {
  return [...after].map(([table, count]): Evidence => {
    if (count === null)
      return {
        source: "writers",
        seen: null,
        message: `old columns of ${table} were written since the switch; whether they still are may not be asked (grant insert on ${homeNamespace}.* to this account)`,
      };
    const first = before.get(table) ?? 0;
    // The number that the first look took itself, where it took one.
    const now = Math.max(0, count - first - (first > 0 ? 1 : 0));
    return written(table, now, seconds, now > 0 ? "" : count > 0 ? "; somebody has since the switch" : ", nor since the switch");
  });
}
