// Migrations and runs, as commands read and open them.
import type { Session } from "../../drivers/driver.ts";
import type { Plan } from "../../plan/plan.ts";
import { keyOf } from "../../schema/names.ts";
import { raw, type Sql, sql } from "../../sql/sql.ts";
import type { Outcome } from "../event.ts";
import type { ArchiveRecord, Cursor, KnownMigration, Overview, RunHeader, Store, StoredMigration } from "../store.ts";
import { foundVersion, storeVersion } from "./ensure.ts";
import { codeOf, newerStore, openingProblem } from "./problems.ts";
import { type EventRow, eventColumns, eventOf, iso, json } from "./text.ts";

type Methods =
  | "overview"
  | "migrations"
  | "baseline"
  | "reformat"
  | "runs"
  | "run"
  | "events"
  | "cursors"
  | "cursor"
  | "archives"
  | "open"
  | "reopen"
  | "close";

type HeaderRow = {
  readonly id: string;
  readonly planHash: string;
  readonly migrations: readonly string[];
  readonly by: string;
  readonly startedAt: string;
  readonly closedAt: string | null;
  readonly outcome: Outcome | null;
};

const header: Sql = sql`r.id, r.plan_hash as "planHash", r.migrations, r.by, ${iso("r.started_at")} as "startedAt", ${iso("r.closed_at")} as "closedAt", r.outcome`;
const headerOf = (row: HeaderRow): RunHeader => ({ ...row, id: Number(row.id) });

const overviewQuery: Sql = sql`
  select (select max(version) from hotstick.version) as version, hotstick.seen() as seen,
    (select coalesce(json_agg(json_build_object('name', name, 'bytesHash', bytes_hash, 'contentHash', content_hash, 'state', state) order by name), '[]') from hotstick.migrations) as migrations,
    (select coalesce(json_agg(to_json(o) order by o.id), '[]') from (select ${header}, l.holder from hotstick.runs r left join hotstick.leases l on l.run = r.id where r.closed_at is null) o) as "openRuns"`;

type OverviewRow = {
  readonly version: number;
  readonly seen: string;
  readonly migrations: readonly KnownMigration[];
  readonly openRuns: Overview["openRuns"];
};

async function overview(session: Session): Promise<Overview> {
  try {
    const [row] = await session.query<OverviewRow>(overviewQuery);
    if (row === undefined) throw new Error("no overview");
    if (row.version > storeVersion) throw newerStore(row.version, storeVersion);
    return row;
  } catch (error) {
    // Undefined table, column, function or namespace: there is no store, or one of another version.
    if (!["42P01", "42703", "42883", "3F000"].includes(codeOf(error))) throw error;
    const version = await foundVersion(session);
    if (version > storeVersion) throw newerStore(version, storeVersion);
    return { version, migrations: [], openRuns: [], seen: "" };
  }
}

type CursorRow = {
  readonly step: string;
  readonly pass: number;
  readonly after: readonly string[] | null;
  readonly end: readonly string[] | null;
  readonly checked: readonly string[] | null;
  readonly seen: string;
  readonly changed: string;
  readonly total: string | null;
};

const cursorColumns = raw('step, pass, after, pass_end as "end", checked, seen, changed, total');
const cursorOf = ({ step: _, seen, changed, total, ...row }: CursorRow): Cursor => ({
  ...row,
  seen: Number(seen),
  changed: Number(changed),
  total: total === null ? null : Number(total),
});

const names = (plan: Plan): readonly string[] => plan.tables.map(keyOf);

/** @throws what `openingProblem` makes of an error. */
async function opening<T>(session: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await openingProblem(session, error);
  }
}

async function run(session: Session, id: number): Promise<(RunHeader & { readonly plan: Plan }) | null> {
  const [row] = await session.query<HeaderRow & { readonly plan: Plan }>(sql`select ${header}, r.plan from hotstick.runs r where r.id = ${id}::bigint`);
  return row === undefined ? null : { ...headerOf(row), plan: row.plan };
}

export const history: Pick<Store, Methods> = {
  overview,
  run,

  async migrations(session) {
    const rows = await session.query<Omit<StoredMigration, "run" | "durationMs"> & { readonly run: string | null; readonly durationMs: string | null }>(sql`
      select name, parents, accept, operations, bytes_hash as "bytesHash", content_hash as "contentHash", state, run, ${iso("applied_at")} as "appliedAt", duration_ms as "durationMs"
      from hotstick.migrations order by name`);
    return rows.map((row) => ({ ...row, run: row.run === null ? null : Number(row.run), durationMs: row.durationMs === null ? null : Number(row.durationMs) }));
  },

  async baseline(session, migrations) {
    await opening(session, () => session.query(sql`select hotstick.baseline(${json(migrations)}::json)`));
  },

  async reformat(session, name, bytesHash) {
    await session.query(sql`update hotstick.migrations set bytes_hash = ${bytesHash} where name = ${name}`);
  },

  async runs(session, limit) {
    return (await session.query<HeaderRow>(sql`select ${header} from hotstick.runs r order by r.id desc limit ${limit}`)).map(headerOf);
  },

  async events(session, id) {
    return (await session.query<EventRow>(sql`select ${eventColumns} from hotstick.events where run = ${id}::bigint order by id`)).map(eventOf);
  },

  async cursors(session, id) {
    const rows = await session.query<CursorRow>(sql`select ${cursorColumns} from hotstick.cursors where run = ${id}::bigint`);
    return Object.fromEntries(rows.map((row) => [row.step, cursorOf(row)]));
  },

  async cursor(session, id, step) {
    const [row] = await session.query<CursorRow>(sql`select ${cursorColumns} from hotstick.cursors where run = ${id}::bigint and step = ${step}`);
    return row === undefined ? null : cursorOf(row);
  },

  async archives(session, id) {
    const rows = await session.query<Omit<ArchiveRecord, "run" | "rows"> & { readonly run: string; readonly rows: string | null }>(sql`
      select run, step, source, archive, bound::text as bound, rows, pg_catalog.to_regclass(archive) is not null as there, ${iso("at")} as at from hotstick.archives where run = ${id}::bigint order by at`);
    return rows.map((row) => ({ ...row, run: Number(row.run), rows: row.rows === null ? null : Number(row.rows) }));
  },

  open: (session, { plan, by, holder, token, ttlMs, seen }) =>
    opening(session, async () => {
      const [row] = await session.query<{ run: string }>(
        sql`select hotstick.open(${json(plan)}::json, ${plan.hash}, ${by}, ${seen}, ${names(plan)}::text[], ${token}, ${json(holder)}::json, ${ttlMs}::bigint) as run`,
      );
      return Number(row?.run);
    }),

  async reopen(session, id, { by, holder, token, ttlMs, seen, goal }) {
    const stored = await run(session, id);
    if (stored === null) throw new Error(`there is no run ${id}`);
    await opening(session, () =>
      session.query(
        sql`select hotstick.reopen(${id}::bigint, ${by}, ${seen}, ${names(stored.plan)}::text[], ${token}, ${json(holder)}::json, ${ttlMs}::bigint, ${goal})`,
      ),
    );
  },

  async close(session, { run: id, token }, outcome) {
    await session.query(sql`select hotstick.close(${id}::bigint, ${token}, ${outcome})`);
  },
};
