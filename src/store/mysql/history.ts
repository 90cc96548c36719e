// Migrations and runs, as commands read them. A run of another application's database is no run here.
import type { Session } from "../../drivers/driver.ts";
import type { Plan } from "../../plan/plan.ts";
import { raw, sql } from "../../sql/sql.ts";
import type { Outcome } from "../event.ts";
import type { Cursor, MigrationState, RunHeader, Store } from "../store.ts";
import { type EventRow, eventColumns, eventOf, iso, number, numberOrNull, parsed, parsedOrNull } from "./text.ts";

type Methods = "migrations" | "reformat" | "runs" | "run" | "events" | "cursors" | "cursor" | "archives";

export type HeaderRow = {
  readonly id: unknown;
  readonly planHash: string;
  readonly migrations: unknown;
  readonly openedBy: string;
  readonly startedAt: string;
  readonly closedAt: string | null;
  readonly outcome: Outcome | null;
};

const time = (column: string): string =>
  iso(column)
    .parts.map((part) => (part.kind === "text" ? part.text : ""))
    .join("");

/** Of hotstick.runs r. */
export const headerColumns = `r.id, r.plan_hash as planHash, r.migrations, r.opened_by as openedBy, ${time("r.started_at")} as startedAt, ${time("r.closed_at")} as closedAt, r.outcome`;

export const headerOf = (row: HeaderRow): RunHeader => ({
  id: Number(row.id),
  planHash: row.planHash,
  migrations: parsed<readonly string[]>(row.migrations),
  by: row.openedBy,
  startedAt: row.startedAt,
  closedAt: row.closedAt,
  outcome: row.outcome,
});

export async function storedRun(session: Session, id: number): Promise<(RunHeader & { readonly plan: Plan }) | null> {
  const [row] = await session.query<HeaderRow & { readonly plan: unknown }>(
    sql`select ${raw(headerColumns)}, r.plan from hotstick.runs r where r.id = ${number(id)} and r.home = database()`,
  );
  return row === undefined ? null : { ...headerOf(row), plan: parsed<Plan>(row.plan) };
}

type CursorRow = {
  readonly step: string;
  readonly pass: unknown;
  readonly after_key: unknown;
  readonly end_key: unknown;
  readonly checked_key: unknown;
  readonly seen: unknown;
  readonly changed: unknown;
  readonly total: unknown;
};

const cursorColumns = raw("step, pass, after_key, end_key, checked_key, seen, changed, total");
const cursorOf = (row: CursorRow): Cursor => ({
  pass: Number(row.pass),
  after: parsedOrNull(row.after_key),
  end: parsedOrNull(row.end_key),
  checked: parsedOrNull(row.checked_key),
  seen: Number(row.seen),
  changed: Number(row.changed),
  total: numberOrNull(row.total),
});

type MigrationRow = {
  readonly name: string;
  readonly parents: unknown;
  readonly accept: unknown;
  readonly operations: unknown;
  readonly bytesHash: string | null;
  readonly contentHash: string;
  readonly state: MigrationState;
  readonly run: unknown;
  readonly appliedAt: string | null;
  readonly durationMs: unknown;
};

type ArchiveRow = {
  readonly run: unknown;
  readonly step: string;
  readonly source: string;
  readonly archive: string;
  readonly bound: string;
  readonly archivedRows: unknown;
  readonly there: unknown;
  readonly at: string;
};

export const history: Pick<Store, Methods> = {
  run: storedRun,

  async migrations(session) {
    const rows = await session.query<MigrationRow>(sql`
      select name, parents, accept, operations, bytes_hash as bytesHash, content_hash as contentHash, state, run, ${iso("applied_at")} as appliedAt, duration_ms as durationMs
      from hotstick.migrations where home = database() order by name`);
    return rows.map((row) => ({
      ...row,
      parents: parsed(row.parents),
      accept: parsed(row.accept),
      operations: parsed(row.operations),
      run: numberOrNull(row.run),
      durationMs: numberOrNull(row.durationMs),
    }));
  },

  async reformat(session, name, bytesHash) {
    await session.query(sql`update hotstick.migrations set bytes_hash = ${bytesHash} where home = database() and name = ${name}`);
  },

  async runs(session, limit) {
    const rows = await session.query<HeaderRow>(
      sql`select ${raw(headerColumns)} from hotstick.runs r where r.home = database() order by r.id desc limit ${number(limit)}`,
    );
    return rows.map(headerOf);
  },

  async events(session, run) {
    return (await session.query<EventRow>(sql`select ${eventColumns} from hotstick.events where run = ${number(run)} order by id`)).map(eventOf);
  },

  async cursors(session, run) {
    const rows = await session.query<CursorRow>(sql`select ${cursorColumns} from hotstick.cursors where run = ${number(run)}`);
    return Object.fromEntries(rows.map((row) => [row.step, cursorOf(row)]));
  },

  async cursor(session, run, step) {
    const [row] = await session.query<CursorRow>(sql`select ${cursorColumns} from hotstick.cursors where run = ${number(run)} and step = ${step}`);
    return row === undefined ? null : cursorOf(row);
  },

  async archives(session, run) {
    const rows = await session.query<ArchiveRow>(sql`
      select run, step, source, archive, bound, archived_rows as archivedRows, ${iso("at")} as at, exists (
        select 1 from information_schema.tables t where t.table_schema = 'hotstick'
          and convert(concat('\`hotstick\`.\`', replace(t.table_name, '\`', '\`\`'), '\`') using utf8mb4) collate utf8mb4_bin = archive) as there
      from hotstick.archives where run = ${number(run)} order by at`);
    return rows.map(({ archivedRows, there, ...row }) => ({ ...row, run: Number(row.run), rows: numberOrNull(archivedRows), there: Number(there) === 1 }));
  },
};
