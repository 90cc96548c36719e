// The hash of a plan: what is done and in which order, but not what is estimated or said about it.
import { createHash } from "node:crypto";
import type { Step, StepCore } from "../step/step.ts";
import type { Plan } from "./plan.ts";

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, canonical(item)]),
  );
};

const core = ({ title: _title, why: _why, estimate: _estimate, ...rest }: StepCore): object => rest;

const stepOf = (step: Step): object => ({ ...core(step), undo: step.undo.map(core) });

/** SHA-256, hex. Changes only when a statement, an order, a timeout or a form does. */
export function planHash(plan: Omit<Plan, "hash">): string {
  const matter = {
    format: plan.format,
    engine: plan.engine,
    mode: plan.mode,
    migrations: plan.migrations.map((migration) => [migration.name, migration.contentHash]),
    steps: plan.steps.map(stepOf),
  };
  return createHash("sha256")
    .update(JSON.stringify(canonical(matter)))
    .digest("hex");
}
