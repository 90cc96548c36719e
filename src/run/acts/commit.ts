// Sending a transaction as one message and finding out whether it was committed: by the answer to COMMIT, or by its event.

import type { Checkpoint } from "../checkpoints.ts";
import type { RunContext } from "../context.ts";
import { doneEvent, endBackend } from "../context.ts";
import type { Task } from "../route.ts";

/**
 * Sends one message; whatever goes wrong, the connection is at rest and its transaction decided when this returns.
 * @param limitMs for all of it, where the server itself limits no statement; 0: none.
 */
export async function send(
  context: RunContext,
  task: Task,
  statements: readonly string[],
  sentAt: Checkpoint,
  limitMs: number,
): Promise<{ readonly results: readonly (readonly Readonly<Record<string, unknown>>[])[] } | { readonly error: unknown }> {
  const session = await context.work.session();
  try {
    const sent = session.script(statements, { limitMs });
    sent.catch(() => undefined);
    await context.checkpoint(sentAt);
    return { results: await sent };
  } catch (error) {
    if (!session.closed) await session.script(["rollback"]).catch(() => session.close());
    // In doubt: the server may still be committing. Only when that process is gone is there an answer.
    if (session.closed) await endBackend(context, session.backend, task.core.id);
    return { error };
  }
}

/**
 * Commits an act together with its event.
 * @throws the server's error when the event is not there.
 */
export async function commit(context: RunContext, task: Task, attempt: number, statements: readonly string[], limitMs: number): Promise<void> {
  const outcome = await send(context, task, statements, "transaction:sent", limitMs);
  // An answer to COMMIT is certain; only a marked step's event says more than we know.
  if ("results" in outcome && task.core.mark === null) return context.journal.told(doneEvent(task, attempt, null));
  if (await context.journal.committed(task.core.id, attempt)) return;
  throw "error" in outcome ? outcome.error : new Error(`${task.core.id} was committed without its event`);
}
