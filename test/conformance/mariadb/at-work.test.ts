// Steps that take their time, on a table that is big enough for it: its readers and writers go on meanwhile.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import type { Tools } from "../../../src/run/tools.ts";
import { phases } from "../../../src/step/phase.ts";
import { type LifecycleOptions, lifecycleOf } from "../../harness/lifecycle.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { draft, forward, outside, planOf, runPlan, toolsFor } from "../../harness/runs.ts";

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** When each statement of an application began and ended. */
interface Clients {
  stop(): Promise<{ readonly reads: readonly Stretch[]; readonly writes: readonly Stretch[] }>;
}

const rows = 500_000;
const seed = `create table big (id bigint primary key, a int, weight float, note varchar(200)); insert into big select seq, 0, seq, repeat('x', 200) from seq_1_to_${rows}`;

async function traffic(db: MariadbDatabase): Promise<Clients> {
  let going = true;
  const [reads, writes]: [Stretch[], Stretch[]] = [[], []];
  const clients = await Promise.all([0, 1, 2, 3].map(() => db.connect()));
  const working = clients.map(async (client, i) => {
    while (going) {
      const from = performance.now();
      const id = 1 + Math.floor(Math.random() * rows);
      await client.query(i % 2 === 0 ? `select a from big where id = ${id}` : `update big set a = a + 1 where id = ${id}`);
      (i % 2 === 0 ? reads : writes).push({ from, to: performance.now() });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  });
  return {
    async stop() {
      going = false;
      await Promise.all(working);
      return { reads, writes };
    },
  };
}

interface Span extends Stretch {
  readonly step: string;
}

/** Notes when the server was at each act of a run that is one statement or several. */
function watched(): Pick<LifecycleOptions, "report" | "checkpoint"> & Pick<Tools, "report" | "checkpoint"> & { readonly spans: readonly Span[] } {
  const spans: Span[] = [];
  let [step, from] = ["", 0];
  return {
    spans,
    report(news) {
      if (news.kind === "event" && news.event.kind === "intent") step = news.event.step;
    },
    checkpoint(place) {
      if (place === "statement:intended") from = performance.now();
      if (place === "statement:returned") spans.push({ step, from, to: performance.now() });
    },
  };
}

const within = (stretches: readonly Stretch[], { from, to }: Stretch): number => stretches.filter((each) => each.from >= from && each.to <= to).length;
/** Shorter ones are over before a client's next statement on a busy machine. */
const long = (spans: readonly Span[]): readonly Span[] => spans.filter(({ from, to }) => to - from > 150);

const works = (plan: Plan): ReadonlyMap<string, string> =>
  new Map(plan.steps.flatMap((step) => [step, ...step.undo].map((core) => [core.id, core.work] as const)));

const cases: readonly (readonly [title: string, operations: readonly Operation[], accept: readonly string[], expected: string])[] = [
  ["an index is built", [{ kind: "add-index", table: "big", name: "by_note", keys: [{ column: "note" }, { column: "a" }] }], [], "build"],
  ["a table is made anew", [{ kind: "set-not-null", table: "big", column: "weight", enforce: "expand" }], ["enforced-early"], "rewrite"],
  ["a column is archived", [{ kind: "drop-column", table: "big", column: "note" }], [], "scan"],
];

describe.runIf(hasMariadb)("while", () => {
  test.for(cases)("%s readers and writers go on", { timeout: 240_000 }, async ([, operations, accept, expected], t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(seed);
    const { spans, ...watch } = watched();
    const life = await lifecycleOf(db.url, operations, { accept, ...watch });
    const clients = await traffic(db);
    for (const phase of phases) await life.to(phase);
    const { reads, writes } = await clients.stop();
    const work = works(life.plan);
    const at = long(spans).filter(({ step }) => work.get(step) === expected);
    expect(at.length).toBeGreaterThan(0);
    for (const span of at) {
      expect(within(reads, span)).toBeGreaterThan(3);
      expect(within(writes, span)).toBeGreaterThan(3);
    }
  });

  test("a table is copied with LOCK=SHARED writers are seen to wait", { timeout: 120_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(seed);
    const { spans, ...watch } = watched();
    const clients = await traffic(db);
    const plan = planOf([draft("expand", outside(["alter table big modify a bigint, algorithm=copy, lock=shared"]))]);
    await runPlan(toolsFor(db.url, watch), plan, { ...forward, options: { lockBudgetMs: 60_000 } });
    const { reads, writes } = await clients.stop();
    expect(long(spans)).toHaveLength(1);
    for (const span of spans) {
      expect(within(reads, span)).toBeGreaterThan(3);
      // One may have begun while the statement was on its way.
      expect(within(writes, span)).toBeLessThan(5);
    }
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
