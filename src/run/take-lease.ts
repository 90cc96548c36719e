// Getting the lease of a run: free ones at once, an abandoned or expired one after its holder's sessions are gone, but for one that is at work
// on what the run wants next.
import type { Backend, Session } from "../drivers/driver.ts";
import type { Hold, Holder, Lease } from "../store/store.ts";
import { leftAtWork } from "./left-at-work.ts";
import { leaseBusy, paused } from "./problems.ts";
import { reasonOf } from "./stops.ts";
import type { LeaseTimes, Tools } from "./tools.ts";

export interface TakeOptions {
  readonly holder: Holder;
  /** New and unguessable. */
  readonly token: string;
  readonly times: LeaseTimes;
  /** Wait as long as it takes for a living holder; else leave with `lease-busy`. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
}

export interface Taken {
  readonly hold: Hold;
  /** The clock's time before the lease was asked for. */
  readonly takenAt: number;
  /** Whose lease it was, where it was taken over. */
  readonly from: { readonly holder: Holder; readonly ended: readonly Backend[] } | null;
}

/** A killed process's sessions end when the server notices, which takes it up to its check interval of 500 ms. */
const patienceMs = 3_000;
const pollMs = 250;

/** Those of the holder's sessions that still exist. */
async function living(tools: Tools, session: Session, lease: Lease): Promise<readonly Backend[]> {
  const left: Backend[] = [];
  for (const backend of lease.backends) if (await tools.driver.alive(session, backend)) left.push(backend);
  return left;
}

/** Its process is gone, so nobody needs to wait for its time to end. One that has recorded nothing yet is only beginning. */
const isAbandoned = async (tools: Tools, session: Session, lease: Lease, { graceMs }: LeaseTimes): Promise<boolean> =>
  lease.holder !== null && !lease.expired && lease.silentMs > graceMs && lease.backends.length > 0 && (await living(tools, session, lease)).length === 0;

const isSame = (a: Backend, b: Backend): boolean => a.pid === b.pid && a.started === b.started;

/** Those of its sessions that must be gone: what one of them is at may be just what the run does next. */
async function unwanted(tools: Tools, session: Session, lease: Lease): Promise<readonly Backend[]> {
  const left = await living(tools, session, lease);
  if (left.length === 0) return left;
  const wanted = await leftAtWork(tools, session, lease.run);
  return left.filter((backend) => wanted === null || !isSame(backend, wanted));
}

/** Ends the sessions of a holder whose time is over; waits where the right to end them is missing. */
async function endSessions(tools: Tools, session: Session, lease: Lease, options: TakeOptions): Promise<Backend[]> {
  const ended: Backend[] = [];
  const since = tools.clock.now();
  for (let attempt = 1; ; attempt += 1) {
    const left = await unwanted(tools, session, lease);
    if (left.length === 0 || options.signal.aborted) return ended;
    for (const backend of left) {
      if (await tools.driver.terminate(session, backend)) ended.push(backend);
    }
    if (attempt > 4) {
      const pids = left.map((backend) => backend.pid).join(", ");
      tools.report({
        kind: "waiting",
        for: "backend",
        step: null,
        what: `sessions of the silent holder to end (pid ${pids})`,
        blockers: [],
        holder: lease.holder,
        sinceMs: tools.clock.now() - since,
        attempt,
        attempts: null,
      });
    }
    await tools.clock.sleep(pollMs, options.signal);
  }
}

const unique = (backends: readonly Backend[]): readonly Backend[] => [
  ...new Map(backends.map((backend) => [`${backend.pid} ${backend.started}`, backend])).values(),
];

/** Takes a lease whose holder may not go on; null when somebody else was faster. */
async function take(tools: Tools, session: Session, lease: Lease, abandoned: boolean, options: TakeOptions): Promise<Taken | null> {
  const ended = await endSessions(tools, session, lease, options);
  if (options.signal.aborted) return null;
  const takenAt = tools.clock.now();
  try {
    if (!(await tools.store.take(session, lease, { token: options.token, holder: options.holder, ttlMs: options.times.ttlMs, abandoned }))) return null;
  } catch (error) {
    // A step's transaction of the holder still holds it off.
    if (tools.driver.classify(error) === "retry") return null;
    throw error;
  }
  const hold = { run: lease.run, token: options.token };
  // What was recorded between our look and the change of the token can start nothing new, but may still be at work.
  // And what was left at work has to be at it still, now that nothing can follow it.
  const now = await tools.store.lease(session, lease.run);
  if (now !== null) ended.push(...(await endSessions(tools, session, now, options)));
  return { hold, takenAt, from: lease.holder === null ? null : { holder: lease.holder, ended: unique(ended) } };
}

/**
 * Null where the run is closed, or became so meanwhile.
 * @throws Problem `lease-busy`; `paused` (exit 130) where it is asked to leave before it has taken what it could take.
 */
export async function takeLease(tools: Tools, session: Session, run: number, options: TakeOptions): Promise<Taken | null> {
  const since = tools.clock.now();
  for (let attempt = 1; ; attempt += 1) {
    const lease = await tools.store.lease(session, run);
    if (lease === null) return null;
    const { holder } = lease;
    const abandoned = await isAbandoned(tools, session, lease, options.times);
    const isFree = holder === null || lease.expired || abandoned;
    if (options.signal.aborted) throw isFree ? paused(run, reasonOf(options.signal)) : leaseBusy(lease, holder);
    const taken = isFree ? await take(tools, session, lease, abandoned, options) : null;
    if (taken !== null) return taken;
    const waited = tools.clock.now() - since;
    if (holder !== null && !options.wait && waited > patienceMs) throw leaseBusy(lease, holder);
    if (holder !== null && waited > pollMs) {
      tools.report({ kind: "waiting", for: "lease", step: null, what: `run ${run}`, blockers: [], holder, sinceMs: waited, attempt, attempts: null });
    }
    // Many pods start at once: without jitter they would ask at once, too.
    await tools.clock.sleep(pollMs * (0.5 + tools.random()) * (options.wait && waited > patienceMs ? 4 : 1), options.signal);
  }
}
