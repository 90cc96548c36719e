// Short transactions of the store's own: one message from beginning to commit, so that a client that stops holds no lock.
import type { Row, Session } from "../../drivers/driver.ts";
import { raw } from "../../sql/sql.ts";
import { make } from "./ensure.ts";
import { errnoOf, tooLarge } from "./problems.ts";

const deadlock = 1213; // the whole transaction was taken back
const noRoutine = 1305;
const tries = 10;

/** Every server takes messages of this size, in bytes: the smallest default in use. */
const always = 1_000_000;
/** What a message needs besides its text. */
const frame = 1_000;

/** @throws Problem `message-too-large`: the server would only cut the connection. */
async function checkSize(session: Session, statements: readonly string[]): Promise<void> {
  const characters = statements.reduce((sum, statement) => sum + statement.length, 0);
  // A character takes up to three bytes.
  if (characters * 3 < always) return;
  const bytes = Buffer.byteLength(statements.join(";")) + frame;
  const [row] = await session.query<{ most: unknown }>(raw("select @@max_allowed_packet as most"));
  if (bytes > Number(row?.most)) throw tooLarge(bytes, Number(row?.most));
}

/** Statements that are sent before the transaction, and after its end whatever came of it. */
export interface Around {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** How long a row or a table is waited for, s: whoever holds one of the store's does so for the length of a message. */
export const waitAtMost = (seconds: number): Around => ({
  before: [
    "set @hotstick_row_wait = @@session.innodb_lock_wait_timeout, @hotstick_table_wait = @@session.lock_wait_timeout",
    `set session innodb_lock_wait_timeout = ${seconds}, session lock_wait_timeout = ${seconds}`,
  ],
  after: ["set session innodb_lock_wait_timeout = @hotstick_row_wait, session lock_wait_timeout = @hotstick_table_wait"],
});

const nothing: Around = { before: [], after: [] };

/**
 * Commits all of them or none; a deadlock is tried again. A dump leaves routines out unless it is told not to, so missing ones are made:
 * whatever carries a run records its session first, and comes by here. @returns the rows of the last statement.
 * @throws the server's error, with the session at rest.
 */
export async function transact(session: Session, statements: readonly string[], { before, after }: Around = nothing): Promise<readonly Row[]> {
  await checkSize(session, statements);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const results = await session.script([...before, "start transaction", ...statements, "commit", ...after]);
      return results.at(-2 - after.length) ?? [];
    } catch (error) {
      if (!session.closed) await session.script(["rollback", ...after]).catch(() => session.close());
      if (![deadlock, noRoutine].includes(errnoOf(error)) || attempt >= tries) throw error;
      if (errnoOf(error) === noRoutine) await make(session);
    }
  }
}
