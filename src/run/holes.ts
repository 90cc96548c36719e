// Filling a template's holes from the run's own journal.

import type { Template } from "../step/step.ts";
import { noMarks, type RunState } from "../store/fold.ts";

/** Values by hole name; all of it is text that we made. */
export type Holes = Readonly<Record<string, string>>;

/** What every template of an act may use. */
export function holesOf(run: number, state: RunState, group: string | null): Holes {
  const { generation, settled, archived } = state.groups[group ?? ""] ?? noMarks;
  return { run: String(run), generation: String(generation), settled, archived, braces: "{{" };
}

/**
 * Holes that are not among these are left as they are: a user's own text may hold double braces of its own, and a hole of ours
 * that nothing fills is refused by the server.
 */
export const fill = (template: Template, holes: Holes): string =>
  template.replaceAll(/\{\{([a-z]+)\}\}/g, (hole, name: string) => (Object.hasOwn(holes, name) ? (holes[name] ?? hole) : hole));
