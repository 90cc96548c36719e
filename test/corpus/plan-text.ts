// A plan as text that a person can review: what each step is called, what it sends, what it locks, and how it is taken back.
import type { Finding } from "../../src/finding.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { keyOf } from "../../src/schema/names.ts";
import { phases } from "../../src/step/phase.ts";
import type { Act, StepCore } from "../../src/step/step.ts";

/** Bodies of functions and triggers have tests of their own; here only that there is one counts. */
function brief(statement: string): string {
  if (/^create (or replace )?function/i.test(statement)) return `${statement.slice(0, statement.indexOf("("))}(…)`;
  const trigger = /^create [^(]*?\btrigger\s.*?\sfor each row(?=\s+begin\b)/is.exec(statement);
  return trigger === null ? statement.replaceAll(/\s*\n\s*/g, " ") : `${trigger[0].replaceAll(/\s+/g, " ")} (…)`;
}

function linesOf(act: Act): readonly string[] {
  switch (act.kind) {
    case "statements":
      return [
        ...act.guards.map((guard) => `guard: ${brief(guard)}`),
        ...act.statements.map(brief),
        ...act.repair.map((statement) => `if broken: ${brief(statement)}`),
      ];
    case "batches":
      return [
        `bound: ${brief(act.bound)}`,
        ...(act.apply === null ? [] : [`apply: ${brief(act.apply)}`]),
        ...(act.check === null ? [] : [`check: ${brief(act.check)}`]),
        ...(act.remaining === null ? [] : [`until none: ${brief(act.remaining)}`]),
      ];
    case "checks":
      return act.checks.map(({ title, statement }) => `${title}: ${brief(statement)}`);
    case "shadow-copy":
      return [`shadow-copy, ${act.form}: ${brief(act.statement)}`];
    case "module":
      return [`${act.export} of ${act.file}`];
  }
}

function textOf(core: StepCore, indent: string, name: string): readonly string[] {
  const locks = core.locks.map(({ table, mode }) => `${mode} ${keyOf(table)}`).join(", ");
  const outside = core.act.kind === "statements" && !core.act.transactional ? ", outside a transaction" : "";
  return [`${indent}${name} [${core.work}${locks === "" ? "" : `; ${locks}`}${outside}]`, ...linesOf(core.act).map((line) => `${indent}    ${line}`)];
}

/** Findings first; then the steps by phase, where none refuses the plan. */
export function planText({ plan, findings }: { readonly plan: Plan | null; readonly findings: readonly Finding[] }): string {
  const said = findings.map(({ severity, rule, subject }) => `${severity} ${rule}: ${subject.kind} ${subject.name}`);
  const steps = phases.flatMap((phase) => {
    const own = plan?.steps.filter((step) => step.phase === phase) ?? [];
    return own.length === 0
      ? []
      : [
          "",
          phase,
          ...own.flatMap((step) => [
            ...textOf(step, "  ", step.title),
            ...(step.oneWay === undefined ? [] : [`      one way: ${step.oneWay}`]),
            ...step.undo.flatMap((undo) => textOf(undo, "      ", `undo: ${undo.title}`)),
          ]),
        ];
  });
  return `${[...said, ...(plan === null ? ["", "refused"] : steps)].join("\n").trim()}\n`;
}
