// The five arrows, in order.

export const phases = ["expand", "backfill", "switch", "retire", "drop"] as const;

/** One of the five arrows of a change's life; each can be walked back on its own. */
export type Phase = (typeof phases)[number];

/** Where a run stands: the last phase that is done, or `start` when none is. */
export type Position = "start" | Phase;

export const positions: readonly Position[] = ["start", ...phases];

export const phaseIndex = (phase: Phase): number => phases.indexOf(phase);
export const isPhase = (text: string): text is Phase => (phases as readonly string[]).includes(text);
