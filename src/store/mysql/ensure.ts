// Making and upgrading the store, by any number of processes at once, from numbered .sql files.
import { readFile } from "node:fs/promises";
import type { Session } from "../../drivers/driver.ts";
import { raw } from "../../sql/sql.ts";
import { deniedStore, errnoOf, isAbsent, isDenied, newerStore } from "./problems.ts";

/** The number of the last file in sql/. */
export const storeVersion = 1;

const exists = 1304; // a routine of that name; CREATE PROCEDURE IF NOT EXISTS is younger than the oldest server
const raced: ReadonlySet<number> = new Set([1205, 1213]); // lock timeout, deadlock
const tries = 20;

const file = (version: number): Promise<string> => readFile(new URL(`./sql/${String(version).padStart(4, "0")}.sql`, import.meta.url), "utf8");

/** 0 where there is none, or one that was not finished. */
export async function foundVersion(session: Session): Promise<number> {
  try {
    const [row] = await session.query<{ version: unknown }>(raw("select max(version) as version from hotstick.version"));
    return Number(row?.version ?? 0);
  } catch (error) {
    if (isAbsent(error)) return 0;
    throw isDenied(error) ? deniedStore(error) : error;
  }
}

const pause = (attempt: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 10 * attempt));

/** Each statement commits by itself and may have been sent by somebody else before. */
async function send(session: Session, statement: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.script([statement]);
      return;
    } catch (error) {
      if (errnoOf(error) === exists) return;
      if (isDenied(error)) throw deniedStore(error);
      if (!raced.has(errnoOf(error)) || attempt >= tries) throw error;
      await pause(attempt);
    }
  }
}

/** Sends the statements of every version from this one on; what is there already stays as it is. @throws Problem `store-denied`. */
export async function make(session: Session, from = 1): Promise<void> {
  for (let version = from; version <= storeVersion; version += 1) {
    for (const statement of (await file(version)).split(/\n\s*\n/)) await send(session, statement.replace(/;\s*$/, ""));
  }
}

/** @throws Problem `store-newer`, `store-denied`. */
export async function ensure(session: Session): Promise<void> {
  const found = await foundVersion(session);
  if (found > storeVersion) throw newerStore(found, storeVersion);
  await make(session, found + 1);
}
