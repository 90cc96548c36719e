// A plan with a step of every kind, each with its way back, and what a database must look like before and after it.
import type { Plan } from "../../src/plan/plan.ts";
import type { RunModule } from "../../src/run/acts/module.ts";
import type { Tools } from "../../src/run/tools.ts";
import { probeWhere, type RunDatabase } from "./run-stands.ts";
import { core, type Draft, draft, inTransaction, outside, planOf, toolsFor } from "./runs.ts";

/** DDL in transactions, as far as this engine allows it, and comments for what must be there once. */
function postgresSteps(db: RunDatabase): readonly Draft[] {
  const index = db.stand.index("t_b", "t (b)");
  return [
    draft(
      "expand",
      inTransaction(["alter table t add column b int", "alter table t add column met int not null default 0", "comment on column t.b is 'run {{run}}'"]),
      {
        locks: [db.strong("t")],
        timeouts: { statement: "budget" },
        undo: [core(inTransaction(["alter table t drop column b", "alter table t drop column met"]), { locks: [db.strong("t")] })],
      },
    ),
    filled(db),
    draft("backfill", index.act, { probe: index.probe, undo: [core(outside(["drop index concurrently if exists t_b"]))] }),
    draft(
      "backfill",
      { kind: "module", file: "count.ts", export: "up", sha256: "" },
      { undo: [core(inTransaction(["truncate counted"]), { locks: [db.strong("counted")] })] },
    ),
    draft("backfill", {
      kind: "checks",
      checks: [{ title: "b is not twice a", statement: "select 'b is not 2a' as problem, id::text as key from t where b is distinct from a * 2 limit 10" }],
    }),
    draft("switch", inTransaction(["comment on table t is 'switched'"]), { undo: [core(inTransaction(["comment on table t is null"]))] }),
    draft("retire", inTransaction(["comment on table t is 'retired {{generation}}'"]), {
      group: "t",
      mark: "settle",
      undo: [core(met(db)), core(inTransaction(["comment on table t is 'switched'"]), { group: "t" })],
    }),
    draft("drop", inTransaction(["alter table t alter column a drop not null"]), {
      locks: [db.strong("t")],
      undo: [core(inTransaction(["alter table t alter column a set not null"]), { locks: [db.strong("t")] })],
    }),
  ];
}

/** DDL commits by itself here, so it stands outside of transactions with probes; transactions change rows, and count what was done. */
function mariadbSteps(db: RunDatabase): readonly Draft[] {
  const index = db.stand.index("t_b", "t (b)");
  const columns = (state: string): string =>
    `select case count(*) when 2 then ${state} from information_schema.columns where table_schema = database() and table_name = 't' and column_name in ('b', 'met')`;
  const nullable = (is: string): string =>
    probeWhere(`columns where table_schema = database() and table_name = 't' and column_name = 'a' and is_nullable = '${is}'`);
  const locks = [db.strong("t")];
  return [
    draft("expand", outside(["alter table t add column b int, add column met int not null default 0, algorithm=instant"]), {
      probe: columns("'done' when 0 then 'absent' else 'other' end as state"),
      locks,
      timeouts: { statement: "budget" },
      undo: [
        core(outside(["alter table t drop column b, drop column met"]), {
          probe: columns("'absent' when 0 then 'done' else 'other' end as state"),
          locks,
        }),
      ],
    }),
    filled(db),
    draft("backfill", index.act, {
      probe: index.probe,
      locks,
      undo: [core(outside(["alter table t drop index if exists t_b"]), { locks })],
    }),
    draft("backfill", { kind: "module", file: "count.ts", export: "up", sha256: "" }, { undo: [core(inTransaction(["delete from counted"]))] }),
    draft("backfill", {
      kind: "checks",
      checks: [{ title: "b is not twice a", statement: "select 'b is not 2a' as problem, cast(id as char) as `key` from t where not (b <=> a * 2) limit 10" }],
    }),
    draft("switch", inTransaction(["update said set word = 'switched', times = times + 1"]), {
      undo: [core(inTransaction(["update said set word = null, times = times - 1"]))],
    }),
    draft("retire", inTransaction(["update said set word = 'retired {{generation}}', times = times + 1"]), {
      group: "t",
      mark: "settle",
      undo: [core(met(db)), core(inTransaction(["update said set word = 'switched', times = times - 1"]), { group: "t" })],
    }),
    draft("drop", outside(["alter table t modify column a int"]), {
      probe: nullable("YES"),
      locks,
      undo: [core(outside(["alter table t modify column a int not null"]), { probe: nullable("NO"), locks })],
    }),
  ];
}

/** Batches that would count a row twice, so that only exactly once is right. */
const filled = (db: RunDatabase): Draft =>
  draft(
    "backfill",
    db.along("t", {
      apply: "update t set b = a * 2, met = met + 1 where {{after}} and {{upto}}",
      remaining: "select 1 from t where b is null limit 1",
      targetMs: 1,
    }),
  );

const met = (db: RunDatabase) => db.along("t", { apply: "update t set met = met + 1 where {{after}} and {{upto}}" });

export const everyKind = (db: RunDatabase, name = "everything"): Plan =>
  planOf(db.stand.engine === "postgres" ? postgresSteps(db) : mariadbSteps(db), { name, tables: ["t", "counted"] });

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

export const seed = async (db: RunDatabase, rows = 500): Promise<void> => {
  await db.rows(
    `create table t (id bigint primary key, a int not null); create table counted (n int); create table said (word text, times int); insert into said values (null, 0); insert into t select n, n from ${db.stand.series(rows)}`,
  );
};

/** A table that an ALTER is at work on for a second or more. */
export const seedBig = (db: RunDatabase, rows = 400_000) =>
  db.rows(`create table big (id bigint primary key, a varchar(200)); insert into big select n, repeat('x', 200) from ${db.stand.series(rows)}`);

const lists: Readonly<Record<RunDatabase["stand"]["engine"], Readonly<Record<string, string>>>> = {
  postgres: {
    columns: "select attname, attnotnull from pg_attribute where attrelid = 't'::regclass and attnum > 0 and not attisdropped order by 1",
    indexes: "select indexrelid::regclass::text as name, indisvalid from pg_index where indrelid = 't'::regclass order by 1",
    said: "select obj_description('t'::regclass) as t",
    left: "select (select count(*) from hotstick.claims) as claims, (select count(*) from hotstick.leases) as leases, (select count(*) from hotstick.backends) as backends, (select state from hotstick.migrations) as state",
    rows: "select md5(string_agg(t::text, ',' order by id)) as rows from t",
  },
  mariadb: {
    columns:
      "select column_name, column_type, is_nullable, column_default from information_schema.columns where table_schema = database() and table_name = 't' order by 1",
    indexes: "select index_name, column_name, non_unique from information_schema.statistics where table_schema = database() and table_name = 't' order by 1",
    said: "select word, times from said",
    // The store is the whole server's.
    left: "select (select count(*) from hotstick.claims where home = database()) as claims, (select count(*) from hotstick.leases join hotstick.runs on id = run where home = database()) as leases, (select count(*) from hotstick.fences join hotstick.runs on id = run where home = database()) as fences, (select count(*) from hotstick.backends join hotstick.runs on id = run where home = database()) as backends, (select state from hotstick.migrations where home = database()) as state",
    rows: "select group_concat(line order by id) as `rows` from (select id, concat_ws(' ', id, coalesce(a, 'null')) as line from t) l",
  },
};

/** Of the columns that come and go, what each row holds. */
const added = "select group_concat(concat_ws(' ', id, coalesce(b, 'null'), met) order by id) as added from t";

/** All that may differ between a run that was disturbed and one that was not. */
export async function look(db: RunDatabase): Promise<Readonly<Record<string, unknown>>> {
  const seen: Record<string, unknown> = {};
  for (const [name, query] of Object.entries(lists[db.stand.engine])) seen[name] = await db.rows(query);
  seen["numbers"] = await db.one(`select ${db.stand.list("n")} as n from counted`);
  if (db.stand.engine === "mariadb" && JSON.stringify(seen["columns"]).includes('"met"')) seen["added"] = await db.one(added);
  return seen;
}
