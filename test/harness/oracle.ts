// What a plan says of each step, and what the server shows of it: locks, scans, builds and rewrites, told by pg_locks, by the
// table's file and by the server's own DEBUG1 messages. Statements run bare here: no lock is taken that they do not take themselves.
import type pg from "pg";
import { enact } from "../../src/dialects/postgres/enact.ts";
import { postgresQuoting } from "../../src/dialects/postgres/quoting.ts";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { fill } from "../../src/run/holes.ts";
import type { ObjectName } from "../../src/schema/model.ts";
import { keyOf } from "../../src/schema/names.ts";
import { phases } from "../../src/step/phase.ts";
import type { BatchesAct, ChecksAct, StatementsAct, Step, Work } from "../../src/step/step.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { type LockScale, type Seen, weightOn, works } from "./predictions.ts";
import type { TestDatabase } from "./servers.ts";

/** Weakest first; what ROW EXCLUSIVE and less hold up is DDL only. */
export const postgresLocks: LockScale = {
  modes: ["ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"],
  everyday: "ROW EXCLUSIVE",
  strongAbove: "SHARE UPDATE EXCLUSIVE",
};
const weight = weightOn(postgresLocks);

type Core = Seen["core"];
type Locks = Seen["locks"];

interface Table {
  readonly oid: string;
  readonly key: string;
  /** Quoted, with its schema. */
  readonly name: string;
  /** As the server's messages give it. */
  readonly bare: string;
  readonly file: string | null;
  readonly read: number;
  readonly indexes: readonly string[];
}

const tablesNow = `
  select c.oid::text, n.nspname, c.relname, pg_relation_filenode(c.oid)::text as file, coalesce(s.seq_tup_read, 0)::float8 as read,
    array(select i.indexrelid::text from pg_index i where i.indrelid = c.oid) as indexes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_stat_xact_user_tables s on s.relid = c.oid
  where c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname not in ('hotstick', 'information_schema') and n.nspname !~ '^pg_'`;

/** Every statement on a table opens its indexes, so whoever stops all use of one stops all use of the table. */
const locksOf = `
  select coalesce(i.indrelid, l.relation)::text as oid, l.mode from pg_locks l left join pg_index i on i.indexrelid = l.relation and l.relation = any ($2::oid[])
  where l.pid = $1 and l.locktype = 'relation' and l.granted and l.database = (select oid from pg_database where datname = current_database())
    and (i.indexrelid is null or l.mode = 'AccessExclusiveLock')`;

/** `AccessExclusiveLock` as people and LOCK TABLE write it. */
const spoken = (mode: string): string =>
  mode
    .replace(/Lock$/, "")
    .replaceAll(/(?<=.)([A-Z])/g, " $1")
    .toUpperCase();

/** How the server would carry out one query of a walk. */
export interface Explained {
  /** The act, and which of its queries: `backfill-1 apply`. */
  readonly query: string;
  /** `Seq Scan on t`, `Index Scan using t_pkey on t`; outermost first. */
  readonly scans: readonly string[];
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

/** The settings that a run's own messages have when the query comes. */
const localBefore = (statements: readonly string[], mark: string): readonly string[] =>
  statements
    .slice(
      0,
      statements.findIndex((statement) => statement.includes(mark)),
    )
    .filter((statement) => statement.startsWith("set local enable"));
const request = { lease: "", journal: [], locks: [], guards: ["GUARD"], statements: [], lockTimeout: 0, holdTimeout: 0 };
const settings = {
  walk: enact.prelude({ lock: 0, statement: 0, walk: true }),
  batch: localBefore(enact.batch({ lease: "", apply: "APPLY", journal: () => [], lockTimeout: 0, statementTimeout: 0, trial: false }), "APPLY"),
  guard: localBefore(enact.transaction(request), "GUARD"),
};

const scansIn = (node: PlanNode): readonly string[] => {
  const { "Node Type": type, "Relation Name": table, "Index Name": index, Plans: below = [] } = node;
  const own =
    type === "ModifyTable" || (table === undefined && index === undefined)
      ? []
      : [`${type}${index === undefined ? "" : ` using ${index}`}${table === undefined ? "" : ` on ${table}`}`];
  return [...own, ...below.flatMap(scansIn)];
};

/** Carries a plan statement by statement on sessions of its own, and looks at each. */
export class Oracle {
  private readonly seen: Seen[] = [];
  private readonly notices: string[] = [];
  private readonly marks = new Map<string, { generation: number; settled: string; archived: string }>();
  private readonly plan: Plan;
  private readonly work: pg.Client;
  private readonly side: pg.Client;
  private readonly holder: pg.Client;
  private pid = 0;
  private run = 1;
  /** How batches of this many rows in the middle of a table would be found and changed; null: nobody asks. */
  private readonly explained: Explained[] = [];

  private constructor(plan: Plan, clients: readonly [pg.Client, pg.Client, pg.Client]) {
    this.plan = plan;
    [this.work, this.side, this.holder] = clients;
  }

  static async on(db: TestDatabase, plan: Plan): Promise<Oracle> {
    const session = await postgresDriver({ url: db.url }).connect({ purpose: "test" });
    try {
      await postgresStore(postgresQuoting).ensure(session);
    } finally {
      await session.close();
    }
    const oracle = new Oracle(plan, [await db.connect(), await db.connect(), await db.connect()]);
    oracle.work.on("notice", ({ message }) => oracle.notices.push(message ?? ""));
    await oracle.work.query("set client_min_messages = debug1; set row_security = off");
    // What an act records of its run refers to one.
    await oracle.work.query("insert into hotstick.runs (plan, plan_hash, migrations, by) select '{}', '', '{}', 'oracle' from generate_series(1, 20)");
    oracle.pid = (await oracle.work.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid ?? 0;
    return oracle;
  }

  /**
   * Forward phase by phase, and in each phase as far as every step that can be taken back, back to the phase's beginning, and again;
   * then every undo from the very end to the start. So each undo is met right after its step, and where later ones have gone.
   */
  async thereAndBack(): Promise<readonly Seen[]> {
    for (const phase of phases) {
      const steps = this.plan.steps.filter((step) => step.phase === phase);
      for (const last of steps.filter((step) => step.undo.length > 0)) {
        const some = steps.slice(0, steps.indexOf(last) + 1);
        await this.there(some);
        await this.back(some);
      }
      await this.there(steps);
    }
    await this.back(this.plan.steps);
    return this.seen;
  }

  /** Every step and then every undo, once, each query of a walk explained for a batch of so many rows in the middle of its table. */
  async explainAll(rows: number): Promise<readonly Explained[]> {
    this.batchRows = rows;
    await this.there(this.plan.steps);
    await this.back(this.plan.steps);
    return this.explained;
  }

  private batchRows: number | null = null;

  /** @param settings that a run has when it sends the query. */
  private async explain(
    core: Core,
    name: string,
    template: string | null,
    settings: readonly string[],
    holes: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    if (template === null) return;
    const query = `explain (format json) ${fill(template, { ...this.holes(core), ...holes })}`;
    const results = (await this.work.query([...settings, query].join(";\n"))) as unknown as pg.QueryResult<{
      "QUERY PLAN": readonly [{ readonly Plan: PlanNode }];
    }>[];
    const plan = [results].flat().at(-1)?.rows[0]?.["QUERY PLAN"][0].Plan;
    if (plan) this.explained.push({ query: `${core.id} (${core.title}) ${name}`, scans: scansIn(plan) });
  }

  private async explainWalk(core: Core, act: BatchesAct, size: number): Promise<void> {
    const names = act.key.map(({ name }) => (name === "ctid" ? "ctid" : postgresQuoting.name([name])));
    const table = postgresQuoting.name([act.table.schema, act.table.name]);
    const place = async (at: number): Promise<readonly string[]> =>
      Object.values(
        (
          await this.work.query<Record<string, string>>(
            `select ${names.map((name, i) => `${name}::text as k${i}`).join(", ")} from ${table} order by ${names.join(", ")} offset ${at} limit 1`,
          )
        ).rows[0] ?? {},
      );
    const [count] = (await this.work.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows;
    const middle = Math.floor((count?.n ?? 0) / 2);
    const [after, upto] = [enact.bounds(act.key, await place(middle)).after, enact.bounds(act.key, await place(middle + size)).upto];
    for (const [where, bound] of [
      ["", after],
      [" from the beginning", "true"],
    ] as const) {
      const to = bound === "true" ? enact.bounds(act.key, await place(size)).upto : upto;
      await this.explain(core, `bound${where}`, act.bound, settings.walk, { after: bound, limit: String(size) });
      await this.explain(core, `apply${where}`, act.apply, settings.batch, { after: bound, upto: to });
      await this.explain(core, `check${where}`, act.check, settings.walk, { after: bound, upto: to });
    }
    await this.explain(core, "last", act.last, settings.walk);
    await this.explain(core, "remaining", act.remaining, settings.walk);
  }

  private async there(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.act(step);
  }

  private async back(steps: readonly Step[]): Promise<void> {
    for (const step of steps.toReversed()) for (const undo of step.undo) await this.act(undo);
    // Back at the start a run ends.
    if (steps[0]?.phase !== "expand") return;
    this.run += 1;
    this.marks.clear();
  }

  private async act(core: Core): Promise<void> {
    try {
      await this.enact(core);
    } catch (error) {
      throw new Error(`${core.id} (${core.title}): ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    if (core.mark !== null) this.mark(core, core.mark);
  }

  private async enact(core: Core): Promise<void> {
    const { act } = core;
    switch (act.kind) {
      case "statements":
        await (act.transactional ? this.transaction(core, () => this.statements(core, act)) : this.concurrently(core, act));
        break;
      case "batches":
        await this.batches(core, act);
        break;
      case "checks":
        await this.transaction(core, () => this.checks(core, act));
        break;
      case "module":
        throw new Error("no modules here");
      case "shadow-copy":
        throw new Error("no copies here");
    }
  }

  private holes(core: Core): Readonly<Record<string, string>> {
    const { generation, settled, archived } = this.marksOf(core);
    return { run: String(this.run), generation: String(generation), settled, archived };
  }

  private marksOf(core: Core): { generation: number; settled: string; archived: string } {
    const key = core.group ?? "";
    const marks = this.marks.get(key) ?? { generation: 0, settled: "0", archived: "0" };
    this.marks.set(key, marks);
    return marks;
  }

  private bound = "0";

  private mark(core: Core, mark: "settle" | "archive"): void {
    const marks = this.marksOf(core);
    if (mark === "archive") marks.archived = this.bound;
    else {
      marks.generation += 1;
      marks.settled = this.bound;
    }
  }

  private async statements(core: Core, act: StatementsAct): Promise<void> {
    if (this.batchRows !== null) for (const guard of act.guards) await this.explain(core, "guard", guard, settings.guard);
    for (const statement of act.statements) await this.work.query(fill(statement, this.holes(core)));
  }

  private async checks(core: Core, act: ChecksAct): Promise<void> {
    for (const { title, statement } of act.checks) {
      const { rows } = await this.work.query(fill(statement, this.holes(core)));
      if (rows.length > 0) throw new Error(`${core.id}: ${title}: ${JSON.stringify(rows[0])}`);
    }
  }

  /** As few batches as there can be: the whole table each pass. */
  private async batches(core: Core, act: BatchesAct): Promise<void> {
    const ask = async (template: string): Promise<readonly Record<string, string>[]> =>
      (await this.work.query<Record<string, string>>(fill(template, { ...this.holes(core), after: "true", upto: "true", limit: "1" }))).rows;
    const whole = async (template: string): Promise<void> => {
      const bounds = await this.wholeTable(core, act);
      if (bounds !== null) await this.work.query(fill(template, { ...this.holes(core), ...bounds }));
    };
    if (this.batchRows !== null) await this.explainWalk(core, act, this.batchRows);
    for (let pass = 1; ; pass += 1) {
      await this.transaction(core, async () => {
        await this.work.query("set local hotstick.batch = 'on'");
        await ask(act.last);
        await ask(act.bound);
        if (act.apply !== null) await whole(act.apply);
        if (act.check !== null) {
          const bounds = await this.wholeTable(core, act);
          const { rows } = bounds === null ? { rows: [] } : await this.work.query(fill(act.check, { ...this.holes(core), ...bounds }));
          if (rows.length > 0) throw new Error(`${core.id}: ${JSON.stringify(rows[0])}`);
        }
      });
      if (act.remaining === null || (await ask(act.remaining)).length === 0) return;
      if (pass === 3) throw new Error(`${core.id}: rows remain after ${pass} passes`);
    }
  }

  private async wholeTable(core: Core, act: BatchesAct): Promise<{ readonly after: string; readonly upto: string } | null> {
    const { rows } = await this.work.query<Record<string, string>>(fill(act.last, this.holes(core)));
    const [last] = rows;
    return last === undefined
      ? null
      : {
          after: "true",
          upto: enact.bounds(
            act.key,
            act.key.map((_, i) => String(last[`k${i + 1}`])),
          ).upto,
        };
  }

  private async transaction(core: Core, run: () => Promise<void>): Promise<void> {
    const below = await this.families();
    await this.work.query("begin");
    try {
      // The transaction's own id is not yet taken, as in a run.
      this.bound = (await this.work.query<{ bound: string }>("select pg_snapshot_xmin(pg_current_snapshot())::text as bound")).rows[0]?.bound ?? "0";
      const before = await this.tables(this.work);
      this.notices.length = 0;
      await run();
      const said = [...this.notices];
      const after = await this.tables(this.work);
      const locks = await this.locks(this.work, before);
      await this.work.query("commit");
      this.seen.push({ core, locks, below, work: this.judge(before, after, said, core) });
    } catch (error) {
      await this.work.query("rollback");
      throw error;
    }
  }

  /** A writer's open transaction makes it wait with all its locks in its hands, so that they can be looked at. */
  private async concurrently(core: Core, act: StatementsAct): Promise<void> {
    const below = await this.families();
    for (const template of act.statements) {
      const before = await this.tables(this.side);
      const names = before.map(({ name }) => name);
      await this.holder.query(`begin; lock table ${names.join(", ")} in row exclusive mode`);
      this.notices.length = 0;
      let over = false;
      const running = this.work.query(fill(template, this.holes(core))).finally(() => {
        over = true;
      });
      running.catch(() => undefined);
      let locks: Locks = new Map();
      while (!over) {
        const { rows } = await this.side.query("select 1 from pg_locks where pid = $1 and not granted", [this.pid]);
        if (rows.length === 0) continue;
        locks = await this.locks(this.side, before);
        break;
      }
      await this.holder.query("commit");
      await running;
      const after = await this.tables(this.side);
      this.seen.push({ core, locks, below, work: this.judge(before, after, this.notices, core) });
    }
  }

  private async tables(client: pg.Client): Promise<readonly Table[]> {
    const { rows } = await client.query<{ oid: string; nspname: string; relname: string; file: string | null; read: number; indexes: string[] }>(tablesNow);
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    return rows.map(({ oid, nspname, relname, file, read, indexes }) => ({
      oid,
      indexes,
      key: keyOf({ schema: nspname, name: relname }),
      name: `${quote(nspname)}.${quote(relname)}`,
      bare: relname,
      file,
      read,
    }));
  }

  private async locks(client: pg.Client, tables: readonly Table[]): Promise<Locks> {
    const { rows } = await client.query<{ oid: string; mode: string }>(locksOf, [this.pid, tables.flatMap(({ indexes }) => indexes)]);
    const strongest = new Map<string, string>();
    for (const { oid, mode } of rows) {
      const key = tables.find((table) => table.oid === oid)?.key;
      if (key !== undefined && weight(spoken(mode)) > weight(strongest.get(key))) strongest.set(key, spoken(mode));
    }
    return strongest;
  }

  private async families(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { rows } = await this.side.query<Record<"as" | "an" | "bs" | "bn", string>>(`
      with recursive below (top, low) as (select inhparent, inhrelid from pg_inherits union select top, inhrelid from below join pg_inherits on inhparent = low)
      select an.nspname as "as", a.relname as an, bn.nspname as bs, b.relname as bn from below
      join pg_class a on a.oid = top join pg_namespace an on an.oid = a.relnamespace join pg_class b on b.oid = low join pg_namespace bn on bn.oid = b.relnamespace`);
    const families = new Map<string, string[]>();
    for (const row of rows) {
      const top = keyOf({ schema: row.as, name: row.an } satisfies ObjectName);
      families.set(top, [...(families.get(top) ?? []), keyOf({ schema: row.bs, name: row.bn })]);
    }
    return families;
  }

  private judge(before: readonly Table[], after: readonly Table[], said: readonly string[], core: Core): Work {
    const found: Work[] = ["instant"];
    for (const table of before) {
      const later = after.find(({ oid }) => oid === table.oid);
      if (later && later.file !== table.file) found.push("rewrite");
      if (later && later.read > table.read && core.act.kind !== "batches") found.push("scan");
      const bare = table.bare;
      for (const line of said) {
        if (line.startsWith(`rewriting table "${bare}"`)) found.push("rewrite");
        if (line.startsWith(`verifying table "${bare}"`)) found.push("scan");
        if (/^building index ".*" on table /s.test(line) && line.includes(`on table "${bare}"`)) found.push("build");
      }
    }
    if (said.some((line) => line.startsWith("validating foreign key constraint"))) found.push("scan");
    // A sample of the table, read in no order that the statistics count.
    if (
      core.act.kind === "statements" &&
      core.act.statements.some((statement) => /^analyze /i.test(statement) && before.some(({ name }) => statement.includes(name)))
    )
      found.push("scan");
    return works[Math.max(...found.map((work) => works.indexOf(work)))] ?? "instant";
  }
}
