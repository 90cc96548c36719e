// Writing down what happens, and knowing where the run stands.
import type { Session } from "../drivers/driver.ts";
import type { Happening, Outcome, RunEvent } from "../store/event.ts";
import { fold, type RunState } from "../store/fold.ts";
import type { Connection } from "./connection.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { Tools } from "./tools.ts";

type End = Extract<Happening, { readonly kind: "done" | "undo-done" }>;
const isEnd = (happening: Happening): happening is End => happening.kind === "done" || happening.kind === "undo-done";

export class Journal {
  private readonly tools: Tools;
  private readonly lease: LeaseKeeper;
  private readonly side: Connection;
  private folded: RunState;
  /** Told, and not yet written. */
  private owed: readonly Happening[] = [];

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

  /** Journals by itself, on the side connection, together with what is owed. */
  async note(happening: Happening): Promise<void> {
    this.learn(await this.side.use((session) => this.write(session, happening)));
  }

  /**
   * Happened, and is journalled in one transaction with whatever is noted next: a commit waits for the disk. Only for what whoever goes on
   * after a crash finds out by looking, or need not know. Every act notes its intent or its beginning before anything is sent, so nothing
   * is done while something before it is owed.
   */
  owe(happening: Happening): void {
    this.owed = [...this.owed, happening];
    this.told(happening);
  }

  /** Writes what is owed. */
  async pay(): Promise<void> {
    if (this.owed.length > 0) await this.side.use((session) => this.write(session, null));
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

  private async write(session: Session, happening: Happening | null): Promise<RunEvent> {
    const sent = this.owed;
    const event = await this.send(session, happening === null ? sent : [...sent, happening]);
    this.owed = this.owed.filter((each) => !sent.includes(each));
    return event;
  }

  /** An act's end is written once. What was sent again because its answer was lost is there as a whole; all but ends may stand there twice. */
  private async send(session: Session, happenings: readonly Happening[]): Promise<RunEvent> {
    const { store, driver } = this.tools;
    try {
      return await store.note(session, this.lease.hold, happenings);
    } catch (error) {
      const last = happenings.findLast(isEnd);
      if (last === undefined || driver.classify(error) !== "refused") throw error;
      const event = await store.happened(session, this.lease.hold.run, last.step, last.attempt);
      if (event === null) throw error;
      const others = happenings.filter((each) => !isEnd(each));
      const noted = others.length === 0 ? event : await store.note(session, this.lease.hold, others);
      return happenings.at(-1) === last ? event : noted;
    }
  }

  private learn(event: RunEvent): void {
    // Its place may be before events that are known already: it was written before them and seen after them.
    this.folded = { ...fold([{ ...event, id: null }], this.folded), lastEvent: Math.max(this.folded.lastEvent, event.id ?? 0) };
    this.tools.report({ kind: "event", event, state: this.folded });
  }
}
