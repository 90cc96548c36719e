// Opening and closing runs. The lock of the home's row makes it one at a time; keys decide who has a table, a migration or a run.
import type { Session } from "../../drivers/driver.ts";
import type { Migration, Plan } from "../../plan/plan.ts";
import { keyOf } from "../../schema/names.ts";
import { join, literal, type Quoting, raw, type Sql, sql } from "../../sql/sql.ts";
import type { Holder, OpenRequest, Store } from "../store.ts";
import { storedRun } from "./history.ts";
import { hasTables, seenColumn } from "./overview.ts";
import { claimedMigration, claimedTable, isRefused, openRun, stalePlan } from "./problems.ts";
import { holdStatement } from "./statements.ts";
import { inliner, insertEvent, json, later, list, now, number, numberOrNull, parsedOrNull, text } from "./text.ts";
import { transact, waitAtMost } from "./transact.ts";

type Methods = "baseline" | "open" | "reopen" | "close";

/** Everybody else opens or closes within one message. */
const patience = waitAtMost(5);

const makeHome: Sql = raw("insert ignore into hotstick.homes (home) values (database())");
const lockHome: Sql = raw("select turns from hotstick.homes where home = database() for update");
/** @param run an expression; the newest run counts. */
const countTurn = (run: Sql): Sql => sql`update hotstick.homes set turns = turns + 1, last_run = greatest(last_run, ${run}) where home = database()`;
/** Looked at in the transaction that records what was done. */
const lookFilled: Sql = raw(`update hotstick.homes set filled = ${hasTables} where home = database()`);
const expectSeen = (seen: string): Sql => sql`call hotstick.expect((select ${raw(seenColumn)} from hotstick.homes where home = database()) = ${literal(seen)})`;

/** In the place of the id of a run that is being made. */
const made: Sql = raw("@hotstick_run");

const namesOf = (migrations: readonly Migration[]): readonly string[] => migrations.map((migration) => migration.name);
const tablesOf = (plan: Plan): readonly string[] => [...new Set(plan.tables.map(keyOf))].sort();

const claim = (tables: readonly string[], run: Sql): readonly Sql[] =>
  tables.length === 0
    ? []
    : [sql`insert into hotstick.claims (home, table_key, run) values ${join(tables.map((table) => sql`(database(), ${literal(table)}, ${run})`))}`];

/** Those that were reverted begin again; any other stands in the way by its key. */
function record(migrations: readonly Migration[], state: "open" | "applied", run: Sql): readonly Sql[] {
  if (migrations.length === 0) return [];
  const rows = migrations.map(
    ({ name, parents, accept, operations, bytesHash, contentHash }) =>
      sql`(database(), ${literal(name)}, ${json(parents)}, ${json(accept)}, ${json(operations)}, ${text(bytesHash)}, ${literal(contentHash)}, ${literal(state)}, ${run}, ${state === "applied" ? now : raw("null")})`,
  );
  return [
    sql`delete from hotstick.migrations where home = database() and state = 'reverted' and name in (${list(namesOf(migrations))})`,
    sql`insert into hotstick.migrations (home, name, parents, accept, operations, bytes_hash, content_hash, state, run, applied_at) values ${join(rows)}`,
  ];
}

const lend = (run: Sql, { holder, token, ttlMs }: Pick<OpenRequest, "holder" | "token" | "ttlMs">): readonly Sql[] => [
  sql`insert into hotstick.leases (run, token, holder, since, beat_at, expires_at) values (${run}, ${literal(token)}, ${json(holder)}, ${now}, ${now}, ${later(ttlMs)})`,
  sql`insert into hotstick.fences (run, token) values (${run}, ${literal(token)})`,
];

interface Wanted {
  /** Null for a run that is being made. */
  readonly run: number | null;
  readonly tables: readonly string[];
  readonly migrations: readonly string[];
}

type Found = { readonly name: string; readonly run: unknown; readonly state: string; readonly holder: unknown };

/** The Problem for an error of opening, by looking who is there; any other error as it is. */
async function openingProblem(session: Session, { run, tables, migrations }: Wanted, error: unknown): Promise<unknown> {
  if (!isRefused(error)) return error;
  // No run has the number 0, and none carries what was recorded only.
  const own = number(run ?? 0);
  const what = ({ run: id, holder }: Found) => ({ run: numberOrNull(id), holder: parsedOrNull<Holder>(holder) });
  const first = async (query: Sql): Promise<Found | undefined> => (await session.query<Found>(query))[0];
  const migration =
    migrations.length > 0 &&
    (await first(sql`
      select m.name, m.run, m.state, l.holder from hotstick.migrations m left join hotstick.leases l on l.run = m.run
      where m.home = database() and m.name in (${list(migrations)}) and m.state <> 'reverted' and not (m.run <=> ${own}) order by m.name limit 1`));
  if (migration) return claimedMigration(migration.name, migration.state, what(migration), error);
  const table =
    tables.length > 0 &&
    (await first(sql`
      select c.table_key as name, c.run, '' as state, l.holder from hotstick.claims c left join hotstick.leases l on l.run = c.run
      where c.home = database() and c.table_key in (${list(tables)}) and c.run <> ${own} order by c.table_key limit 1`));
  if (table) return claimedTable(table.name, what(table), error);
  const itself = run !== null && (await first(sql`select '' as name, run, '' as state, holder from hotstick.leases where run = ${number(run)}`));
  if (itself) return openRun(run ?? 0, what(itself).holder, error);
  // Whoever was in the way has gone since, or the count of what was seen is another.
  return stalePlan(error);
}

export function opening(quoting: Quoting): Pick<Store, Methods> {
  const inline = inliner(quoting);
  const send = async (session: Session, wanted: Wanted, statements: readonly Sql[]) => {
    const { before, after } = patience;
    try {
      return await transact(session, statements.map(inline), { before: [...before, inline(makeHome)], after });
    } catch (error) {
      throw await openingProblem(session, wanted, error);
    }
  };
  return {
    async baseline(session, migrations) {
      const wanted = { run: null, tables: [], migrations: namesOf(migrations) };
      await send(session, wanted, [lockHome, ...record(migrations, "applied", raw("null")), countTurn(raw("0")), lookFilled]);
    },

    async open(session, { plan, by, seen, ...request }) {
      const wanted = { run: null, tables: tablesOf(plan), migrations: namesOf(plan.migrations) };
      const [row] = await send(session, wanted, [
        lockHome,
        sql`insert into hotstick.runs (home, plan, plan_hash, migrations, opened_by, started_at) values (database(), ${json(plan)}, ${literal(plan.hash)}, ${json(wanted.migrations)}, ${literal(by)}, ${now})`,
        sql`set ${made} = last_insert_id()`,
        ...record(plan.migrations, "open", made),
        ...claim(wanted.tables, made),
        expectSeen(seen),
        countTurn(made),
        ...lend(made, request),
        insertEvent(made, { kind: "opened", by, migrations: wanted.migrations }),
        sql`select ${made} as run`,
      ]);
      return Number(row?.["run"]);
    },

    async reopen(session, id, { by, seen, goal, ...request }) {
      const stored = await storedRun(session, id);
      if (stored === null) throw new Error(`there is no run ${id}`);
      const run = number(id);
      const wanted = { run: id, tables: tablesOf(stored.plan), migrations: stored.migrations };
      const others = sql`select 1 from hotstick.migrations where home = database() and state <> 'reverted' and not (run <=> ${run}) and name in (${list(stored.migrations)})`;
      await send(session, wanted, [
        lockHome,
        ...(stored.migrations.length === 0 ? [] : [sql`call hotstick.expect(not exists(${others}))`]),
        ...claim(wanted.tables, run),
        // Only a closed run has no lease.
        ...lend(run, request),
        expectSeen(seen),
        countTurn(run),
        sql`update hotstick.runs set closed_at = null, outcome = null where id = ${run}`,
        sql`update hotstick.migrations set state = 'open' where run = ${run}`,
        insertEvent(run, { kind: "opened", by, migrations: stored.migrations, goal }),
      ]);
    },

    async close(session, hold, outcome) {
      const run = number(hold.run);
      const applied = outcome === "applied";
      const statements = [
        lockHome,
        // Its lock at once: from a shared one two could not get on.
        sql`select token from hotstick.fences where run = ${run} for update`,
        holdStatement(hold),
        insertEvent(run, { kind: "closed", outcome }),
        countTurn(run),
        lookFilled,
        sql`update hotstick.runs set closed_at = ${now}, outcome = ${literal(outcome)} where id = ${run}`,
        sql`update hotstick.migrations m join hotstick.runs r on r.id = m.run set m.state = ${literal(outcome)}, m.applied_at = ${raw(applied ? "r.closed_at" : "null")},
          m.duration_ms = ${raw(applied ? "timestampdiff(microsecond, r.started_at, r.closed_at) div 1000" : "null")} where r.id = ${run}`,
        sql`delete from hotstick.claims where run = ${run}`,
        sql`delete from hotstick.leases where run = ${run}`,
        sql`delete from hotstick.fences where run = ${run}`,
        sql`delete from hotstick.backends where run = ${run}`,
      ];
      await transact(session, statements.map(inline), patience);
    },
  };
}
