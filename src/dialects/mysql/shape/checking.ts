// Steps that look at rows and change none.
import type { StepCore } from "../../../step/step.ts";
import { column } from "../writing.ts";
import { rowsOf, type ShapeContext } from "./context.ts";

export interface Check {
  readonly title: string;
  /** Finds bad rows: `key` and `problem`. */
  readonly statement: string;
}

/** The key of a row, as text. */
export const rowKey = (context: ShapeContext): string =>
  context.key.length === 0 ? "''" : `concat_ws(', ', ${context.key.map(({ name }) => column(name)).join(", ")})`;

export const checkStep = (context: ShapeContext, title: string, why: string, checks: readonly Check[]): StepCore => ({
  title: `look whether ${title}`,
  act: { kind: "checks", checks },
  probe: null,
  locks: [],
  work: "scan",
  timeouts: { lock: 5_000, statement: 0 },
  why,
  estimate: { rows: rowsOf(context), ms: null, holdMs: null },
  group: context.group,
  mark: null,
});
