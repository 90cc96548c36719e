// A plan with a step of every kind, each with its way back, and what a database must look like before and after it.
import type { Plan } from "../../src/plan/plan.ts";
import type { RunModule } from "../../src/run/acts/module.ts";
import type { Tools } from "../../src/run/tools.ts";
import { alongId, core, draft, indexProbe, inTransaction, outside, planOf, strong, toolsFor } from "./runs.ts";
import type { TestDatabase } from "./servers.ts";

/** Batches that would count a row twice, so that only exactly once is right. */
export const everyKind = (name = "everything"): Plan =>
  planOf(
    [
      draft(
        "expand",
        inTransaction(["alter table t add column b int", "alter table t add column met int not null default 0", "comment on column t.b is 'run {{run}}'"]),
        {
          locks: [strong("t")],
          timeouts: { statement: "budget" },
          undo: [core(inTransaction(["alter table t drop column b", "alter table t drop column met"]), { locks: [strong("t")] })],
        },
      ),
      draft(
        "backfill",
        alongId("t", {
          apply: "update t set b = a * 2, met = met + 1 where {{after}} and {{upto}}",
          remaining: "select 1 from t where b is null limit 1",
          targetMs: 1,
        }),
      ),
      draft("backfill", outside(["create index concurrently t_b on t (b)"], ["drop index concurrently t_b"]), {
        probe: indexProbe("t_b"),
        undo: [core(outside(["drop index concurrently if exists t_b"]))],
      }),
      draft(
        "backfill",
        { kind: "module", file: "count.ts", export: "up", sha256: "" },
        { undo: [core(inTransaction(["truncate counted"]), { locks: [strong("counted")] })] },
      ),
      draft("backfill", {
        kind: "checks",
        checks: [{ title: "b is not twice a", statement: "select 'b is not 2a' as problem, id::text as key from t where b is distinct from a * 2 limit 10" }],
      }),
      draft("switch", inTransaction(["comment on table t is 'switched'"]), { undo: [core(inTransaction(["comment on table t is null"]))] }),
      draft("retire", inTransaction(["comment on table t is 'retired {{generation}}'"]), {
        group: "t",
        mark: "settle",
        undo: [
          core(alongId("t", { apply: "update t set met = met + 1 where {{after}} and {{upto}}" })),
          core(inTransaction(["comment on table t is 'switched'"]), { group: "t" }),
        ],
      }),
      draft("drop", inTransaction(["alter table t alter column a drop not null"]), {
        locks: [strong("t")],
        undo: [core(inTransaction(["alter table t alter column a set not null"]), { locks: [strong("t")] })],
      }),
    ],
    { name, tables: ["t", "counted"] },
  );

/** The module of that plan: numbers from 1 on, each in a batch of its own. */
export const count: RunModule = async (context) => {
  for (let n = ((context.cursor as number | null) ?? 0) + 1; n <= 6; n += 1) {
    await context.batch(async (session) => {
      await session.script([`insert into counted values (${n})`]);
      return n;
    });
  }
};

/** Tools that know that module. */
export const everyTool = (url: string, own: Partial<Tools> = {}): Tools => toolsFor(url, { modules: () => Promise.resolve(count), ...own });

export const seed = async (db: TestDatabase, rows = 500): Promise<void> => {
  await db.rows(
    `create table t (id bigint primary key, a int not null); create table counted (n int); insert into t select n, n from generate_series(1, ${rows}) n`,
  );
};

/** All that may differ between a run that was disturbed and one that was not. */
export async function look(db: TestDatabase): Promise<unknown> {
  const [columns, indexes, comments, numbers, left] = await Promise.all([
    db.rows("select attname, attnotnull from pg_attribute where attrelid = 't'::regclass and attnum > 0 and not attisdropped order by 1"),
    db.rows("select indexrelid::regclass::text as name, indisvalid from pg_index where indrelid = 't'::regclass order by 1"),
    db.rows("select obj_description('t'::regclass) as t"),
    db.rows("select array_agg(n order by n) as n from counted"),
    db.rows(
      "select (select count(*) from hotstick.claims)::int as claims, (select count(*) from hotstick.leases)::int as leases, (select count(*) from hotstick.backends)::int as backends, (select state from hotstick.migrations) as state",
    ),
  ]);
  const rows = await db.rows("select md5(string_agg(t::text, ',' order by id)) as rows from t");
  return { columns, indexes, comments, numbers, left, rows };
}
