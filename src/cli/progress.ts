// Tells a person on stderr what happens: as lines, or on a terminal as lines above one live block.
import type { RunEvent } from "../app/contract.ts";
import { eventLines } from "./render/events.ts";
import { atRest, fold, type Live, liveLines } from "./render/live.ts";
import type { Style } from "./render/style.ts";

/** What a command shows of its own in place of a run's live block. */
export type Picture = (live: Live, style: Style, columns: number) => readonly string[];

export interface Reporter {
  report(event: RunEvent): void;
  /** Shows a picture from now on, where something can be painted over; what it does not show of a run is not told. */
  draw(picture: Picture): void;
  /** A line from the command line itself. */
  say(line: string): void;
  /** Clears the live block, so that something else may write; the next event paints it again. */
  hide(): void;
  /** Nothing is written after this. */
  close(): void;
}

export interface Screen {
  write(text: string): void;
  columns(): number;
}

export interface Clock {
  now(): number;
  /** Calls back again and again until the returned function is called; does not keep the process alive. */
  every(ms: number, call: () => void): () => void;
}

/** A build log gets a line in this time at most, but for changes of state. */
const quiet = 10_000;

/** One line for each change of state, and progress now and then. */
export function lineReporter(screen: Screen, style: Style, clock: Clock): Reporter {
  let lastTick = Number.NEGATIVE_INFINITY;
  let waitingFor: string | null = null;
  const due = (event: RunEvent): boolean => {
    if (event.event === "waiting") {
      // That it begins to wait is a change of state; that it waits on is not.
      const begins = waitingFor !== (event.step?.id ?? "");
      waitingFor = event.step?.id ?? "";
      return begins || clock.now() - lastTick >= quiet;
    }
    return event.event !== "progress" || clock.now() - lastTick >= quiet;
  };
  return {
    report(event) {
      if (!due(event)) return;
      if (event.event === "progress" || event.event === "waiting") lastTick = clock.now();
      if (event.event === "step") waitingFor = null;
      for (const line of eventLines(event, style)) screen.write(`${line}\n`);
    },
    draw() {},
    say: (line) => screen.write(`${line}\n`),
    hide() {},
    close() {},
  };
}

const upAndClear = (lines: number): string => (lines === 0 ? "" : `\r\u001b[${lines}A\u001b[J`);
/** Paints over so many lines without clearing them first, which would flicker. */
const over = (painted: number, lines: readonly string[]): string =>
  (painted === 0 ? "" : `\r\u001b[${painted}A`) + lines.map((line) => `${line}\u001b[K\n`).join("") + (painted > lines.length ? "\u001b[J" : "");
/** Fast enough to look alive, slow enough for a terminal behind a slow line. */
const frame = 100;

/** Done steps scroll by above the block; the block says what happens now. */
export function liveReporter(screen: Screen, style: Style, clock: Clock): Reporter {
  let live: Live = atRest;
  let picture: Picture | null = null;
  let painted = 0;
  let progressAt = Number.NEGATIVE_INFINITY;
  let closed = false;
  const paint = (above: readonly string[]): void => {
    const now = clock.now();
    const block = picture ? picture(live, style, screen.columns()) : liveLines(live, style, now, screen.columns());
    screen.write(over(painted, [...above, ...block]));
    painted = block.length;
  };
  // Ages and times go on without events.
  const stop = clock.every(1000, () => {
    if (painted > 0) paint([]);
  });
  const scrolls = (event: RunEvent): boolean =>
    picture === null &&
    event.event !== "progress" &&
    event.event !== "waiting" &&
    event.event !== "phase" &&
    !(event.event === "step" && event.state === "begun");
  return {
    report(event) {
      if (closed) return;
      live = fold(live, event, clock.now());
      if (event.event === "progress") {
        if (clock.now() - progressAt < frame) return;
        progressAt = clock.now();
      }
      paint(scrolls(event) ? eventLines(event, style) : []);
    },
    draw(next) {
      picture = next;
      if (!closed) paint([]);
    },
    say: (line) => (closed ? screen.write(`${line}\n`) : paint([line])),
    hide() {
      screen.write(upAndClear(painted));
      painted = 0;
    },
    close() {
      if (closed) return;
      stop();
      screen.write(upAndClear(painted));
      painted = 0;
      closed = true;
    },
  };
}
