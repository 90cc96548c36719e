// What happens in the demo, scene by scene.
import type { RunEvent } from "../app/contract.ts";
import type { Verdict } from "./check.ts";
import { longest, percentile, type Stretch } from "./latency.ts";
import type { Ran } from "./runner.ts";
import { now, pause, type Stage } from "./stage.ts";

/** What the scenes find out, beside what the stage counts. */
export interface Notes {
  /** The quiet stretch before Hotstick begins. */
  quiet: Stretch | null;
  readonly verdicts: Verdict[];
  rowsPerSecond: number;
  killed: boolean;
  resumed: boolean;
  rolledBack: boolean;
  undone: boolean;
  naive: Verdict | null;
}

export interface Scene {
  readonly title: string;
  /** Played even where an earlier one failed: what was written is looked at in any case. */
  readonly always?: true;
  /** What came of it, for people. */
  readonly play: (stage: Stage, notes: Notes) => Promise<string>;
}

/** Processes that have just begun are slow, and not because of anything that is measured here. */
const warmUpMs = 1200;
const quietMs = 4000;
/** How long both applications are at work before the next scene. */
const whileMs = 2000;

const count = (value: number): string => Math.round(value).toLocaleString("en-US");
const duration = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
const seconds = ([from, to]: Stretch): string => duration(to - from);

/** The rows are counted as they are filled, and the first batched step is the one that fills them. */
class Fill {
  rowsPerSecond = 0;
  share = 0;

  readonly hear = (event: RunEvent): void => {
    if (event.event === "progress" && event.step.phase === "backfill")
      this.share = event.progress.rowsDone / (event.progress.rowsTotal ?? Number.POSITIVE_INFINITY);
    if (event.event === "step" && event.state === "done" && event.step.phase === "backfill" && event.rows && event.ms && this.rowsPerSecond === 0)
      this.rowsPerSecond = (event.rows * 1000) / event.ms;
  };
}

const verdictText = ({ rows, passedOver, wrongRows, lostWrites }: Verdict): string =>
  wrongRows + lostWrites === 0
    ? `all ${count(rows)} rows are as the applications wrote them${passedOver > 0 ? ` (${count(passedOver)} changed while they were read)` : ""}`
    : `of ${count(rows)} rows ${count(wrongRows)} are wrong and ${count(lostWrites)} writes are lost`;

async function check(stage: Stage, notes: Notes): Promise<string> {
  const verdict = await stage.check("both");
  notes.verdicts.push(verdict);
  return verdictText(verdict);
}

const stands = (ran: Ran, position: string): boolean => ran.result?.run?.position === position;

const quiet: Scene = {
  title: "Quiet: the old application alone",
  async play(stage, notes) {
    await stage.enter("old");
    await pause(warmUpMs);
    const from = now();
    await pause(quietMs);
    notes.quiet = [from, now()];
    const took = stage.tallies.old.latencies.within([notes.quiet]);
    return `${count(took.length / (quietMs / 1000))} requests/s, p99 ${percentile(took, 99).toFixed(1)} ms`;
  },
};

const start: Scene = {
  title: "hotstick start: new columns, kept in step, and every row filled",
  async play(stage, notes) {
    const fill = new Fill();
    const ran = await stage.hotstick({ args: ["start"], hear: fill.hear });
    notes.rowsPerSecond = fill.rowsPerSecond;
    await stage.enter("new");
    await pause(whileMs);
    return `ready after ${seconds(ran.stretch)}, ${count(fill.rowsPerSecond)} rows/s; the new application is at work`;
  },
};

const rollback: Scene = {
  title: "hotstick rollback: the new application leaves, and the way back is free",
  async play(stage, notes) {
    await stage.leave("new");
    const ran = await stage.hotstick({ args: ["rollback"] });
    stage.forgetNewShape();
    notes.rolledBack = ran.result?.run?.state === "rolled-back" && !(await stage.inspector.columns("users")).has("first_name");
    return `after ${seconds(ran.stretch)} there is only "name" again; ${await check(stage, notes)}`;
  },
};

const kill: Scene = {
  title: "hotstick start again, and kill -9 in the middle of the backfill",
  async play(stage, notes) {
    const fill = new Fill();
    const ran = await stage.hotstick({
      args: ["start"],
      hear: fill.hear,
      // A small table is filled before a second progress is told.
      killAt: (event) => event.event === "progress" && event.step.phase === "backfill" && (fill.share >= 0.4 || stage.rows < 50_000),
    });
    notes.killed = ran.killed;
    await pause(1000);
    return ran.killed
      ? `killed when ${Math.round(fill.share * 100)} % were filled; both shapes stay in step without it`
      : "it was done before it could be killed: take more --rows";
  },
};

const resume: Scene = {
  title: "hotstick resume: goes on behind the last batch",
  async play(stage, notes) {
    const ran = await stage.hotstick({ args: ["resume"] });
    notes.resumed = notes.killed && stands(ran, "backfill");
    await stage.enter("new");
    await pause(whileMs);
    return `ready after ${seconds(ran.stretch)}; both applications are at work`;
  },
};

const turn: Scene = {
  title: "hotstick advance: the new shape is the truth, the old one still works",
  async play(stage, notes) {
    await stage.hotstick({ args: ["advance"] });
    await pause(whileMs);
    return check(stage, notes);
  },
};

const retire: Scene = {
  title: "hotstick advance: the old application leaves, its shape is retired",
  async play(stage) {
    await stage.leave("old");
    const ran = await stage.hotstick({ args: ["advance"] });
    return `first_name is NOT NULL, "name" is fenced off, after ${seconds(ran.stretch)}`;
  },
};

const drop: Scene = {
  title: "hotstick complete: the old column is archived and dropped",
  async play(stage, notes) {
    const ran = await stage.hotstick({ args: ["complete"] });
    return `gone after ${seconds(ran.stretch)}; ${await check(stage, notes)}`;
  },
};

const undo: Scene = {
  title: "hotstick undo: the dropped column comes back, and so does the old application",
  async play(stage, notes) {
    const ran = await stage.hotstick({ args: ["undo", stage.engine.migration.name] });
    notes.undone = stands(ran, "switch") && (await stage.inspector.columns("users")).has("name");
    await stage.enter("old");
    await pause(whileMs);
    return `both shapes again after ${seconds(ran.stretch)}; both applications are at work`;
  },
};

const last: Scene = {
  title: "Both applications stop, and every row is held against what they wrote",
  always: true,
  async play(stage, notes) {
    await Promise.all([stage.leave("old"), stage.leave("new")]);
    return check(stage, notes);
  },
};

const naive: Scene = {
  title: "For contrast: the same change without Hotstick, on a copy of the table",
  async play(stage, notes) {
    await stage.enter("naive");
    await pause(warmUpMs);
    await stage.inspector.run(stage.engine.naive.statements);
    await pause(1000);
    await stage.leave("naive");
    notes.naive = await stage.check("naive");
    const stall = longest(stage.tallies.naive.latencies.within([[0, now()]]));
    return `nobody was answered for ${duration(stall)}, and ${count(notes.naive.wrongRows)} rows written since have wrong new columns`;
  },
};

export const scenes: readonly Scene[] = [quiet, start, rollback, kill, resume, turn, retire, drop, undo, last, naive];
