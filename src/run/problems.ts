// What a run has to say when it cannot go on.
import type { Blocker } from "../drivers/driver.ts";
import { plural } from "../plural.ts";
import { Problem } from "../problem.ts";
import type { StoppedBy } from "../store/event.ts";
import type { Holder, Lease } from "../store/store.ts";
import type { Task } from "./route.ts";

const seconds = (ms: number): string => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);

/** `pid 4711 (psql, idle in transaction for 14 s, holds ACCESS SHARE on app.users)`. */
export function nameBlocker(blocker: Blocker): string {
  const who = blocker.pid === null ? `prepared transaction "${blocker.gid ?? ""}"` : `pid ${blocker.pid}`;
  const what = [
    blocker.application || blocker.user,
    `${blocker.state || "in a transaction"} for ${seconds(blocker.ageMs)}`,
    `${blocker.mode} on ${blocker.relation}`,
  ];
  return `${who}${blocker.server === undefined ? "" : ` on replica ${blocker.server}`} (${what.join(", ")})`;
}

export const nameBlockers = (blockers: readonly Blocker[]): string => {
  const named = blockers.slice(0, 3).map(nameBlocker).join("; ");
  return blockers.length > 3 ? `${named}; and ${blockers.length - 3} more` : named;
};

export const resumeCommand = (run: number): string => `hotstick resume ${run}`;

const subject = (task: Task): { readonly kind: string; readonly name: string } => ({ kind: "step", name: task.core.id });

export const leaseLost = (run: number, why: string, cause?: unknown): Problem =>
  new Problem({
    code: "lease-lost",
    message: `Run ${run} is not ours any more: ${why}.`,
    hint: "Whoever holds it goes on from there; see hotstick status.",
    subject: { kind: "run", name: String(run) },
    exit: 5,
    cause,
  });

export const leaseBusy = (lease: Lease, holder: Holder): Problem =>
  new Problem({
    code: "lease-busy",
    message: `Run ${lease.run} is being carried by ${holder.name} (pid ${holder.pid}) since ${lease.since}; its last sign of life was ${seconds(lease.silentMs)} ago, and its lease ends at ${lease.expiresAt} unless renewed.`,
    hint: "Wait for it (hotstick status --watch), or ask it to stop: hotstick pause.",
    subject: { kind: "run", name: String(lease.run) },
    exit: 5,
    details: { run: lease.run, holder, since: lease.since, expiresAt: lease.expiresAt },
  });

export const lockBusy = (task: Task, tries: number, last: string, blockers: readonly Blocker[]): Problem =>
  new Problem({
    code: "lock-busy",
    message: `Step ${task.core.id} (${task.core.title}) gave up after ${plural(tries, "try", "tries")}: ${last}${blockers.length > 0 ? ` In its way: ${nameBlockers(blockers)}.` : ""}`,
    hint: "End or wait for those transactions and run it again; or let clients wait longer for a moment: --lock-budget 1s.",
    subject: subject(task),
    exit: 5,
    details: { blockers },
  });

export const guardFailed = (task: Task, message: string, cause: unknown): Problem =>
  new Problem({
    code: "guard-failed",
    message: `Step ${task.core.id} (${task.core.title}) must not go on: ${message}.`,
    hint: "hotstick verify names the rows; correct them and go on: hotstick resume. Or go back: hotstick rollback.",
    subject: subject(task),
    cause,
  });

/** Whether it may be done by half when the server refuses the rest. */
export const isPartial = ({ core: { act } }: Task): boolean => act.kind === "statements" && act.partial === true;

export const stepFailed = (task: Task, kind: "refused" | "denied" | "failed", description: string, cause: unknown): Problem =>
  new Problem({
    code: `step-${kind}`,
    message: `Step ${task.core.id} (${task.core.title}) ${kind === "failed" ? "failed" : kind === "denied" ? "is not allowed" : "was refused by the data"}: ${description}`,
    hint:
      kind === "denied"
        ? "Grant what is missing to the role of the URL, or open the server for writes again where it says that it is read-only; then go on: hotstick resume."
        : isPartial(task)
          ? "It does several things one after another, and what came before the refusal is done. Look, do the rest by hand and take it back; or go back, which runs its undo: hotstick rollback."
          : "Nothing of this step was kept. Correct the cause and go on, or go back: hotstick rollback.",
    subject: subject(task),
    cause,
  });

/** A plan may come from another version than the one that carries it. */
export const copyMissing = (task: Task, table: string, run: number): Problem =>
  new Problem({
    code: "shadow-copy",
    message: `Step ${task.core.id} (${task.core.title}) is to copy ${table} beside itself while everybody works, which this version of Hotstick cannot. Nothing of the step was done.`,
    hint: `Go back: hotstick rollback ${run}. Or carry it with the version that planned it: ${resumeCommand(run)}`,
    subject: subject(task),
    exit: 3,
  });

/** @param description the server's own words. */
export const sentBefore = (task: Task, description: string, cause: unknown): Problem =>
  new Problem({
    code: "sent-before",
    message: `Step ${task.core.id} (${task.core.title}) was sent before and interrupted, and now the server says that it is so already: ${description}`,
    hint: "Probably it was carried out. Look at it; take away by hand what it made and go on: hotstick resume. Or go back, which runs its undo: hotstick rollback.",
    subject: subject(task),
    cause,
  });

export const stepTimeout = (task: Task, ms: number, cause: unknown): Problem =>
  new Problem({
    code: "step-timeout",
    message: `Step ${task.core.id} (${task.core.title}) took longer than its ${seconds(ms)}.`,
    hint: "When the server is less busy, go on: hotstick resume. Or go back: hotstick rollback.",
    subject: subject(task),
    cause,
  });

export const nameTaken = (task: Task): Problem =>
  new Problem({
    code: "name-taken",
    message: `Step ${task.core.id} (${task.core.title}): something else already has the name that it needs.`,
    hint: "Rename or drop that object if it is yours to drop, then go on; or go back: hotstick rollback.",
    subject: subject(task),
  });

/** One row that is in the way, by its key. */
export interface BadRow {
  readonly key: string;
  readonly problem: string;
}

const rows = (bad: readonly BadRow[]): string => bad.map(({ key, problem }) => (key === "" ? problem : `${key}: ${problem}`)).join("; ");

export const rowsRefused = (task: Task, table: string, bad: readonly BadRow[], cause: unknown): Problem =>
  new Problem({
    code: "rows-refused",
    message: `Rows of ${table} cannot be changed by step ${task.core.id} (${task.core.title}). The first: ${rows(bad)}`,
    hint: "Correct these rows and go on from this batch; or go back: hotstick rollback.",
    subject: { kind: "table", name: table },
    cause,
    details: { rows: bad },
  });

export const rowsRemain = (task: Task, table: string): Problem =>
  new Problem({
    code: "rows-remain",
    message: `Step ${task.core.id} (${task.core.title}): a whole pass over ${table} changed nothing, and rows are still left.`,
    hint: "A trigger or rule of the table may take the change back; hotstick verify names the rows.",
    subject: { kind: "table", name: table },
  });

export const verifyFailed = (task: Task, table: string, bad: readonly BadRow[]): Problem =>
  new Problem({
    code: "verify-failed",
    message: `Step ${task.core.id} (${task.core.title}) found rows that break the rule. The first: ${rows(bad)}`,
    hint: "Correct these rows and go on; or go back: hotstick rollback.",
    subject: { kind: "table", name: table },
    details: { rows: bad },
  });

export const paused = (run: number, reason: string): Problem =>
  new Problem({
    code: "paused",
    message: `Run ${run} paused: ${reason}.`,
    hint: `Go on with: ${resumeCommand(run)}`,
    subject: { kind: "run", name: String(run) },
    exit: 130,
    details: { reason },
  });

export const asData = (problem: Problem): StoppedBy => ({
  code: problem.code,
  message: problem.message,
  hint: problem.hint ?? null,
  details: problem.details ?? null,
});
