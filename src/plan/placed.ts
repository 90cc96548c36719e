// A draft with its place in a plan that has no numbers yet.
import type { DraftStep } from "../dialects/dialect.ts";
import type { Phase } from "../step/phase.ts";

export interface Placed {
  readonly phase: Phase;
  readonly migrations: readonly string[];
  readonly draft: DraftStep;
}
