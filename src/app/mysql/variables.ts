// Settings of the whole server, by their names.
import type { Session } from "../../drivers/driver.ts";
import { join, sql } from "../../sql/sql.ts";

/** Null where this server has no such setting. */
export type Variables = (name: string) => string | null;

/** Shown and not selected: a name that a server does not have is an error to SELECT. */
export async function globalVariables(session: Session, names: readonly string[]): Promise<Variables> {
  const rows = await session.query<{ Variable_name: string; Value: string }>(
    sql`show global variables where variable_name in (${join(names.map((name) => sql`${name}`))})`,
  );
  const found = new Map(rows.map(({ Variable_name: name, Value: value }) => [name.toLowerCase(), value]));
  return (name) => found.get(name) ?? null;
}

export const isOn = (value: string | null): boolean => value !== null && /^(1|on|yes)$/i.test(value);
