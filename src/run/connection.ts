// A session of the run that is made again when it breaks, and recorded before it is used.
import type { Backend, Session } from "../drivers/driver.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { LeasedSession } from "./leased-session.ts";
import type { Tools } from "./tools.ts";

/** Between two tries to connect, ms; the lease's own time ends them. */
const retryMs = 500;
/** How often one statement may meet a broken connection. */
const patience = 10;

export class Connection {
  private readonly tools: Tools;
  private readonly lease: LeaseKeeper;
  private readonly purpose: string;
  private current: Session | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  private leave: AbortSignal | null = null;

  constructor(tools: Tools, lease: LeaseKeeper, purpose: string) {
    this.tools = tools;
    this.lease = lease;
    this.purpose = purpose;
  }

  /** When that is aborted, a server that cannot be reached is not tried again. */
  leaveOn(signal: AbortSignal): void {
    this.leave = signal;
  }

  /**
   * The live session. While the server cannot be reached it tries again until the lease is lost, or whoever carries the run wants to leave.
   * @throws Problem `lease-lost`, `cannot-connect` where trying again will not help.
   */
  async session(): Promise<Session> {
    const since = this.tools.clock.now();
    for (let attempt = 1; ; attempt += 1) {
      this.lease.check();
      if (this.current !== null && !this.current.closed) return this.current;
      try {
        this.current = await this.connect();
      } catch (error) {
        const kind = this.tools.driver.classify(error);
        if (kind === "fenced") this.lease.lose("its lease was taken over", error);
        else if ((kind !== "lost" && kind !== "retry") || this.leave?.aborted) throw error;
        this.tools.report({
          kind: "waiting",
          for: "connection",
          step: null,
          what: this.tools.driver.describe(error),
          blockers: [],
          holder: null,
          sinceMs: this.tools.clock.now() - since,
          attempt,
          attempts: null,
        });
        await this.tools.clock.sleep(retryMs, this.lease.lost, ...(this.leave === null ? [] : [this.leave]));
      }
    }
  }

  /** The server process of the live session; null where there is none. It connects nobody, so whoever works here may be watched from elsewhere. */
  get backend(): Backend | null {
    return this.current === null || this.current.closed ? null : this.current.backend;
  }

  /** For callers that take turns. A statement that can be repeated is: `work` may be called again after a lost connection. */
  use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const turn = this.queue.then(() => this.persist(work));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  /** Cancels what runs here now. */
  async cancel(): Promise<void> {
    await this.current?.cancel().catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.current?.close();
    this.current = null;
  }

  private async persist<T>(work: (session: Session) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const session = await this.session();
      try {
        return await work(session);
      } catch (error) {
        const kind = this.tools.driver.classify(error);
        if (kind === "fenced") this.lease.lose("its lease was taken over", error);
        if (kind === "fenced") this.lease.check();
        // A statement that ends the server's process each time is not sent for ever.
        if (kind !== "lost" || attempt >= patience) throw error;
        await session.close();
      }
    }
  }

  private async connect(): Promise<Session> {
    const { driver, store } = this.tools;
    const opened = await driver.connect({ purpose: `run ${this.lease.hold.run} ${this.purpose}` });
    const session = new LeasedSession(opened, this.lease.lost, this.tools.clock);
    try {
      await store.record(session, this.lease.hold, session.backend, this.purpose);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }
}
