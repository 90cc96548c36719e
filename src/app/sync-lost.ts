// What is said of triggers that disturb the sync, in words that all engines share.
import type { Disturbance } from "./engine.ts";

/** Ours is not there. @param table by its key. */
export const lost = (trigger: string, table: string, event: string): Disturbance => ({
  trigger: `${table}.${trigger}`,
  message: `The trigger ${trigger} is gone: since then no ${event.toUpperCase()} of ${table} is kept in step.`,
  fix: "Before the switch: hotstick rollback --accept-drift, and start again. After it, look at hotstick verify first: it names rows that are apart, and going back would lose what they hold.",
});

/** Another one changes rows behind ours. @param fix what ends it. */
export const unheard = (trigger: string, table: string, ours: string, fix: string): Disturbance => ({
  trigger: `${table}.${trigger}`,
  message: `The trigger ${trigger} fires after ${ours}: what it changes in a row of ${table} does not reach the other shape.`,
  fix,
});
