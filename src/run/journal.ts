// Writing down what happens, and knowing where the run stands.
import type { Happening, Outcome, RunEvent } from "../store/event.ts";
import { fold, type RunState } from "../store/fold.ts";
import type { Connection } from "./connection.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { Tools } from "./tools.ts";

export class Journal {
  private readonly tools: Tools;
  private readonly lease: LeaseKeeper;
  private readonly side: Connection;
  private folded: RunState;

  constructor(tools: Tools, lease: LeaseKeeper, side: Connection, events: readonly RunEvent[]) {
    this.tools = tools;
    this.lease = lease;
    this.side = side;
    this.folded = fold(events);
  }

  get state(): RunState {
    return this.folded;
  }

  get isClosed(): boolean {
    return this.folded.outcome !== null;
  }

  /** Journals by itself, on the side connection. */
  async note(happening: Happening): Promise<void> {
    this.learn(await this.side.use((session) => this.tools.store.note(session, this.lease.hold, happening)));
  }

  /** Takes in an event that was committed by a step's own transaction; false: it was not. */
  async committed(step: string, attempt: number): Promise<boolean> {
    const event = await this.side.use((session) => this.tools.store.happened(session, this.lease.hold.run, step, attempt));
    if (event !== null) this.learn(event);
    return event !== null;
  }

  /** Takes in what is, or is about to be, committed together with a step. */
  told(happening: Happening): void {
    this.learn({ ...happening, id: null, at: new Date().toISOString() });
  }

  /** The store has closed the run, and journalled it. */
  closed(outcome: Outcome): void {
    this.learn({ kind: "closed", outcome, id: null, at: new Date().toISOString() });
  }

  private learn(event: RunEvent): void {
    // Its place may be before events that are known already: it was written before them and seen after them.
    this.folded = { ...fold([{ ...event, id: null }], this.folded), lastEvent: Math.max(this.folded.lastEvent, event.id ?? 0) };
    this.tools.report({ kind: "event", event, state: this.folded });
  }
}
