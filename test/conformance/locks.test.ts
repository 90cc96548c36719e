// Each statement of each plan: the locks and the work that the plan says, against what the server shows.
import { describe, expect, test } from "vitest";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Case } from "../harness/cases.ts";
import { cases } from "../harness/cases.ts";
import { planOf } from "../harness/lifecycle.ts";
import { majors } from "../harness/majors.ts";
import { Oracle, wrongPredictions } from "../harness/oracle.ts";
import { databaseFor, type TestDatabase } from "../harness/servers.ts";

async function planFor(db: TestDatabase, { operations, options }: Pick<Case, "operations" | "options">): Promise<Plan> {
  const session = await postgresDriver({ url: db.url }).connect({ purpose: "test" });
  try {
    const { plan, findings } = await planOf(session, db.url, operations, options);
    if (!plan) throw new Error(`refused: ${findings.map(({ message }) => message).join("; ")}`);
    return plan;
  } finally {
    await session.close();
  }
}

describe.each(majors)("PostgreSQL %i", (major) => {
  for (const each of cases)
    test(each.title, async (t) => {
      const db = await databaseFor(t, major);
      await db.rows(each.before);
      const oracle = await Oracle.on(db, await planFor(db, each));
      const seen = await oracle.thereAndBack();
      expect(wrongPredictions(seen)).toEqual([]);
    });
});
