// When a run leaves before its goal: asked by a signal, by another process, or by the clock.

import type { Clock } from "./clock.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { paused } from "./problems.ts";

export interface StopRequest {
  /** Aborted to pause at the next boundary; the reason is said. */
  readonly pause: AbortSignal;
  /** Aborted to cancel what the server is doing for us, too. */
  readonly abort: AbortSignal;
}

/** What a pause is said to be for. */
export const reasonOf = (signal: AbortSignal): string => (typeof signal.reason === "string" ? signal.reason : "interrupt");

export class Stops {
  private readonly clock: Clock;
  private readonly lease: LeaseKeeper;
  private readonly request: StopRequest;
  /** The clock's time. */
  private readonly deadline: number | null;

  constructor(clock: Clock, lease: LeaseKeeper, request: StopRequest, maxTimeMs: number | null) {
    this.clock = clock;
    this.lease = lease;
    this.request = request;
    this.deadline = maxTimeMs === null ? null : clock.now() + maxTimeMs;
  }

  get aborted(): boolean {
    return this.request.abort.aborted;
  }

  get abort(): AbortSignal {
    return this.request.abort;
  }

  /** Aborted as soon as a pause is wanted or the lease is lost; for what may be left in the middle. */
  get signals(): readonly AbortSignal[] {
    return [this.request.pause, this.request.abort, this.lease.lost];
  }

  /** Why to leave; null: no reason. */
  reason(): string | null {
    if (this.request.abort.aborted) return reasonOf(this.request.abort);
    if (this.request.pause.aborted) return reasonOf(this.request.pause);
    if (this.lease.pauseRequestedBy !== null) return `asked by ${this.lease.pauseRequestedBy}`;
    return this.deadline !== null && this.clock.now() >= this.deadline ? "max-time" : null;
  }

  /**
   * Called where everything is at rest: between steps, batches and tries.
   * @throws Problem `paused`, `lease-lost`.
   */
  boundary(): void {
    this.lease.check();
    const reason = this.reason();
    if (reason !== null) throw paused(this.lease.hold.run, reason);
  }

  /** Waits at a boundary. @throws as `boundary` does. */
  async sleep(ms: number): Promise<void> {
    this.boundary();
    await this.clock.sleep(ms, ...this.signals);
    this.boundary();
  }
}
