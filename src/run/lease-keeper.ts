// Holding a lease: a heartbeat on a connection of its own, and the moment when it must be given up for lost.
import type { Session } from "../drivers/driver.ts";
import type { Problem } from "../problem.ts";
import type { Hold } from "../store/store.ts";
import { leaseLost } from "./problems.ts";
import type { LeaseTimes, Tools } from "./tools.ts";

/**
 * Renews the lease until stopped. `lost` is aborted, with a Problem, when the database says so or when nothing was heard from it
 * for as long as the lease lasts: from then on somebody else may hold it.
 */
export class LeaseKeeper {
  readonly hold: Hold;
  private readonly tools: Tools;
  private readonly times: LeaseTimes;
  private readonly losing = new AbortController();
  private readonly stopping = new AbortController();
  private session: Session | null = null;
  /** Our clock; counted from before the renewal was sent, so it ends before the database's does. */
  private validUntil: number;
  private asked: string | null = null;
  private beating: Promise<void> = Promise.resolve();

  /** @param takenAt the clock's time before the lease was asked for. */
  constructor(tools: Tools, hold: Hold, times: LeaseTimes, takenAt: number) {
    this.tools = tools;
    this.hold = hold;
    this.times = times;
    this.validUntil = takenAt + times.ttlMs;
  }

  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** Who has asked, from another process, to pause. */
  get pauseRequestedBy(): string | null {
    return this.asked;
  }

  /** @throws Problem `lease-lost`. */
  check(): void {
    if (!this.losing.signal.aborted && this.tools.clock.now() > this.validUntil)
      this.lose("nothing was heard from the database for as long as the lease lasts");
    if (this.losing.signal.aborted) throw this.losing.signal.reason as Problem;
  }

  start(): void {
    this.beating = this.keepBeating();
  }

  /** Stops the heartbeat; the lease itself is left as it is. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.beating;
    await this.session?.close();
  }

  lose(why: string, cause?: unknown): void {
    if (!this.losing.signal.aborted) this.losing.abort(leaseLost(this.hold.run, why, cause));
  }

  private async keepBeating(): Promise<void> {
    const { clock } = this.tools;
    while (!this.stopping.signal.aborted && !this.losing.signal.aborted) {
      const answered = await this.tryBeat();
      if (clock.now() > this.validUntil) this.lose("nothing was heard from the database for as long as the lease lasts");
      await clock.sleep(answered ? this.times.beatMs : Math.min(this.times.beatMs, 500), this.stopping.signal, this.losing.signal);
    }
  }

  /** A beat that hangs is given up after its interval, with its connection. */
  private async tryBeat(): Promise<boolean> {
    const { clock } = this.tools;
    const done = new AbortController();
    const beat = this.beat().finally(() => done.abort());
    beat.catch(() => undefined);
    await clock.sleep(this.times.beatMs, done.signal, this.stopping.signal);
    if (!done.signal.aborted) {
      void this.session?.close();
      this.session = null;
      return false;
    }
    return beat;
  }

  /** False where nothing was heard. */
  private async beat(): Promise<boolean> {
    const { store, driver, clock } = this.tools;
    const sentAt = clock.now();
    try {
      const session = await this.connected();
      const { held, pauseRequestedBy } = await store.beat(session, this.hold, this.times.ttlMs);
      if (!held) this.lose("its lease was taken over or has expired");
      this.validUntil = sentAt + this.times.ttlMs;
      this.asked = pauseRequestedBy;
      return true;
    } catch (error) {
      if (driver.classify(error) === "fenced") this.lose("its lease was taken over", error);
      void this.session?.close();
      this.session = null;
      return false;
    }
  }

  private async connected(): Promise<Session> {
    if (this.session !== null && !this.session.closed) return this.session;
    const session = await this.tools.driver.connect({ purpose: `run ${this.hold.run} heartbeat` });
    if (this.stopping.signal.aborted) {
      await session.close();
      throw new Error("stopped");
    }
    this.session = session;
    await this.tools.store.record(session, this.hold, session.backend, "heartbeat");
    return session;
  }
}
