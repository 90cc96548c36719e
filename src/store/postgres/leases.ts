// The lease of a run and the journal that it guards.
import type { Session } from "../../drivers/driver.ts";
import { join, sql } from "../../sql/sql.ts";
import type { Hold, Lease, Store } from "../store.ts";
import { columnsOf, type EventRow, eventColumns, eventOf, iso, json } from "./text.ts";

type Methods = "note" | "requestPause" | "happened" | "lease" | "take" | "beat" | "record" | "release";

type LeaseRow = Omit<Lease, "run"> & { readonly run: string };

async function lease(session: Session, run: number): Promise<Lease | null> {
  const [row] = await session.query<LeaseRow>(sql`
    select l.run, l.token, l.holder, ${iso("l.since")} as since, ${iso("l.expires_at")} as "expiresAt", l.expires_at < clock_timestamp() as expired,
      (extract(epoch from clock_timestamp() - l.beat_at) * 1000)::float8 as "silentMs",
      (select coalesce(json_agg(json_build_object('pid', b.pid, 'started', b.started, 'purpose', b.purpose)), '[]') from hotstick.backends b where b.run = l.run) as backends
    from hotstick.leases l where l.run = ${run}::bigint`);
  return row === undefined ? null : { ...row, run: Number(row.run) };
}

/** Pause requests that nobody has answered yet. */
const askedToPause = (run: number) => sql`
  select e.data ->> 'by' from hotstick.events e where e.run = ${run}::bigint and e.kind = 'pause-requested'
    and e.id > coalesce((select max(a.id) from hotstick.events a where a.run = ${run}::bigint and a.kind in ('paused', 'set-out')), 0)
  order by e.id desc limit 1`;

const later = (ttlMs: number) => sql`clock_timestamp() + make_interval(secs => ${ttlMs}::float8 / 1000)`;

export const leases: Pick<Store, Methods> = {
  lease,

  async note(session, { run, token }: Hold, happenings) {
    const values = happenings.map(columnsOf).map(({ kind, step, attempt, data }, n) => sql`(${n}::int, ${kind}, ${step}, ${attempt}::int, ${data}::jsonb)`);
    // In its own select, so that a lost lease raises before anything is inserted.
    const rows = await session.query<EventRow>(sql`
      with held as materialized (select hotstick.hold(${run}::bigint, ${token}) as yes)
      insert into hotstick.events (run, kind, step, attempt, data)
      select ${run}::bigint, e.kind, e.step, e.attempt, e.data from held, (values ${join(values)}) as e (n, kind, step, attempt, data) where held.yes::text = '' order by e.n
      returning ${eventColumns}`);
    const row = rows.at(-1);
    if (row === undefined) throw new Error("an event was not journalled");
    return eventOf(row);
  },

  async requestPause(session, run, by) {
    await session.query(sql`insert into hotstick.events (run, kind, data) values (${run}::bigint, 'pause-requested', ${json({ by })}::jsonb)`);
  },

  async happened(session, run, step, attempt) {
    const [row] = await session.query<EventRow>(sql`
      select ${eventColumns} from hotstick.events where run = ${run}::bigint and step = ${step} and attempt = ${attempt}::int and kind in ('done', 'undo-done')`);
    return row === undefined ? null : eventOf(row);
  },

  async take(session, { run, token }, next) {
    const [row] = await session.query<{ taken: boolean }>(
      sql`select hotstick.take(${run}::bigint, ${token}, ${next.token}, ${json(next.holder)}::json, ${next.ttlMs}::bigint, ${next.abandoned}) as taken`,
    );
    return row?.taken ?? false;
  },

  async beat(session, { run, token }, ttlMs) {
    const [row] = await session.query<{ held: boolean; asked: string | null }>(sql`
      with beaten as (
        update hotstick.leases set beat_at = clock_timestamp(), expires_at = ${later(ttlMs)}
        where run = ${run}::bigint and token = ${token} and expires_at > clock_timestamp() returning run)
      select exists (select from beaten) as held, (${askedToPause(run)}) as asked`);
    return { held: row?.held ?? false, pauseRequestedBy: row?.asked ?? null };
  },

  async record(session, { run, token }, backend, purpose) {
    // What an earlier holder left was ended before its lease was taken.
    await session.query(sql`
      with held as materialized (select hotstick.hold(${run}::bigint, ${token}) as yes),
        old as (delete from hotstick.backends where run = ${run}::bigint and token <> ${token})
      insert into hotstick.backends (run, token, pid, started, purpose) select ${run}::bigint, ${token}, ${backend.pid}::int, ${backend.started}, ${purpose} from held where held.yes::text = ''
      on conflict (run, pid, started) do update set token = excluded.token, purpose = excluded.purpose`);
  },

  async release(session, { run, token }) {
    await session.query(sql`select hotstick.release(${run}::bigint, ${token})`);
  },
};
