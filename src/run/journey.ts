// How far a run has come on the way that whoever carried it last set out on. Pure: from its steps and the fold of its journal.
import type { Position } from "../step/phase.ts";
import type { Step } from "../step/step.ts";
import type { Direction, Outcome } from "../store/event.ts";
import type { RunState } from "../store/fold.ts";
import { route } from "./route.ts";

/**
 * - `unbegun`: opened, and nobody has set out with it; nothing was ever done.
 * - `under-way`: left before its goal, or not seen off there; whoever comes next goes on.
 * - `arrived`: at its goal between two phases, where it may rest for as long as people like.
 * - `over`: closed.
 */
export type Journey = "unbegun" | "under-way" | "arrived" | "over";

/** What the run is closed with at that goal; null: it stays open there. */
export const endAt = (direction: Direction, goal: Position): Outcome | null =>
  direction === "forward" && goal === "drop" ? "applied" : direction === "backward" && goal === "start" ? "reverted" : null;

/**
 * The position alone does not tell: going back it is the goal's as soon as anything of the phase after it is taken back, with most of the
 * way still to go.
 */
export function journeyOf(steps: readonly Step[], state: RunState): Journey {
  const { direction, goal, outcome, paused, stopped } = state;
  if (outcome !== null) return "over";
  // A forward goal is never the start.
  if (direction === "forward" && goal === "start") return "unbegun";
  // At either end a run has arrived once it is closed.
  if (paused !== null || stopped !== null || endAt(direction, goal) !== null) return "under-way";
  return route(steps, state, direction, goal).kind === "arrived" ? "arrived" : "under-way";
}
