// Ctrl-C, SIGTERM, a closed terminal and the time limit: first pause safely, then abort, then leave.
import type { PauseReason } from "../app/contract.ts";
import type { Io } from "./io.ts";

export interface Interrupts {
  readonly pause: AbortSignal;
  readonly abort: AbortSignal;
  /** Pauses for another reason than a signal. */
  pauseFor(reason: PauseReason): void;
  /** Pauses when so much time has passed; null: never. */
  limit(ms: number | null): void;
}

/** An abort asks the server to cancel what it does for us; it gets this long. */
const grace = 10_000;

/**
 * @param mode `pause`: the first Ctrl-C pauses the run, the second aborts it. `stop`: there is nothing to pause, the first one ends the command.
 * @param say shows a line to a person.
 */
export function watchInterrupts(io: Pick<Io, "onSignal" | "exit">, mode: "pause" | "stop", say: (line: string) => void): Interrupts {
  const pause = new AbortController();
  const abort = new AbortController();
  const later = (ms: number, call: () => void): void => {
    setTimeout(call, ms).unref();
  };
  let times = 0;
  const stop = (): void => {
    if (times > 1) io.exit(130);
    pause.abort("interrupt" satisfies PauseReason);
    abort.abort();
    later(1000, () => io.exit(130));
  };
  const leave = (): void => {
    if (times === 1) {
      say("Pausing safely after the step or batch under way. Ctrl-C again aborts it; the run can be resumed either way.");
      pause.abort("interrupt" satisfies PauseReason);
    } else if (times === 2) {
      say("Aborting: asking the server to cancel. `hotstick status` will say where the run stands.");
      abort.abort();
      later(grace, () => io.exit(130));
    } else io.exit(130);
  };
  const interrupt = (): void => {
    times++;
    if (mode === "stop") stop();
    else leave();
  };
  io.onSignal("SIGINT", interrupt);
  // What container platforms send before they kill.
  io.onSignal("SIGTERM", interrupt);
  io.onSignal("SIGHUP", () => pause.abort("hangup" satisfies PauseReason));
  return {
    pause: pause.signal,
    abort: abort.signal,
    pauseFor: (reason) => pause.abort(reason),
    limit(ms) {
      if (ms === null) return;
      later(ms, () => {
        if (mode === "pause" && !pause.signal.aborted) say("The time limit is reached: pausing safely after the step or batch under way.");
        pause.abort("max-time" satisfies PauseReason);
      });
    },
  };
}
