// What any check has to say: lint, hazard, preflight, drift, verify. One shape, one renderer.
import type { Subject } from "./problem.ts";

/**
 * - `refuse`: the plan is not carried out (exit 3) unless the migration accepts the rule by name.
 * - `warn`: shown, and carried by the plan.
 * - `note`: worth knowing.
 */
export type Severity = "refuse" | "warn" | "note";

/** One thing a check has to say. `rule` is kebab-case and has a page `docs/findings/<rule>.md`. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly subject: Subject;
  readonly message: string;
  /** What to do about it. */
  readonly fix?: string;
  /** True when a migration may accept a `refuse` by naming the rule in its `accept` list. */
  readonly acceptable?: boolean;
}
