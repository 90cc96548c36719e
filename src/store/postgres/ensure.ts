// Making and upgrading the store, by any number of processes at once, from numbered .sql files.
import { readFile } from "node:fs/promises";
import type { Session } from "../../drivers/driver.ts";
import { raw } from "../../sql/sql.ts";
import { codeOf, deniedStore, newerStore } from "./problems.ts";

/** The number of the last file in sql/. */
export const storeVersion = 1;

/** What a loser of a race is told: duplicate schema, table, function or object; unique violation in a catalog; a catalog row changed; lock timeout. */
const raced: ReadonlySet<string> = new Set(["42P06", "42P07", "42723", "42710", "23505", "40001", "40P01", "XX000", "55P03"]);
/** Each try either wins or waits for a winner, so this is only reached when something else is wrong. */
const tries = 50;

const file = (version: number): Promise<string> => readFile(new URL(`./sql/${String(version).padStart(4, "0")}.sql`, import.meta.url), "utf8");

/** 0 where there is none. Undefined table, undefined namespace. */
export async function foundVersion(session: Session): Promise<number> {
  try {
    const [row] = await session.query<{ version: number }>(raw("select max(version) as version from hotstick.version"));
    return row?.version ?? 0;
  } catch (error) {
    if (codeOf(error) === "42P01" || codeOf(error) === "3F000") return 0;
    throw error;
  }
}

/** Each file inserts or changes what makes a second one fail, so the losers of a race change nothing. */
const upgrade = async (session: Session, to: number): Promise<void> => {
  await session.script(["begin", "set local lock_timeout = '5s'", await file(to), "commit"]);
};

const pause = (attempt: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 10 * attempt));

/** @throws Problem `store-newer`, `store-denied`. */
export async function ensure(session: Session): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await foundVersion(session);
    if (found > storeVersion) throw newerStore(found, storeVersion);
    if (found === storeVersion) return;
    try {
      await upgrade(session, found + 1);
    } catch (error) {
      await session.script(["rollback"]);
      if (codeOf(error) === "42501") throw deniedStore(error);
      if (!raced.has(codeOf(error)) || attempt >= tries) throw error;
      await pause(attempt);
    }
  }
}
