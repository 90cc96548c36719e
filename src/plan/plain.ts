// The plain form: on tables that are new or empty a migration is one transaction, broken only where the server forbids it. Where the
// server has no transaction for it, it is the steps of that form.
import type { DraftStep } from "../dialects/dialect.ts";
import type { StepCore } from "../step/step.ts";
import type { PlanInput } from "./interpret.ts";
import { contextOf, type Merged } from "./merge.ts";
import type { Placed } from "./placed.ts";

const isShapeRest = (merged: Merged): boolean => ["fill-shape", "turn-shape", "settle-shape", "discard-shape"].includes(merged.change.kind);

const transaction = (title: string, statements: readonly string[]): StepCore => ({
  title,
  act: { kind: "statements", transactional: true, guards: [], statements, repair: [] },
  probe: null,
  locks: [],
  work: "instant",
  timeouts: { lock: "budget", statement: 0 },
  why: "The tables are new or empty, so the plain form holds up nobody.",
  estimate: { rows: 0, ms: null, holdMs: null },
  group: null,
  mark: null,
});

/** Steps in the order of the operations; a shape is done whole where it opens. */
export function plainSteps(merged: readonly Merged[], input: PlanInput): readonly Placed[] {
  const placed: Placed[] = [];
  let open: { migration: string; statements: string[]; undo: string[] | null } | null = null;
  const close = (): void => {
    if (open && open.statements.length > 0) {
      const draft: DraftStep = {
        ...transaction(`apply ${open.migration}`, open.statements),
        undo: open.undo && open.undo.length > 0 ? [transaction(`take back ${open.migration}`, open.undo)] : [],
        ...(open.undo ? {} : { oneWay: `${open.migration} was applied in its plain form and has no undo` }),
      };
      placed.push({ phase: "expand", migrations: [open.migration], draft });
    }
    open = null;
  };
  const names = input.migrations.map((migration) => migration.name);
  const ordered = [...merged].sort((a, b) => names.indexOf(a.migrations[0] ?? "") - names.indexOf(b.migrations[0] ?? ""));
  for (const each of ordered) {
    if (isShapeRest(each)) continue;
    const context = contextOf(each, input.facts, () => true);
    const migration = each.migrations[0] ?? "";
    const { change } = each;
    const fusible =
      change.kind !== "module" && (change.kind !== "statements" || change.statements.every((statement) => statement.transactional && !statement.alone));
    if (!fusible) {
      close();
      for (const step of input.dialect.steps(each, context)) placed.push({ phase: "expand", migrations: each.migrations, draft: step });
      continue;
    }
    if (open && open.migration !== migration) close();
    const plain = input.dialect.plain(change, context);
    if (plain.kind === "apart") {
      for (const step of plain.steps) placed.push({ phase: "expand", migrations: each.migrations, draft: step });
      continue;
    }
    open ??= { migration, statements: [], undo: [] };
    open.statements.push(...plain.statements);
    if (plain.undo && open.undo) open.undo.unshift(...plain.undo);
    else open.undo = null;
  }
  close();
  return placed;
}
