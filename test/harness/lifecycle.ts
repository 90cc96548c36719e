// Carries operations through their phases on a real database, below the use cases: for tests of operations and of their steps.

import { engineOf } from "../../src/app/engines.ts";
import type { Session } from "../../src/drivers/driver.ts";
import type { Finding } from "../../src/finding.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { buildPlan, planQuestions } from "../../src/plan/build.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { systemClock } from "../../src/run/clock.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun, openRun, reopenRun } from "../../src/run/open.ts";
import type { CarryOptions, News, Tools } from "../../src/run/tools.ts";
import { type Facts, mergeFacts, noFacts } from "../../src/schema/facts.ts";
import { explainDifference, fingerprint } from "../../src/schema/fingerprint.ts";
import type { Schema } from "../../src/schema/model.ts";
import type { Position } from "../../src/step/phase.ts";
import type { RunState } from "../../src/store/fold.ts";

export interface LifecycleOptions {
  readonly accept?: readonly string[];
  readonly name?: string;
  readonly carry?: Partial<CarryOptions>;
  readonly report?: (news: News) => void;
  readonly checkpoint?: Tools["checkpoint"];
  readonly mode?: Plan["mode"];
  /** As it was read a moment ago, for many plans on one reading. */
  readonly schema?: Schema;
}

export interface Lifecycle {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  readonly run: number;
  /** Forward to the end of a phase. */
  to(goal: Position): Promise<RunState>;
  back(goal: Position): Promise<RunState>;
  /** Opens the completed run again and walks it back. */
  undo(goal: Position): Promise<RunState>;
}

const never = new AbortController().signal;
const holder = { name: "test", pid: process.pid, version: "0" };

const migrationOf = (operations: readonly Operation[], options: LifecycleOptions) => ({
  name: options.name ?? "change",
  parents: [],
  operations: operations as unknown as Plan["migrations"][number]["operations"],
  accept: options.accept ?? [],
  bytesHash: null,
  contentHash: `hash of ${options.name ?? "change"}`,
});

/** Reads the schema as users see it. */
export async function schemaOf(url: string): Promise<Schema> {
  const driver = await (await engineOf(url)).driver(url);
  const session = await driver.connect({ purpose: "look" });
  try {
    return await driver.introspect(session);
  } finally {
    await session.close();
  }
}

/** Lines that differ; empty where the two are the same schema. */
export const schemaDifference = (before: Schema, after: Schema): readonly string[] =>
  fingerprint(before) === fingerprint(after) ? [] : explainDifference(before, after);

/** The plan of some operations on the database as it is, and the findings. */
export async function planOf(session: Session, url: string, operations: readonly Operation[], options: LifecycleOptions = {}) {
  const engine = await engineOf(url);
  const driver = await engine.driver(url);
  const schema = options.schema ?? (await driver.introspect(session));
  const { dialect, statement: factOf } = await engine.planning(schema.version);
  const { namespace } = await driver.server(session);
  const input = { migrations: [migrationOf(operations, options)], schema, namespace, dialect };
  let facts: Facts = noFacts;
  for (;;) {
    const questions = planQuestions({ ...input, facts });
    if (questions.length === 0) break;
    const ours = questions.filter((question) => question.kind === "statement");
    const statement = Object.fromEntries(ours.map((question) => [question.text, factOf(question.text)]));
    facts = mergeFacts(
      mergeFacts(facts, { ...noFacts, statement }),
      await driver.answer(
        session,
        questions.filter((question) => question.kind !== "statement"),
        schema,
      ),
    );
  }
  return { ...buildPlan({ ...input, facts }, options.mode ?? "phased"), driver, dialect };
}

/** The plan of some operations on the database as it is. @throws Error where it is refused. */
export async function planFor(url: string, operations: readonly Operation[], options: LifecycleOptions = {}): Promise<Plan> {
  const session = await (await (await engineOf(url)).driver(url)).connect({ purpose: "plan" });
  try {
    const { plan, findings } = await planOf(session, url, operations, options);
    if (!plan) throw new Error(`refused: ${findings.map((finding) => `${finding.rule}: ${finding.message}`).join("; ")}`);
    return plan;
  } finally {
    await session.close();
  }
}

/** Opens a run of the operations. */
export async function lifecycleOf(url: string, operations: readonly Operation[], options: LifecycleOptions = {}): Promise<Lifecycle> {
  const engine = await engineOf(url);
  const session = await (await engine.driver(url)).connect({ purpose: "plan" });
  try {
    const { plan, findings, driver, dialect } = await planOf(session, url, operations, options);
    if (!plan) throw new Error(`refused: ${findings.map((finding) => `${finding.rule}: ${finding.message}`).join("; ")}`);
    const store = await engine.store();
    await store.ensure(session);
    const tools: Tools = {
      driver,
      dialect,
      store,
      clock: systemClock,
      random: Math.random,
      modules: async () => {
        throw new Error("no modules here");
      },
      checkpoint: options.checkpoint ?? (() => undefined),
      report: options.report ?? (() => undefined),
    };
    const { seen } = await store.overview(session);
    const opened = await openRun(tools, session, plan, { holder, seen });
    await opened.release();
    const drive = async (direction: "forward" | "backward", goal: Position, again: boolean): Promise<RunState> => {
      const own = await driver.connect({ purpose: "drive" });
      try {
        const held = again
          ? await reopenRun(tools, own, opened.run, { holder, seen: (await store.overview(own)).seen, goal })
          : await holdRun(tools, own, opened.run, { holder, wait: true, signal: never });
        if (!held) throw new Error("the run is closed");
        try {
          return await carry(held, { direction, goal, by: "test", pause: never, abort: never, ...(options.carry ? { options: options.carry } : {}) });
        } finally {
          await held.release();
        }
      } finally {
        await own.close();
      }
    };
    return {
      plan,
      findings,
      run: opened.run,
      to: (goal) => drive("forward", goal, false),
      back: (goal) => drive("backward", goal, false),
      undo: (goal) => drive("backward", goal, true),
    };
  } finally {
    await session.close();
  }
}
