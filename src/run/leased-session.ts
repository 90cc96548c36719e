// A session whose calls end with the lease: a network that swallows everything must not keep a run waiting for ever.
import type { Notice, Row, ScriptOptions, Session } from "../drivers/driver.ts";
import type { Sql } from "../sql/sql.ts";
import type { Clock } from "./clock.ts";

/** Time for a cancelled statement to say so itself. */
const graceMs = 2_000;

export class LeasedSession implements Session {
  private readonly inner: Session;
  private readonly lost: AbortSignal;
  private readonly clock: Clock;

  constructor(inner: Session, lost: AbortSignal, clock: Clock) {
    this.inner = inner;
    this.lost = lost;
    this.clock = clock;
  }

  get backend() {
    return this.inner.backend;
  }

  get closed(): boolean {
    return this.inner.closed;
  }

  query<R extends Row = Row>(statement: Sql): Promise<readonly R[]> {
    return this.orLost(this.inner.query<R>(statement));
  }

  script(statements: readonly string[], options?: ScriptOptions): Promise<readonly (readonly Row[])[]> {
    return this.orLost(this.inner.script(statements, options));
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    return this.inner.onNotice(listener);
  }

  cancel(): Promise<void> {
    return this.inner.cancel();
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  private async orLost<T>(work: Promise<T>): Promise<T> {
    const ended = new AbortController();
    const answer = work.finally(() => ended.abort());
    answer.catch(() => undefined);
    await Promise.race([answer, this.whenLost(ended.signal)]);
    return answer;
  }

  /** Rejects some time after the lease is lost, unless the work has ended. */
  private async whenLost(ended: AbortSignal): Promise<void> {
    const forever = 2 ** 31 - 1;
    if (!this.lost.aborted) await this.clock.sleep(forever, this.lost, ended);
    if (!ended.aborted) await this.clock.sleep(graceMs, ended);
    if (!ended.aborted) throw this.lost.reason;
  }
}
