// Getting hold of a run: a new one, an open one, or a closed one that is to be walked back.
import { randomUUID } from "node:crypto";
import type { Session } from "../drivers/driver.ts";
import type { Plan } from "../plan/plan.ts";
import { Problem } from "../problem.ts";
import type { Position } from "../step/phase.ts";
import type { Holder } from "../store/store.ts";
import { type Held, hold } from "./held.ts";
import { takeLease } from "./take-lease.ts";
import { type LeaseTimes, leaseTimes, type Tools } from "./tools.ts";

export interface Opener {
  readonly holder: Holder;
  /** `Overview.seen` of when the plan was made. */
  readonly seen: string;
  readonly times?: LeaseTimes;
}

/**
 * Makes a run of a plan and holds it.
 * @throws Problem `table-claimed`, `migration-claimed`, `plan-stale`: exit 5; `details.run` is the run in the way.
 */
export async function openRun(tools: Tools, session: Session, plan: Plan, { holder, seen, times = leaseTimes }: Opener): Promise<Held> {
  const token = randomUUID();
  const takenAt = tools.clock.now();
  const run = await tools.store.open(session, { plan, by: holder.name, holder, token, ttlMs: times.ttlMs, seen });
  await tools.checkpoint("run:opened");
  return hold(tools, session, { run, token }, plan, times, takenAt);
}

export interface Reopener extends Opener {
  /** Where it is to be walked back to; whoever finds it left before that goes on to there. */
  readonly goal: Position;
}

/** Opens a completed run again, to be walked back. Throws as `openRun` does. */
export async function reopenRun(tools: Tools, session: Session, run: number, { holder, seen, goal, times = leaseTimes }: Reopener): Promise<Held> {
  const token = randomUUID();
  const takenAt = tools.clock.now();
  const plan = await planOf(tools, session, run);
  await tools.store.reopen(session, run, { by: holder.name, holder, token, ttlMs: times.ttlMs, seen, goal });
  await tools.checkpoint("run:opened");
  return hold(tools, session, { run, token }, plan, times, takenAt);
}

export interface Taker {
  readonly holder: Holder;
  /** `up` waits for whoever carries the run; other commands leave with `lease-busy`. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
  readonly times?: LeaseTimes;
}

/**
 * Takes hold of an open run, from a holder that is gone if need be. Null where it is closed, maybe just now.
 * @throws Problem `lease-busy` (exit 5), `paused` (exit 130) where the signal is aborted before it is taken.
 */
export async function holdRun(tools: Tools, session: Session, run: number, { holder, wait, signal, times = leaseTimes }: Taker): Promise<Held | null> {
  const taken = await takeLease(tools, session, run, { holder, token: randomUUID(), times, wait, signal });
  if (taken === null) return null;
  const held = await hold(tools, session, taken.hold, await planOf(tools, session, run), times, taken.takenAt);
  if (taken.from !== null)
    await held.journal.note({ kind: "taken-over", from: `${taken.from.holder.name} (pid ${taken.from.holder.pid})`, ended: taken.from.ended });
  return held;
}

async function planOf(tools: Tools, session: Session, run: number): Promise<Plan> {
  const stored = await tools.store.run(session, run);
  if (stored === null)
    throw new Problem({
      code: "no-such-run",
      message: `There is no run ${run} in this database.`,
      hint: "hotstick history lists them.",
      subject: { kind: "run", name: String(run) },
    });
  return stored.plan;
}
