// What befalls a run from the server: it ends its sessions at any place, or dies and comes back. The rest is in ../../scenario.
import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../../src/plan/plan.ts";
import type { RunModule } from "../../../src/run/acts/module.ts";
import type { Checkpoint } from "../../../src/run/checkpoints.ts";
import { carry } from "../../../src/run/loop.ts";
import type { Tools } from "../../../src/run/tools.ts";
import type { MariadbServer } from "../../../src/sandbox/mariadb/server.ts";
import { hasMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { alongId, core, draft, forward, inTransaction, open, outside, planOf, quickTimes, runPlan } from "../../harness/runs.ts";
import { type StandDatabase, mariadbStand as stand } from "../../harness/stands.ts";

const columns = (names: string, count: number): string =>
  `select case count(*) when ${count} then 'done' when 0 then 'absent' else 'broken' end as state from information_schema.columns where table_schema = database() and table_name = 't' and column_name in (${names})`;
const index = "select if(count(*) > 0, 'done', 'absent') as state from information_schema.statistics where table_schema = database() and index_name = 't_b'";
const nullable = (is: string): string =>
  `select if(is_nullable = '${is}', 'done', 'absent') as state from information_schema.columns where table_schema = database() and table_name = 't' and column_name = 'a'`;

/** Batches that would count a row twice, so that only exactly once is right. */
const walk = (apply: string, remaining: string | null) =>
  alongId("t", {
    bound: "select max(k1) as k1 from (select id as k1 from t where {{after}} order by id limit {{limit}}) next having count(*) = {{limit}}",
    last: "select id as k1 from t order by id desc limit 1",
    apply,
    remaining,
    targetMs: 1,
  });

const everyKind = (): Plan =>
  planOf(
    [
      draft("expand", outside(["alter table t add column b int, add column met int not null default 0"]), {
        probe: columns("'b', 'met'", 2),
        undo: [
          core(outside(["alter table t drop column b, drop column met"]), {
            probe: columns("'b', 'met'", 2).replace("'done' when 0 then 'absent'", "'absent' when 0 then 'done'"),
          }),
        ],
      }),
      draft("backfill", walk("update t set b = a * 2, met = met + 1 where {{after}} and {{upto}}", "select 1 from t where b is null limit 1")),
      draft("backfill", outside(["alter table t add index t_b (b)"]), {
        probe: index,
        undo: [core(outside(["alter table t drop index t_b"]), { probe: index.replace("'done', 'absent'", "'absent', 'done'") })],
      }),
      draft("backfill", { kind: "module", file: "count.ts", export: "up", sha256: "" }, { undo: [core(inTransaction(["delete from counted"]))] }),
      draft("backfill", {
        kind: "checks",
        checks: [
          { title: "b is not twice a", statement: "select 'b is not 2a' as problem, cast(id as char) as `key` from t where not (b <=> a * 2) limit 10" },
        ],
      }),
      draft("switch", inTransaction(["insert into counted values (100)"]), { undo: [core(inTransaction(["delete from counted where n = 100"]))] }),
      draft("retire", inTransaction(["insert into counted values (200 + {{generation}})"]), {
        group: "t",
        mark: "settle",
        undo: [
          core(walk("update t set met = met + 1 where {{after}} and {{upto}}", null)),
          core(inTransaction(["delete from counted where n >= 200"]), { group: "t" }),
        ],
      }),
      draft("drop", outside(["alter table t modify column a int"]), {
        probe: nullable("YES"),
        undo: [core(outside(["alter table t modify column a int not null"]), { probe: nullable("NO") })],
      }),
    ],
    { name: "everything", tables: ["t", "counted"] },
  );

const count: RunModule = async (context) => {
  for (let n = ((context.cursor as number | null) ?? 0) + 1; n <= 6; n += 1) {
    await context.batch(async (session) => {
      await session.script([`insert into counted values (${n})`]);
      return n;
    });
  }
};

async function seeded(t: Pick<TestContext, "task" | "onTestFinished">, own?: MariadbServer) {
  const db: StandDatabase = own === undefined ? await stand!.databaseFor(t) : await mariadbDatabaseFor(t, own);
  await db.rows(
    "create table t (id bigint primary key, a int not null) engine = InnoDB; create table counted (n int) engine = InnoDB; insert into t select seq, seq from seq_1_to_500",
  );
  return { db, tools: (url = db.url, own: Partial<Tools> = {}): Tools => stand!.toolsFor(url, { modules: () => Promise.resolve(count), ...own }) };
}

/** All that may differ between a run that was disturbed and one that was not. */
async function look(db: StandDatabase): Promise<unknown> {
  const sums = { b: "sum(b)", met: "sum(met)", mets: "count(distinct met)" };
  const [shape, counted, left] = await Promise.all([
    db.rows(
      "select column_name as column_name, is_nullable as is_nullable, column_key as column_key from information_schema.columns where table_schema = database() and table_name = 't' order by ordinal_position",
    ),
    db.rows("select group_concat(n order by n) as n from counted"),
    db.rows(
      "select (select count(*) from hotstick.claims) + (select count(*) from hotstick.leases) + (select count(*) from hotstick.fences) + (select count(*) from hotstick.backends) as n, (select state from hotstick.migrations) as state",
    ),
  ]);
  const has = shape.some((row) => row["column_name"] === "met");
  return { shape, counted, left, rows: has ? await db.rows(`select ${Object.values(sums).join(", ")} from t`) : null };
}

const applied = {
  shape: [
    { column_name: "id", is_nullable: "NO", column_key: "PRI" },
    { column_name: "a", is_nullable: "YES", column_key: "" },
    { column_name: "b", is_nullable: "YES", column_key: "MUL" },
    { column_name: "met", is_nullable: "NO", column_key: "" },
  ],
  counted: [{ n: "1,2,3,4,5,6,100,200" }],
  left: [{ n: "0", state: "applied" }],
  rows: [{ "sum(b)": "250500", "sum(met)": "500", "count(distinct met)": "1" }],
};

const everywhere: readonly Checkpoint[] = [
  "step:before",
  "step:after",
  "transaction:before",
  "transaction:sent",
  "statement:intended",
  "statement:sent",
  "statement:returned",
  "statement:probed",
  "batch:found",
  "batch:sent",
  "batch:committed",
  "pass:ended",
  "module:batch",
  "module:committed",
  "checks:passed",
  "phase:before",
  "run:closing",
];

const places = process.env["HOTSTICK_SCOPE"] === "all" ? everywhere : everywhere.filter((place) => place.endsWith(":sent") || place === "run:closing");

/** Does something the first times that a checkpoint is reached. */
const at = (place: Checkpoint, times: number, work: () => Promise<void>) => {
  let done = 0;
  return async (name: Checkpoint): Promise<void> => {
    if (name !== place || done >= times) return;
    done += 1;
    await work();
  };
};

describe.runIf(hasMariadb)("a run on MariaDB", () => {
  test.for(places)("whose sessions the server ends at %s", async (place, t) => {
    const { db, tools } = await seeded(t);
    const kill = async (): Promise<void> => {
      for (const { pid } of await db.rows("select pid from hotstick.backends")) await db.rows(`kill connection ${String(pid)}`).catch(() => undefined);
    };
    const { state } = await runPlan(tools(db.url, { checkpoint: at(place, 3, kill) }), everyKind());
    expect(state.outcome).toBe("applied");
    expect(await look(db)).toEqual(applied);
  });

  test.for(["transaction:sent", "statement:intended", "statement:sent", "statement:returned", "batch:sent", "module:batch", "run:closing"] as const)(
    "whose server is killed at %s and comes back",
    async (place, t) => {
      const server = await ownMariadbFor(t, { durable: true });
      const { db, tools } = await seeded(t, server);
      let restarted: Promise<void> = Promise.resolve();
      const crash = async (): Promise<void> => {
        await server.kill();
        restarted = server.restart();
      };
      // Enough time for a start with recovery: a lease is not renewed while there is no server.
      const held = await open(tools(db.url, { checkpoint: at(place, 2, crash) }), everyKind(), { ...quickTimes, ttlMs: 20_000 });
      expect((await carry(held, forward)).outcome).toBe("applied");
      await held.release();
      await restarted;
      expect(await look(db)).toEqual(applied);
    },
  );
});
