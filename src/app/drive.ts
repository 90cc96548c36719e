// Carrying a run that is held: to its goal or a safe pause, and writing down what it left.
import { Problem } from "../problem.ts";
import type { Held } from "../run/held.ts";
import { carry } from "../run/loop.ts";
import type { CarryOptions } from "../run/tools.ts";
import type { Position } from "../step/phase.ts";
import type { Direction } from "../store/event.ts";
import type { Paused, PauseReason } from "./contract.ts";
import type { Parts } from "./parts.ts";
import { recordShape } from "./shape-record.ts";

export interface Errand {
  readonly direction: Direction;
  readonly goal: Position;
  /** Keys of tables that somebody has dropped. */
  readonly gone?: ReadonlySet<string>;
}

function optionsOf({ context: { config }, since }: Parts): Partial<CarryOptions> {
  const { lockBudgetMs, lockTries, batchTargetMs, maxTimeMs } = config;
  return { lockBudgetMs, maxTries: lockTries, batchTargetMs, maxTimeMs: maxTimeMs === null ? null : Math.max(0, maxTimeMs - (performance.now() - since)) };
}

const reasons: readonly string[] = ["interrupt", "hangup", "max-time"] satisfies readonly PauseReason[];

/** Why a run was left, if it was left safely because somebody wanted it so. */
export function pauseReason(error: unknown): Paused["reason"] | null {
  if (!(error instanceof Problem) || error.code !== "paused") return null;
  const { reason } = (error.details ?? {}) as { readonly reason?: string };
  return reason !== undefined && reasons.includes(reason) ? (reason as PauseReason) : "asked";
}

/**
 * Carries the run to the goal; null, or why it paused before.
 * @throws Problem whatever stopped it.
 */
export async function carryTo(parts: Parts, held: Held, errand: Errand): Promise<Paused["reason"] | null> {
  const { context, memory, holder } = parts;
  memory.schema = null;
  memory.closing = () => recordShape(parts, held, true);
  try {
    const state = await carry(held, { ...errand, by: holder.name, pause: context.pause, abort: context.abort, options: optionsOf(parts) });
    if (state.outcome === null) await recordShape(parts, held, false);
    return null;
  } catch (error) {
    const reason = pauseReason(error);
    if (reason === null) throw error;
    return reason;
  } finally {
    memory.closing = null;
  }
}

/** Works with a run and gives it back whatever happens. */
export async function holding<T>(held: Held, work: (held: Held) => Promise<T>): Promise<T> {
  try {
    return await work(held);
  } finally {
    await held.release();
  }
}
