// Carries operations through their phases on a real MariaDB, below the use cases.
import { guardProcedure } from "../../../src/dialects/mysql/guard.ts";
import { mysqlDialect } from "../../../src/dialects/mysql/mysql.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import { buildPlan, planQuestions } from "../../../src/plan/build.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { systemClock } from "../../../src/run/clock.ts";
import { carry } from "../../../src/run/loop.ts";
import { holdRun, openRun, reopenRun } from "../../../src/run/open.ts";
import type { CarryOptions, Tools } from "../../../src/run/tools.ts";
import { type Facts, mergeFacts, noFacts } from "../../../src/schema/facts.ts";
import type { Position } from "../../../src/step/phase.ts";
import type { RunState } from "../../../src/store/fold.ts";
import { mysqlStore } from "../../../src/store/mysql/mysql-store.ts";
import { statementFact } from "../../../src/syntax/mysql/fact.ts";
import { here, type MariadbDatabase } from "../../harness/mariadb.ts";

export interface Lived {
  readonly plan: Plan;
  readonly run: number;
  to(goal: Position): Promise<RunState>;
  back(goal: Position): Promise<RunState>;
  /** Opens the completed run again and walks it back. */
  undo(goal: Position): Promise<RunState>;
}

/** A database by its name and URL. */
type Place = Pick<MariadbDatabase, "name" | "url">;

const never = new AbortController().signal;
const holder = { name: "test", pid: process.pid, version: "0" };
const store = mysqlStore(mysqlDialect.quoting);

interface Options {
  readonly accept?: readonly string[];
  readonly name?: string;
  readonly mode?: Plan["mode"];
  readonly carry?: Partial<CarryOptions>;
  readonly checkpoint?: Tools["checkpoint"];
  readonly report?: Tools["report"];
}

export async function planned(db: Place, operations: readonly Operation[], options: Options = {}) {
  const driver = mysqlDriver({ url: db.url });
  const session = await driver.connect({ purpose: "plan" });
  try {
    const schema = await driver.introspect(session);
    const name = options.name ?? "change";
    const migration = {
      name,
      parents: [],
      operations: operations as unknown as Plan["migrations"][number]["operations"],
      accept: options.accept ?? [],
      bytesHash: null,
      contentHash: name,
    };
    const input = { migrations: [migration], schema, namespace: db.name, dialect: mysqlDialect };
    let facts: Facts = noFacts;
    for (;;) {
      const questions = planQuestions({ ...input, facts });
      if (questions.length === 0) break;
      const statement = Object.fromEntries(
        questions.flatMap((question) => (question.kind === "statement" ? [[question.text, statementFact(question.text)]] : [])),
      );
      const others = questions.filter(({ kind }) => kind !== "statement");
      facts = mergeFacts(mergeFacts(facts, { ...noFacts, statement }), await driver.answer(session, others, schema));
    }
    return buildPlan({ ...input, facts }, options.mode ?? "phased");
  } finally {
    await session.close();
  }
}

/** Makes what the guards call, where it is not there. */
async function prepare(db: Place): Promise<void> {
  const session = await mysqlDriver({ url: db.url }).connect({ purpose: "test" });
  try {
    await store.ensure(session);
    await session.script([guardProcedure]).catch((error: { errno?: number }) => {
      if (error.errno !== 1304) throw error;
    });
  } finally {
    await session.close();
  }
}

/** Opens a run of the operations. @throws Error where the plan is refused. */
export async function lifecycleOf(db: Place, operations: readonly Operation[], options: Options = {}): Promise<Lived> {
  const { plan, findings } = await planned(db, operations, options);
  if (!plan) throw new Error(`refused: ${findings.map((finding) => `${finding.rule}: ${finding.message}`).join("; ")}`);
  await prepare(db);
  const driver = mysqlDriver({ url: db.url });
  const tools: Tools = {
    driver,
    dialect: mysqlDialect,
    store,
    clock: systemClock,
    random: Math.random,
    modules: () => Promise.reject(new Error("no modules here")),
    checkpoint: options.checkpoint ?? (() => undefined),
    report: options.report ?? (() => undefined),
  };
  const session = await driver.connect({ purpose: "open" });
  const opened = await openRun(tools, session, plan, { holder, seen: (await store.overview(session)).seen });
  await opened.release();
  await session.close();
  const drive = async (direction: "forward" | "backward", goal: Position, again: boolean): Promise<RunState> => {
    const own = await driver.connect({ purpose: "drive" });
    try {
      const held = again
        ? await reopenRun(tools, own, opened.run, { holder, seen: (await store.overview(own)).seen })
        : await holdRun(tools, own, opened.run, { holder, wait: true, signal: never });
      if (!held) throw new Error("the run is closed");
      try {
        return await carry(held, { direction, goal, by: "test", pause: never, abort: never, options: { pauseMs: 50, ...options.carry } });
      } finally {
        await held.release();
      }
    } finally {
      await own.close();
    }
  };
  return {
    plan,
    run: opened.run,
    to: (goal) => drive("forward", goal, false),
    back: (goal) => drive("backward", goal, false),
    undo: (goal) => drive("backward", goal, true),
  };
}

export interface Picture {
  readonly create: string;
  readonly rows: readonly Record<string, unknown>[];
  readonly triggers: readonly unknown[];
}

const sorted = (rows: readonly Record<string, unknown>[]) => rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** All that a way back must restore. */
/** MySQL shows whether a column's collation was said or is its table's, which makes no other column. */
const withoutTheTables = (create: string): string => {
  const [, charset, collation] = /\n\).* DEFAULT CHARSET=(\w+) COLLATE=(\w+)/.exec(create) ?? [];
  return here?.given?.engine === "mysql" ? create.replaceAll(` CHARACTER SET ${charset} COLLATE ${collation}`, "") : create;
};

export async function look(db: MariadbDatabase, table: string): Promise<Picture> {
  const [row] = await db.rows<Record<string, string>>(`show create table ${table}`);
  return {
    create: withoutTheTables((row?.["Create Table"] ?? "").replace(/ AUTO_INCREMENT=\d+/, "")),
    rows: sorted(await db.rows(`select * from ${table}`)),
    triggers: await db.rows("select trigger_name from information_schema.triggers where trigger_schema = database()"),
  };
}
