// Operations, schema and facts in; a plan out. Pure, deterministic.
import type { DraftContext } from "../dialects/dialect.ts";
import type { Finding } from "../finding.ts";
import { isAnswered, type Question } from "../schema/facts.ts";
import type { ObjectName } from "../schema/model.ts";
import { keyOf } from "../schema/names.ts";
import type { Phase } from "../step/phase.ts";
import type { Step } from "../step/step.ts";
import { entangled } from "./entangled.ts";
import { planHash } from "./hash.ts";
import { interpret, type PlanInput } from "./interpret.ts";
import { contextOf, type Merged, merge } from "./merge.ts";
import type { Placed } from "./placed.ts";
import { plainSteps } from "./plain.ts";
import type { Plan } from "./plan.ts";

export interface Planned {
  /** Null where a finding refuses it. */
  readonly plan: Plan | null;
  /** The same for reading; also where it is refused, as long as the migrations may accept all that refuses it. */
  readonly draft: Plan | null;
  readonly findings: readonly Finding[];
}

/** What must be answered before the plan can be made; ask again with the answers until none is left. */
export function planQuestions(input: PlanInput): readonly Question[] {
  const { changes, questions, findings } = interpret(input);
  if (questions.length > 0) return questions;
  if (findings.some((finding) => finding.severity === "refuse")) return [];
  return merge(changes)
    .flatMap((merged) => input.dialect.questions(merged, merged.before, input.facts))
    .filter((question) => !isAnswered(question, input.facts));
}

const isRefused = (findings: readonly Finding[]): boolean => findings.some(({ severity }) => severity === "refuse");

/** The tables that these changes create: nobody else uses them yet, so whatever comes after takes its plain form. */
const createdTables = (changes: readonly Merged[]): ReadonlySet<string> =>
  new Set(changes.flatMap((merged) => (merged.change.kind === "create-table" ? [keyOf(merged.change.table)] : [])));

const nameOf = (change: Merged["change"]): string | null => ("shape" in change ? keyOf(change.shape.table) : "table" in change ? keyOf(change.table) : null);

/**
 * The plan, or the findings that refuse it.
 * @throws TypeError when a question of `planQuestions` was left unanswered.
 */
export function buildPlan(input: PlanInput, mode: Plan["mode"]): Planned {
  const { changes, findings, questions } = interpret(input);
  if (questions.length > 0) throw new TypeError(`unanswered: ${JSON.stringify(questions[0])}`);
  if (isRefused(findings)) return { plan: null, draft: null, findings };
  const accepted = new Set(input.migrations.flatMap((migration) => migration.accept));
  const accepts = (rule: string): boolean => mode === "plain" || accepted.has(rule);
  // Plain migrations stay apart: each is a transaction of its own.
  const merged =
    mode === "plain" ? input.migrations.flatMap((migration) => merge(changes.filter((asked) => asked.migration === migration.name))) : merge(changes);
  const hazards = merged
    .flatMap((each) => input.dialect.findings(each, contextOf(each, input.facts, accepts)))
    .map(
      (finding): Finding => (finding.severity === "refuse" && finding.acceptable && accepted.has(finding.rule) ? { ...finding, severity: "warn" } : finding),
    );
  const all = mode === "plain" ? findings : [...findings, ...hazards, ...entangled(merged, input.schema)];
  if (isRefused(all.filter(({ acceptable }) => acceptable !== true))) return { plan: null, draft: null, findings: all };

  const created = createdTables(merged);
  const isNew = (each: Merged): boolean => mode === "plain" || created.has(nameOf(each.change) ?? "");
  const drafts =
    mode === "plain"
      ? plainSteps(merged, input)
      : merged.flatMap((each) => (isNew(each) && each.change.kind !== "create-table" ? plainSteps([each], input) : draft(each, input, accepts)));
  const body: Omit<Plan, "hash"> = {
    format: 1,
    engine: input.dialect.engine,
    version: input.schema.version,
    migrations: input.migrations,
    mode,
    steps: number(drafts),
    tables: claimed(drafts, merged),
    findings: all,
  };
  const plan = { ...body, hash: planHash(body) };
  return { plan: isRefused(all) ? null : plan, draft: plan, findings: all };
}

function draft(merged: Merged, input: PlanInput, accepts: DraftContext["accepts"]): readonly Placed[] {
  return input.dialect
    .steps(merged, contextOf(merged, input.facts, accepts))
    .map((step) => ({ phase: merged.phase, migrations: merged.migrations, draft: step }));
}

function number(placed: readonly Placed[]): readonly Step[] {
  const counts = new Map<Phase, number>();
  return placed.map(({ phase, migrations, draft: step }) => {
    const n = (counts.get(phase) ?? 0) + 1;
    counts.set(phase, n);
    const id = `${phase}-${n}`;
    return { ...step, id, phase, migrations, undo: step.undo.map((undo, i) => ({ ...undo, id: `${id}-undo-${i + 1}` })) };
  });
}

function claimed(placed: readonly Placed[], merged: readonly Merged[]): readonly ObjectName[] {
  const tables = new Map<string, ObjectName>();
  for (const { draft: step } of placed) {
    for (const part of [step, ...step.undo]) {
      for (const lock of part.locks) tables.set(keyOf(lock.table), lock.table);
      if (part.act.kind === "batches") tables.set(keyOf(part.act.table), part.act.table);
    }
  }
  for (const { change } of merged) {
    const table = "shape" in change ? change.shape.table : "table" in change ? change.table : null;
    if (table) tables.set(keyOf(table), table);
  }
  return [...tables.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, table]) => table);
}
