// The live block: what a run is doing this moment. Events in, lines out; who paints them is another matter.
import type { PhaseView, Progress, RunEvent, StepView, Waiting } from "../../app/contract.ts";
import { cut } from "./layout.ts";
import { time } from "./numbers.ts";
import { progressText, railText, stepText, waitingText } from "./run.ts";
import type { Style } from "./style.ts";

export interface Live {
  readonly rail: readonly PhaseView[];
  readonly step: { readonly view: StepView; readonly since: number } | null;
  readonly progress: Progress | null;
  /** `at`: when it was told, so that its age goes on between two events. */
  readonly waiting: { readonly view: Waiting; readonly at: number } | null;
}

export const atRest: Live = { rail: [], step: null, progress: null, waiting: null };

function railAfter(rail: readonly PhaseView[], event: RunEvent): readonly PhaseView[] {
  if (event.event === "phase") {
    const done = event.state === "done";
    const state = done ? (event.direction === "forward" ? "done" : "pending") : "active";
    return rail.map((view) =>
      view.phase !== event.phase || view.state === "empty" ? view : { ...view, state, stepsDone: done ? (state === "done" ? view.steps : 0) : view.stepsDone },
    );
  }
  if (event.event !== "step" || event.state !== "done") return rail;
  const by = event.step.direction === "forward" ? 1 : -1;
  return rail.map((view) => (view.phase === event.step.phase ? { ...view, stepsDone: Math.max(0, Math.min(view.steps, view.stepsDone + by)) } : view));
}

/** The state after an event that was told at `now` (ms). */
export function fold(live: Live, event: RunEvent, now: number): Live {
  const rail = railAfter(live.rail, event);
  switch (event.event) {
    case "opened":
    case "resumed":
      return { ...atRest, rail: event.rail };
    case "step":
      return event.state === "begun" ? { rail, step: { view: event.step, since: now }, progress: null, waiting: null } : { ...atRest, rail };
    case "progress":
      return { ...live, step: live.step ?? { view: event.step, since: now }, progress: event.progress, waiting: null };
    case "waiting": {
      const step = event.step === null ? live.step : { view: event.step, since: live.step?.since ?? now };
      return { ...live, step, waiting: { view: event.waiting, at: now } };
    }
    case "ended":
      return atRest;
    default:
      return { ...live, rail };
  }
}

/** At most four lines, none wider than the terminal. */
export function liveLines({ rail, step, progress, waiting }: Live, style: Style, now: number, columns: number): readonly string[] {
  const lines: string[] = [];
  if (rail.length > 0) lines.push(railText(rail, style));
  if (step) lines.push(`${style.bold(step.view.id)}  ${stepText(step.view)} ${style.dim(time(now - step.since))}`);
  if (progress) lines.push(progressText(progress, style, columns < 80 ? 10 : 24));
  if (waiting) lines.push(style.yellow(waitingText({ ...waiting.view, sinceMs: waiting.view.sinceMs + now - waiting.at })));
  // One cell stays free: some terminals wrap when the last one is written.
  return lines.map((line) => cut(line, Math.max(10, columns - 1)));
}
