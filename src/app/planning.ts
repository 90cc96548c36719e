// Pending migrations → the plan of the next run.
import type { Finding } from "../finding.ts";
import { buildPlan } from "../plan/build.ts";
import { interpret, type PlanInput } from "../plan/interpret.ts";
import type { Migration, Plan } from "../plan/plan.ts";
import type { Problem } from "../problem.ts";
import { checkServer, serverProblem } from "../run/preflight/server.ts";
import { type Facts, mergeFacts, noFacts, type Question, questionKey } from "../schema/facts.ts";
import type { Schema } from "../schema/model.ts";
import type { Planning } from "./engine.ts";
import { answerAll, gatherFacts } from "./facts.ts";
import { plannedTogether, touchedTables } from "./groups.ts";
import type { Parts } from "./parts.ts";
import { missingPrivilege, refused } from "./problems.ts";

/** What a plan is made from. */
export interface Ground {
  readonly planning: Planning;
  readonly schema: Schema;
  readonly namespace: string;
}

/** A plan, or the findings that refuse it, with the facts that it rests on. */
export interface Drafted {
  readonly plan: Plan | null;
  /** For reading, also where findings refuse it that the migrations may accept. */
  readonly draft: Plan | null;
  readonly findings: readonly Finding[];
  readonly facts: Facts;
}

/**
 * Reads what planning needs: the server, the schema, the parser.
 * @param writes a run shall follow. @throws Problem `read-only-server`, `pooled-connection`, `server-too-old`.
 */
export async function readGround(parts: Parts, { writes }: { readonly writes: boolean }): Promise<Ground> {
  // The parser takes its time to load, and so does the server to answer.
  const asking = parts.server();
  const loading = parts.engine.planning(asking.then(({ version }) => version));
  loading.catch(() => undefined);
  const server = await asking;
  if (writes) checkServer(server, (await loading).dialect.capabilities(server.version).supported);
  const schema = parts.memory.schema ?? (await parts.ask((session) => parts.driver.introspect(session)));
  return { planning: await loading, schema, namespace: server.namespace };
}

/** As many of these, from the first, as this reading of the schema allows to plan. */
export const togetherOn = ({ planning, schema, namespace }: Ground, migrations: readonly Migration[], mode: Plan["mode"] = "phased"): readonly Migration[] =>
  plannedTogether(migrations, { schema, namespace, statement: planning.statement, capabilities: planning.dialect.capabilities(schema.version) }, mode);

const inputOf = ({ planning, schema, namespace }: Ground, migrations: readonly Migration[]): Omit<PlanInput, "facts"> => ({
  migrations,
  schema,
  namespace,
  dialect: planning.dialect,
});

export async function draftPlan(parts: Parts, ground: Ground, migrations: readonly Migration[], mode: Plan["mode"], known: Facts = noFacts): Promise<Drafted> {
  const input = inputOf(ground, migrations);
  // What is missing among the rights is told of this plan's tables, not of those of others.
  const facts = await gatherFacts(parts, ground.planning, input, { ...known, rights: {} });
  return { ...buildPlan({ ...input, facts }, mode), facts };
}

/**
 * How many of these, from the first, touch only tables that are new or empty, so that their plain form holds up nobody; with what was
 * learnt of all of them.
 */
async function countPlain(parts: Parts, ground: Ground, migrations: readonly Migration[], known?: Facts): Promise<readonly [count: number, facts: Facts]> {
  const input = inputOf(ground, migrations);
  const facts = await gatherFacts(parts, ground.planning, input, known);
  const touched = touchedTables(interpret({ ...input, facts }), ground.schema);
  const questions = [...touched.values()].flat().map((table): Question => ({ kind: "empty", table }));
  const { empty } = mergeFacts(facts, await answerAll(parts, ground.planning, questions, ground.schema));
  const isPlain = ({ name }: Migration): boolean => (touched.get(name) ?? []).every((table) => empty[questionKey({ kind: "empty", table })] === true);
  const first = migrations.findIndex((migration) => !isPlain(migration));
  return [first < 0 ? migrations.length : first, facts];
}

/**
 * What can be said against SQL before any of it is applied: it needs no schema, so the last file is judged before the first is carried out.
 * @returns what was learnt. @throws Problem `refused` (exit 3).
 */
export async function refuseBadSql(parts: Parts, ground: Ground, migrations: readonly Migration[]): Promise<Facts> {
  const written = migrations.map((migration) => ({ ...migration, operations: migration.operations.filter(({ kind }) => kind === "sql") }));
  const input = inputOf(ground, written);
  const facts = await gatherFacts(parts, ground.planning, input);
  const { findings } = interpret({ ...input, facts });
  if (findings.some(({ severity }) => severity === "refuse")) throw refused(findings);
  return facts;
}

/**
 * The next run on the way through all of these: as many as can be applied in their plain form, or the first one in phases.
 * @param known what was learnt on this ground before.
 */
export async function draftNext(parts: Parts, ground: Ground, migrations: readonly Migration[], known?: Facts): Promise<Drafted> {
  const [first] = migrations;
  if (first === undefined) throw new TypeError("nothing is pending");
  const [any, ofFirst] = await countPlain(parts, ground, [first], known);
  if (any === 0) return draftPlan(parts, ground, [first], "phased", ofFirst);
  const together = togetherOn(ground, migrations, "plain");
  const [plain, ofAll] = await countPlain(parts, ground, together, ofFirst);
  return draftPlan(parts, ground, together.slice(0, plain), "plain", ofAll);
}

/** The rights that a run of this plan would miss; null: none. */
async function lacking(parts: Parts, plan: Plan, facts: Facts): Promise<Problem | null> {
  const missing = await parts.ask((session) => parts.engine.missingRights(session, plan, facts));
  return missing.length > 0 ? missingPrivilege(missing) : null;
}

/**
 * What keeps a run of this plan from its beginning on this server as it is, with this account: whoever begins it is refused with these words.
 * A run takes the way around a pooler where the configuration has one.
 */
export async function obstacles(parts: Parts, { planning: { dialect } }: Ground, { draft, facts }: Drafted): Promise<readonly Problem[]> {
  const server = await parts.server();
  const found = serverProblem(server, dialect.capabilities(server.version).supported);
  const missing = draft === null ? null : await lacking(parts, draft, facts);
  const isAround = found?.code === "pooled-connection" && parts.context.config.directUrl !== null;
  return [isAround ? null : found, missing].filter((each) => each !== null);
}

/**
 * The plan, where nothing speaks against carrying it out; told of its findings.
 * @param done what stands already. @throws Problem `refused` (exit 3), `missing-privilege`.
 */
export async function accepted(parts: Parts, { plan, findings, facts }: Drafted, done?: string): Promise<Plan> {
  for (const finding of findings) if (finding.severity !== "refuse") parts.teller.finding(finding);
  if (plan === null) throw refused(findings, done);
  const missing = await lacking(parts, plan, facts);
  if (missing !== null) throw missing;
  return plan;
}
