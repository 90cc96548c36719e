// Plans of a user's own statements on a real MariaDB.
import { mysqlDialect } from "../../../src/dialects/mysql/mysql.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { buildPlan, type Planned, planQuestions } from "../../../src/plan/build.ts";
import type { PlanInput } from "../../../src/plan/interpret.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { type Facts, mergeFacts, noFacts, type SizeFact } from "../../../src/schema/facts.ts";
import { type Act, asStatements } from "../../../src/step/step.ts";
import { statementFact } from "../../../src/syntax/mysql/fact.ts";
import type { MariadbDatabase } from "../../harness/mariadb.ts";

/** Larger than anything that is copied without being asked. */
export const large: SizeFact = { rows: 5_000_000, bytes: 800_000_000, partitions: 0 };

interface Options {
  readonly undo?: readonly string[];
  readonly accept?: readonly string[];
  /** What the plan believes of every table's size; absent: what the server says. */
  readonly size?: SizeFact;
  readonly mode?: Plan["mode"];
  /** Answers that it believes instead of the server's. */
  readonly facts?: Partial<Pick<Facts, "setting" | "replicas">>;
}

/** The plan of one SQL migration. */
export async function planOf(
  db: MariadbDatabase,
  statements: readonly string[],
  { undo, accept = [], size, mode = "phased", facts: believed = {} }: Options = {},
): Promise<Planned> {
  const driver = mysqlDriver({ url: db.url });
  const session = await driver.connect({ purpose: "plan" });
  try {
    const schema = await driver.introspect(session);
    const operation = { kind: "sql", phase: "expand", statements, ...(undo ? { undo } : {}) };
    const migration: Plan["migrations"][number] = { name: "change", parents: [], operations: [operation], accept, bytesHash: null, contentHash: "change" };
    const input: Omit<PlanInput, "facts"> = { migrations: [migration], schema, namespace: db.name, dialect: mysqlDialect };
    let facts: Facts = noFacts;
    for (;;) {
      const questions = planQuestions({ ...input, facts });
      if (questions.length === 0) return buildPlan({ ...input, facts }, mode);
      const statement = Object.fromEntries(
        questions.flatMap((question) => (question.kind === "statement" ? [[question.text, statementFact(question.text, { version: schema.version })]] : [])),
      );
      const others = questions.filter(({ kind }) => kind !== "statement");
      const answers = await driver.answer(session, others, schema);
      const sizes = Object.fromEntries(Object.entries(answers.size).map(([key, found]) => [key, size ?? found]));
      facts = mergeFacts(mergeFacts(facts, { ...noFacts, statement }), {
        ...answers,
        size: sizes,
        setting: { ...answers.setting, ...believed.setting },
        replicas: { ...answers.replicas, ...believed.replicas },
      });
    }
  } finally {
    await session.close();
  }
}

/** The statements of an act that is nothing else; empty for one that this version does not carry out. */
export const textsOf = (act: Act): readonly string[] => asStatements(act)?.statements ?? [];

/** What a plan sends, step by step, and to walk back. */
export const sent = ({ plan }: Pick<Planned, "plan">): readonly { readonly text: string; readonly undo: readonly string[] }[] =>
  (plan?.steps ?? []).map(({ act, undo }) => ({
    text: textsOf(act).join("; "),
    undo: undo.map((back) => textsOf(back.act).join("; ")),
  }));
