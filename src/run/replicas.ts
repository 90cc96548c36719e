// Copies of the database that others read from: a strong lock is replayed there, and their readers wait behind it or are ended by it.
import type { Blocker, Driver, Session } from "../drivers/driver.ts";
import { Problem } from "../problem.ts";
import type { Lock } from "../step/step.ts";
import type { Clock } from "./clock.ts";

/** A copy of the database, by the name that people know it by. */
export interface Replica {
  readonly name: string;
  readonly driver: Driver;
}

/** An answer is a few milliseconds of work, ms. */
const patienceMs = 5_000;

const silent = ({ name }: Replica): Problem =>
  new Problem({
    code: "cannot-connect",
    message: `The replica ${name} did not answer, so nobody knows whom a strong lock would stop there.`,
    hint: "See to it that it answers, or take it out of replicaUrls; then go on: hotstick resume.",
  });

/** Sessions on replicas, made when first asked for. */
export class Replicas {
  private readonly replicas: readonly Replica[];
  private readonly clock: Clock;
  private readonly leave: AbortSignal;
  private readonly sessions = new Map<Replica, Session>();

  /** @param leave aborted: nobody waits for an answer any more. */
  constructor(replicas: readonly Replica[], clock: Clock, leave: AbortSignal) {
    this.replicas = replicas;
    this.clock = clock;
    this.leave = leave;
  }

  /** Who reads there what these locks would stop. @throws Problem `cannot-connect` where a replica cannot be asked, or does not answer. */
  async blockers(locks: readonly Lock[]): Promise<readonly Blocker[]> {
    const found = await Promise.all(
      this.replicas.map(async (replica) => (await this.inTime(replica, this.ask(replica, locks))).map((blocker) => ({ ...blocker, server: replica.name }))),
    );
    return found.flat();
  }

  async close(): Promise<void> {
    await Promise.all([...this.sessions.values()].map((session) => session.close().catch(() => undefined)));
  }

  private async ask(replica: Replica, locks: readonly Lock[], again = true): Promise<readonly Blocker[]> {
    const session = await this.session(replica);
    try {
      return await replica.driver.blockers(session, locks);
    } catch (error) {
      // It was idle since the last strong lock, perhaps for hours.
      if (!again || replica.driver.classify(error) !== "lost") throw error;
      this.sessions.delete(replica);
      return this.ask(replica, locks, false);
    }
  }

  private async inTime<T>(replica: Replica, asking: Promise<T>): Promise<T> {
    asking.catch(() => undefined);
    const answered = new AbortController();
    const silence = this.clock.sleep(patienceMs, answered.signal, this.leave).then(() => {
      if (!answered.signal.aborted) throw silent(replica);
    });
    return Promise.race([asking.finally(() => answered.abort()), silence.then(() => asking)]);
  }

  private async session(replica: Replica): Promise<Session> {
    const open = this.sessions.get(replica);
    if (open !== undefined && !open.closed) return open;
    const session = await replica.driver.connect({ purpose: "replica" });
    this.sessions.set(replica, session);
    return session;
  }
}
