// What would be done, under which locks, for how long; changes nothing.
import type { Finding } from "../finding.ts";
import type { Migration, Plan } from "../plan/plan.ts";
import type { Problem } from "../problem.ts";
import type { PlanOptions, PlanResult, UseCases } from "./contract.ts";
import { readDesk } from "./desk.ts";
import type { Parts } from "./parts.ts";
import { serverView, withParts } from "./parts.ts";
import { type Drafted, draftNext, draftPlan, type Ground, obstacles, readGround, togetherOn } from "./planning.ts";
import { named } from "./start.ts";

/** What is planned now, and what only when that is applied. */
const later = (migrations: readonly Migration[], planned: readonly Migration[]): readonly Finding[] => {
  const rest = migrations.slice(planned.length);
  const [first] = rest;
  if (first === undefined) return [];
  return [
    {
      rule: "planned-later",
      severity: "note",
      subject: { kind: "migration", name: first.name },
      message: `${rest.length === 1 ? `${first.name} is` : `${first.name} and ${rest.length - 1} more are`} planned when this is applied: what SQL leaves behind is known only then.`,
    },
  ];
};

/** Plans are made on standbys and with accounts that only read; whoever may begin a run learns of it before that. */
const wouldNotBegin = ({ code, message, hint, subject }: Problem): Finding => ({
  rule: "would-not-begin",
  severity: "warn",
  subject: subject ?? { kind: "account", name: "connected" },
  message: `A run would be refused now (${code}): ${message}`,
  ...(hint === undefined ? {} : { fix: hint }),
});

/** A plan that is refused has findings; steps too where the migrations may accept all that refuses it. */
function shown({ draft, findings }: Drafted, { planning, schema }: Ground, migrations: readonly Migration[], more: readonly Finding[]): Plan {
  if (draft !== null) return { ...draft, findings: [...findings, ...more] };
  return {
    format: 1,
    engine: planning.dialect.engine,
    version: schema.version,
    migrations,
    mode: "phased",
    steps: [],
    tables: [],
    findings: [...findings, ...more],
    hash: "",
  };
}

/** All in phases; where `up` would apply all of it in its plain form, that. */
async function drawUp(parts: Parts, ground: Ground, migrations: readonly Migration[]): Promise<Drafted> {
  const next = await draftNext(parts, ground, migrations);
  return next.plan?.mode === "plain" && next.plan.migrations.length === migrations.length ? next : draftPlan(parts, ground, migrations, "phased");
}

/** @throws Problem `migration-edited`, `migration-missing` (exit 4), and what reading files throws. */
export const plan: UseCases["plan"] = (context, { migrations: names, check }: PlanOptions): Promise<PlanResult> =>
  withParts(context, { purpose: "hotstick plan", reads: true }, async (parts) => {
    const desk = await readDesk(parts, { writes: false });
    const wanted = named(desk, names);
    const server = serverView(parts, await parts.server());
    const base = { server, pending: wanted.map(({ name }) => name), lockBudgetMs: context.config.lockBudgetMs };
    if (wanted.length === 0) return { ...base, plan: null, next: null };
    const ground = await readGround(parts, { writes: false });
    const together = togetherOn(ground, wanted);
    const drafted = await drawUp(parts, ground, together);
    const inTheWay = await obstacles(parts, ground, drafted);
    const next =
      drafted.plan === null || check || inTheWay.length > 0
        ? null
        : {
            command: drafted.plan.mode === "plain" ? "hotstick up" : "hotstick start",
            why: drafted.plan.mode === "plain" ? "applies it" : "expands and backfills, and stays there",
          };
    return { ...base, plan: shown(drafted, ground, together, [...later(wanted, together), ...inTheWay.map(wouldNotBegin)]), next };
  });
