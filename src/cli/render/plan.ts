// A plan as people read it: what is done to which table, under which lock, for how long, and how it is walked back.
import type { Lock, Phase, Plan, PlanResult, Step, StepCore } from "../../app/contract.ts";
import { plural } from "../../plural.ts";
import { findingLines, findingSummary } from "./finding.ts";
import { indented } from "./layout.ts";
import { size, time } from "./numbers.ts";
import type { Style } from "./style.ts";

const says: Readonly<Record<Phase, string>> = {
  expand: "the new shape is added beside the old one",
  backfill: "existing rows get their new values; then new code may be deployed",
  switch: "the new shape becomes the truth; the old one is kept in step",
  retire: "the old shape ends; old code must be gone",
  drop: "what is left of the old shape is archived and dropped",
};

// A sync function has a hundred lines, and a look at the catalog is one of thousands of characters; what they do is said in the title.
const mostLines = 8;
const mostCharacters = 600;

/** A statement's lines, an endless one cut short: JSON has all of it. */
function statementLines(statement: string, style: Style): readonly string[] {
  const lines = statement
    .trim()
    .split("\n")
    .map((line) =>
      line.length > mostCharacters ? `${line.slice(0, mostCharacters)} … ${plural(line.length - mostCharacters, "character")} more (--json shows all)` : line,
    );
  const shown = lines.length > mostLines ? [...lines.slice(0, mostLines), `… ${plural(lines.length - mostLines, "line")} more (--json shows all)`] : lines;
  return shown.map((line) => `${style.dim("|")} ${line}`.trimEnd());
}

function actLines({ act }: StepCore, style: Style): readonly string[] {
  const block = (title: string, statements: readonly (string | null)[]): readonly string[] => {
    const lines = statements.flatMap((statement) => (statement === null ? [] : statementLines(statement, style)));
    return lines.length === 0 ? [] : [...(title === "" ? [] : [style.dim(title)]), ...lines];
  };
  const settings = "around" in act && act.around !== undefined ? block("with these settings, for this step only:", act.around.before) : [];
  switch (act.kind) {
    case "statements":
      return [...settings, ...block("stops where this finds a row:", act.guards), ...block(act.transactional ? "" : "outside a transaction:", act.statements)];
    case "batches":
      return [
        ...block(`per batch of about ${time(act.targetMs)}, along ${act.key.map(({ name }) => name).join(", ")}:`, [act.apply]),
        ...block("and checks each batch by:", [act.check]),
      ];
    case "checks":
      return act.checks.flatMap(({ title, statement }) => block(`checks ${title}:`, [statement]));
    case "shadow-copy":
      return [
        ...settings,
        ...block(act.form === "blocking" ? "shadow-copy, by the server itself while writers wait:" : "shadow-copy, beside the table (not in this version):", [
          act.statement,
        ]),
      ];
    case "module":
      return [`calls ${act.export} of ${act.file}`];
  }
}

const lockText = (locks: readonly Lock[], style: Style): string =>
  locks.map(({ table, mode, strong }) => `${strong ? style.yellow(mode) : mode} on ${table.schema}.${table.name}`).join(", ") || "none";

function workText({ work, estimate }: StepCore): string {
  const { rows, bytes, ms, holdMs } = estimate;
  return [
    work,
    rows === null ? "" : `about ${plural(rows, "row")}`,
    bytes === undefined ? "" : `about ${size(bytes)}`,
    ms === null ? "" : `about ${time(ms)}`,
    holdMs === null ? "" : `holds its locks for about ${time(holdMs)}`,
  ]
    .filter((text) => text !== "")
    .join(", ");
}

function stepLines(step: Step, migrations: number, style: Style): readonly string[] {
  const fact = (name: string, text: string): string => `${style.dim(name.padEnd(6))} ${text}`;
  const undo = step.undo.flatMap((core) => [fact("undo", core.title), ...indented(actLines(core, style), 7)]);
  return [
    `${style.bold(step.id)}  ${step.title}`,
    ...indented(
      [
        ...(migrations > 1 ? [fact("for", step.migrations.join(", "))] : []),
        fact("locks", lockText(step.locks, style)),
        fact("work", workText(step)),
        ...(step.why === "" ? [] : [fact("why", step.why)]),
        ...actLines(step, style),
        ...undo,
        ...(step.oneWay === undefined ? [] : [fact("undo", style.red(`none: ${step.oneWay}`))]),
      ],
      2,
    ),
  ];
}

/** The whole plan, without the server that it is for. */
export function planLines(plan: Plan, style: Style): readonly string[] {
  const phases = [...new Set(plan.steps.map(({ phase }) => phase))];
  const blocks = phases.flatMap((phase) => {
    const steps = plan.steps.filter((step) => step.phase === phase);
    const title = plan.mode === "plain" ? "at once, for its tables are new or empty" : says[phase];
    return [
      "",
      `${style.cyan(style.bold(phase))} ${style.dim(`${style.symbols.arrow} ${title}`)}`,
      ...indented(steps.flatMap((step) => ["", ...stepLines(step, plan.migrations.length, style)]).slice(1), 2),
    ];
  });
  const findings =
    plan.findings.length > 0 ? ["", `${style.bold("Findings")}: ${findingSummary(plan.findings)}`, ...indented(findingLines(plan.findings, style), 2)] : [];
  // What is refused is no plan that anybody could name.
  const name = plan.hash === "" ? [] : ["", style.dim(`plan ${plan.hash.slice(0, 12)}`)];
  return [...plan.migrations.map(({ name }) => `  ${name}`), ...blocks, ...findings, ...name];
}

export function planText({ server, pending, plan, lockBudgetMs }: PlanResult, style: Style): string {
  const where = server ? `${server.database} (${server.product})` : "the database";
  if (plan === null)
    return pending.length === 0
      ? `Nothing to do: ${where} is up to date.\n`
      : `${plural(pending.length, "migration")} pending on ${where}:\n${pending.map((name) => `  ${name}\n`).join("")}`;
  const extent = plan.hash === "" ? style.red("refused") : `${plural(plan.steps.length, "step")}, lock budget ${time(lockBudgetMs)}`;
  const title = `Plan for ${where}: ${plural(plan.migrations.length, "migration")}, ${extent}`;
  return [style.bold(title), ...planLines(plan, style), ""].join("\n");
}
