// Makers of steps: the few forms in which this dialect acts, with their locks and timeouts.
import type { ObjectName } from "../../schema/model.ts";
import type { Estimate, Lock, StepCore, Work } from "../../step/step.ts";

/** Locks that stop writers, or readers too, obey the lock budget. */
export const accessExclusive = (table: ObjectName): Lock => ({ table, mode: "ACCESS EXCLUSIVE", strong: true });
export const shareRowExclusive = (table: ObjectName): Lock => ({ table, mode: "SHARE ROW EXCLUSIVE", strong: true });
/** Stops neither readers nor writers. */
export const shareUpdateExclusive = (table: ObjectName): Lock => ({ table, mode: "SHARE UPDATE EXCLUSIVE", strong: false });
export const rowShare = (table: ObjectName): Lock => ({ table, mode: "ROW SHARE", strong: false });

const unknown: Estimate = { rows: null, ms: null, holdMs: null };

interface Common {
  readonly title: string;
  readonly why: string;
  readonly group?: string | null;
  readonly mark?: StepCore["mark"];
  readonly estimate?: Partial<Estimate>;
}

const common = (fields: Common): Pick<StepCore, "title" | "why" | "group" | "mark" | "estimate"> => ({
  title: fields.title,
  why: fields.why,
  group: fields.group ?? null,
  mark: fields.mark ?? null,
  estimate: { ...unknown, ...fields.estimate },
});

/** One short transaction on the catalog, under strong locks within the budget. */
export const catalogStep = (
  fields: Common & { readonly locks: readonly Lock[]; readonly guards?: readonly string[]; readonly statements: readonly string[] },
): StepCore => ({
  ...common(fields),
  act: { kind: "statements", transactional: true, guards: fields.guards ?? [], statements: fields.statements, repair: [] },
  probe: null,
  locks: fields.locks,
  work: "instant",
  timeouts: { lock: "budget", statement: "budget" },
});

/** One transaction that reads a whole table under locks that stop nobody. */
export const scanStep = (fields: Common & { readonly locks: readonly Lock[]; readonly statements: readonly string[] }): StepCore => ({
  ...common(fields),
  act: { kind: "statements", transactional: true, guards: [], statements: fields.statements, repair: [] },
  probe: null,
  locks: fields.locks,
  work: "scan",
  // SHARE UPDATE EXCLUSIVE conflicts only with maintenance and DDL: waiting for it stalls no application.
  timeouts: { lock: 30_000, statement: 0 },
});

/**
 * A statement that the server refuses inside a transaction. Its waits are for older snapshots of the whole database and stall
 * nobody, so it has no timeouts: a cancelled one leaves an INVALID index behind.
 */
export const concurrentStep = (
  fields: Common & { readonly table: ObjectName; readonly statement: string; readonly repair: readonly string[]; readonly probe: string; readonly work: Work },
): StepCore => ({
  ...common(fields),
  act: { kind: "statements", transactional: false, guards: [], statements: [fields.statement], repair: fields.repair },
  probe: { query: fields.probe },
  locks: [shareUpdateExclusive(fields.table)],
  work: fields.work,
  timeouts: { lock: 0, statement: 0 },
});
